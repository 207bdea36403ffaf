"""Calls that are answered, told something and hung up: three commands each, and any other is a mistake."""

import time
from typing import Final

from tests.faults.checker import doubled
from tests.faults.fleet import Fleet

NUMBER: Final = "+13125550400"
TEXT: Final = "We are closed."
LONG_TEXT: Final = "We are closed. " * 20  # its end, which proves it, comes later than others take over
DIALPLAN: Final = f"""
version = 1
timezone = "UTC"
voice = "female"
[[rules]]
name = "announcement"
when = {{ to = "{NUMBER}" }}
then = {{ do = "answer", then = {{ do = "say", text = "{TEXT}", then = {{ do = "hangup" }} }} }}
[default]
then = {{ do = "reject" }}
"""
COMMANDS: Final = ["answer", "speak", "hangup"]


class Announcing:
    """A fleet, not started yet, with that dialplan; its calls are remembered."""

    def __init__(self, fleet, folder, text: str = TEXT) -> None:
        path = folder / "dialplan.toml"
        path.write_text(DIALPLAN.replace(TEXT, text))
        self.fleet: Fleet = fleet("--speed", "4", dialplan=path)
        self.fleet.sim.config(first_command_timeout_secs=1200)
        self.sessions: list[str] = []

    def ring(self, count: int = 1) -> None:
        """So many callers at once."""
        self.sessions += [self.fleet.sim.ring_in(NUMBER) for _ in range(count)]

    def ring_for(self, seconds: float, every_s: float = 0.2) -> None:
        """Callers, one after the other."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.ring()
            time.sleep(every_s)

    def doubled(self) -> list[str]:
        """Ids of the commands that took effect more than once."""
        return doubled(self.fleet.sim.ledger())

    def assert_each_was_announced_once(self) -> None:
        """Call it when all is quiet."""
        ledger = self.fleet.sim.ledger()
        done: dict[str, list[str]] = {session: [] for session in self.sessions}
        for entry in ledger:
            if entry.effective:
                done[str(entry.session_id)].append(entry.verb)
        assert {session: verbs for session, verbs in done.items() if verbs != COMMANDS} == {}
        assert self.doubled() == []
        assert [entry for entry in ledger if entry.same_bytes_as_first is False] == []
        audit = self.fleet.books.audit()
        assert (audit.applied, audit.parked, audit.is_balanced) == (audit.accepted, 0, True)
        assert [hook for hook in self.fleet.sim.webhooks() if not hook.delivered] == []
