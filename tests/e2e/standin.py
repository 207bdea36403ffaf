"""The stand-in for Telnyx as a process, and its control API in the words of the tests."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from tests.e2e.process import Process
from tests.waiting import wait_until


class Entry(msgspec.Struct):
    """One command request as the stand-in saw it."""

    seq: int
    at: float  # Unix seconds
    verb: str
    call_control_id: str | None
    session_id: str | None
    command_id: str | None
    body: dict[str, Any]
    body_sha256: str
    effective: bool
    duplicate_of: int | None
    same_bytes_as_first: bool | None
    status: int | None
    error_code: str | None
    fault: str | None
    connection: int | None  # the client's port


class Leg(msgspec.Struct):
    """One leg of a call as the stand-in sees it at the end."""

    call_control_id: str
    call_session_id: str
    to: str
    state: str
    hangup_cause: str | None


class Webhook(msgspec.Struct):
    """One event, and how its delivery went, over all copies and attempts."""

    id: str
    event_type: str
    call_control_id: str
    occurred_at: float
    copies: int
    attempts: int
    delivered: bool


class StandIn:
    """A running simulator. Its JSON line names the addresses."""

    def __init__(self, log: Path, *arguments: str) -> None:
        argv = [sys.executable, "-m", "simulator", "--die-with-parent", *arguments]
        self.process = Process(argv, {"PATH": os.environ["PATH"]}, log, stdin=subprocess.PIPE)
        try:
            line = wait_until(lambda: self._first_line(log), "the simulator tells its addresses")
        except BaseException:
            self.process.kill()
            raise
        told = msgspec.json.decode(line, type=dict[str, str])
        self.url, self.control, self.public_key = told["url"], told["control"], told["public_key"]
        self.host = httpx.URL(self.url).netloc.decode()
        self._control = httpx.Client(base_url=self.control, timeout=10, trust_env=False)

    def _first_line(self, log: Path) -> bytes:
        assert self.process.is_alive, self.process.output
        line, end, _ = log.read_bytes().partition(b"\n")
        return line if end else b""

    def close(self) -> None:
        self._control.close()
        self.process.kill()

    def ring_in(self, to: str, from_: str = "+12025550142", **more: Any) -> str:
        """A caller dials one of our numbers; the session of the call."""
        answer = self._control.post("/calls", json={"from": from_, "to": to, **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["call_session_id"])

    def hang_up(self, session: str) -> None:
        """Whoever is at the far end of a call's first leg puts the phone down."""
        leg = next(leg for leg in self.legs() if leg.call_session_id == session)
        answer = self._control.post(f"/legs/{quote(leg.call_control_id, safe='')}/hangup")
        assert answer.status_code == 200, answer.text

    def people(self, **callees: Any) -> None:
        """How numbers behave that are dialled: `people(**{"+1312…": {"busy": True}})`."""
        self._put("callees", callees)

    def faults(self, *rules: dict[str, Any], seed: int | None = None) -> None:
        self._put("faults", {"rules": rules, "seed": seed})

    def config(self, **settings: Any) -> None:
        self._put("config", settings)

    def reset(self) -> None:
        """As it was started: calls, ledger, people and faults are forgotten."""
        assert self._control.post("/reset").status_code == 200

    def _put(self, what: str, value: object) -> None:
        answer = self._control.put(f"/{what}", json=value)
        assert answer.status_code == 200, answer.text

    def ledger(self) -> list[Entry]:
        return msgspec.json.decode(self._control.get("/ledger").content, type=list[Entry])

    def legs(self) -> list[Leg]:
        return msgspec.json.decode(self._control.get("/legs").content, type=list[Leg])

    def webhooks(self) -> list[Webhook]:
        """Every event that it told of, once, in the order in which they came about."""
        return msgspec.json.decode(self._control.get("/webhooks").content, type=list[Webhook])

    def activity(self) -> dict[str, int]:
        """What goes on here: live legs, webhooks on their way, timers; nothing when all is over."""
        counts = self._control.get("/idle").json()
        return {name: int(count) for name, count in counts.items() if name != "idle" and count}

    def recording(self, recording_id: str) -> bytes:
        """The file, by Telnyx's own way to it: a fresh link from the API."""
        token = {"authorization": "Bearer any"}
        about = httpx.get(f"{self.url}/recordings/{recording_id}", headers=token, trust_env=False).json()["data"]
        (link,) = about["download_urls"].values()
        return httpx.get(link, trust_env=False).raise_for_status().content

    def commands(self, session: str) -> list[str]:
        """The commands of a call that had an effect, in order, with their targets: `hangup +1312…`."""
        number = {leg.call_control_id: leg.to for leg in self.legs()}
        told = (entry for entry in self.ledger() if entry.effective and entry.session_id == session)
        return [_described(entry, number) for entry in told]

    def without_effect(self) -> list[tuple[str, str | None]]:
        """Verb and error code of every request that was refused or met a fault.

        Not of repeats: a busy machine may be silent for the half second after which the same bytes go out again.
        """
        idle = (entry for entry in self.ledger() if not entry.effective and entry.duplicate_of is None)
        return [(entry.verb, entry.error_code) for entry in idle]

    def session_of_dial(self, to: str) -> str:
        """The session that our only dial to a number began."""
        (entry,) = [one for one in self.ledger() if one.verb == "dial" and one.effective and one.body["to"] == to]
        assert entry.session_id is not None
        return entry.session_id


def _described(entry: Entry, number: dict[str, str]) -> str:
    match entry.verb:
        case "dial" | "transfer":
            return f"{entry.verb} {entry.body['to']}"
        case "hangup":
            return f"hangup {number[entry.call_control_id or '']}"
        case verb:
            return verb
