"""Calls of three short kinds, one after the other, and what was asked of Telnyx for each of them."""

import time
from collections import defaultdict
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx

from tests.e2e.stack import TOKEN
from tests.e2e.standin import Entry
from tests.faults.announcing import LONG_TEXT
from tests.faults.checker import doubled
from tests.faults.fleet import Fleet
from tests.waiting import PATIENCE_S, wait_until

_DIALPLAN: Final = f"""
version = 1
timezone = "UTC"
voice = "female"
[limits]
allow = ["+1*"]
[outbound.notice]
from = "+13125550300"
human = {{ do = "say", text = "{LONG_TEXT}" }}
[[rules]]
name = "announcement"
when = {{ to = "+13125550400" }}
then = {{ do = "answer", then = {{ do = "say", text = "{LONG_TEXT}", then = {{ do = "hangup" }} }} }}
[default]
then = {{ do = "reject" }}
"""
COMMANDS: Final = {
    "announcement": ["answer", "speak", "hangup"],
    "rejected": ["reject"],
    "notice": ["dial", "speak", "hangup"],
}
NUMBERS: Final = {"announcement": "+13125550400", "rejected": "+13125550999"}
NEVER_S: Final = 1200.0  # until the stand-in gives up a call that gets no command


def dialplan(folder: Path) -> Path:
    """That of these calls, in a file."""
    path = folder / "dialplan.toml"
    path.write_text(_DIALPLAN)
    return path


class Calls:
    """What was placed: each call's kind by its session, or by the number that we dial for it."""

    def __init__(self, running: Fleet) -> None:
        self._running = running
        self._inbound: dict[str, str] = {}
        self._dialled: list[str] = []
        running.sim.config(first_command_timeout_secs=NEVER_S)
        running.sim.people(**{"*": {"answers_after": 0.2}})

    def __len__(self) -> int:
        return len(self._inbound) + len(self._dialled)

    def place(self, kind: str) -> None:
        if kind in NUMBERS:
            self._inbound[self._running.sim.ring_in(NUMBERS[kind])] = kind
            return
        to = f"+1202556{len(self._dialled):04}"
        ask_for(self._running.where.web, kind, to)
        self._dialled.append(to)

    def go_on(self, for_s: float, every_s: float) -> None:
        """The kinds in turn, one call after the other, for so long."""
        end = time.monotonic() + for_s
        while time.monotonic() < end:
            self.place(list(COMMANDS)[len(self) % len(COMMANDS)])
            time.sleep(every_s)

    def assert_each_got_its_commands_once(self) -> None:
        """And no event is lost, no command sent with other bytes under the same id."""
        ledger = self._running.sim.ledger()
        done: defaultdict[str | None, list[str]] = defaultdict(list)
        number: dict[str | None, str] = {}
        for entry in ledger:
            if entry.effective:
                done[entry.session_id].append(entry.verb)
                if entry.verb == "dial":
                    number[entry.session_id] = entry.body["to"]
        came = {number.get(session, session): verbs for session, verbs in done.items()}
        kinds = self._inbound | dict.fromkeys(self._dialled, "notice")
        assert came == {call: COMMANDS[kind] for call, kind in kinds.items()}
        assert [entry for entry in ledger if entry.same_bytes_as_first is False] == []
        assert doubled(ledger) == []
        audit = self._running.books.audit()
        assert (audit.applied, audit.parked, audit.is_balanced) == (audit.accepted, 0, True)


def ask_for(web: str, profile: str, to: str) -> str:
    """`POST /calls`, again under the same key while it cannot be stored in time; our id of the call."""
    headers = {"authorization": f"Bearer {TOKEN}", "idempotency-key": str(uuid4())}
    content = {"profile": profile, "to": to, "variables": {}}

    def stored() -> httpx.Response | None:
        answer = httpx.post(f"{web}/calls", json=content, headers=headers, timeout=PATIENCE_S, trust_env=False)
        return None if answer.status_code == 503 else answer.raise_for_status()

    return str(wait_until(stored, "the call is stored").json()["id"])


def tries(ledger: list[Entry]) -> list[list[Entry]]:
    """The requests of each command id, in their order."""
    by_id: defaultdict[tuple[str, str | None], list[Entry]] = defaultdict(list)
    for entry in ledger:
        by_id[entry.verb, entry.command_id].append(entry)
    return list(by_id.values())


def middle(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) // 2]
