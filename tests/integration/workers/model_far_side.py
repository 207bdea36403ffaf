"""Telnyx for the model: the stand-in's pure state machine on a clock that the model alone moves.

Nothing happens here by itself. The model lets a request arrive, a timer of the far side go off, a webhook leave.
"""

import itertools
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from shared.commands import Request
from shared.telnyx import Answer
from shared.telnyx.answer import read_answer
from simulator import ledger, looks
from simulator.ledger import Entry, Ledger
from simulator.leg import Act, Does, Effect, Emit, Leg, StartTimer, State, StopTimers, Switch
from simulator.legs import Legs
from simulator.parameters import Dial, read_body
from simulator.payloads import wire_time
from simulator.query import Ask
from simulator.refusals import Refusal, invalid, server_error, too_many_requests
from simulator.scenario import Callee, InboundCall

CONNECTION: Final = "2900000000000000001"
MEMORY_S: Final = 60.0  # of command ids (Telnyx docs: receiving-webhooks)
NEVER_COMES: Final = frozenset({Does.TIME_IS_UP})  # four hours: a leg that is left to it was left behind
BEGINS_AT: Final = 1_800_000_000.0


class FarSide:
    """One account's legs and ledger; `webhooks` are those that have not been delivered yet."""

    def __init__(self, callees: Mapping[str, Callee]) -> None:
        ids = (f"id{n}" for n in itertools.count(1))
        self.switch = Switch(ids=ids, connection_id=CONNECTION, storage_url="http://storage.invalid")
        self.switch.callees |= callees
        self.legs = Legs(self.switch)
        self.ledger = Ledger(MEMORY_S)
        self.now = BEGINS_AT
        self.webhooks: list[bytes] = []
        self._timers: dict[tuple[str, Act], float] = {}

    def ring_in(self, call: InboundCall) -> None:
        self._play(self.legs.ring_in(call, self.now)[1])

    def perform(self, request: Request) -> Answer:
        """A request arrives, and is performed, refused, or known from before."""
        try:
            reply = self._look(request) if request.method == "GET" else {"data": self._command(request)}
            return _answer(request, 200, msgspec.json.encode(reply))
        except Refusal as refusal:
            return _answer(request, refusal.status, refusal.body())

    def due_in(self) -> float | None:
        """Seconds until something happens at the far side by itself."""
        return min(self._timers.values()) - self.now if self._timers else None

    def happen(self) -> str:
        """The next thing that happens by itself, and which it was."""
        (control_id, act), at = min(self._timers.items(), key=lambda timer: timer[1])
        del self._timers[control_id, act]
        self.now = max(self.now, at)
        self._play(self.legs.fire(control_id, act, self.now))
        return f"{self.role(control_id)}: {act.does.value} {act.detail}"

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while (due_in := self.due_in()) is not None and self.now + due_in <= until:
            self.happen()
        self.now = until

    def role(self, control_id: str | None) -> str:
        """Whose leg it is: members of a group stand for each other."""
        leg = self.switch.legs.get(control_id or "")
        return "" if leg is None else "caller" if leg.direction == "incoming" else "callee"

    def effects(self) -> list[str]:
        """The commands that had an effect: what was done to whom."""
        done = [entry for entry in self.ledger.entries if entry.effective]
        return [entry.verb if entry.verb == "dial" else self.label(entry) for entry in done]

    def label(self, entry: Entry) -> str:
        return f"{entry.verb} {self.role(entry.call_control_id)}"

    @property
    def live_legs(self) -> list[Leg]:
        return [leg for leg in self.switch.legs.values() if leg.state is not State.ENDED]

    def _command(self, request: Request) -> dict[str, object]:
        """As the stand-in's exchange performs it. Raises Refusal."""
        control_id, verb = _addressed(request)
        asked = ledger.Request(request.method, request.path, verb, control_id, request.body, None)
        entry = self.ledger.open(asked, self.now, None)
        body = read_body(verb, request.body)
        performed = self.ledger.performed_before(entry)
        if performed is not None:
            entry.duplicate_of = performed.seq
            return performed.reply
        if isinstance(body, Dial):
            reply, effects = self.legs.dial(body, self.now)
            entry.call_control_id = str(reply["call_control_id"])
        else:
            reply, effects = self.legs.command(verb, control_id or "", body, self.now)
        self.ledger.remember(entry, reply)
        self._play(effects)
        return reply

    def _look(self, request: Request) -> looks.JsonObject:
        """Raises Refusal."""
        where = urlsplit(request.path)
        _, room, name, *_ = where.path.split("/")
        query = dict(parse_qsl(where.query))
        if room == "calls":
            return looks.call_status(self, Ask({"call_control_id": unquote(name)}, query, b"", self.now))
        return looks.active_calls(self, Ask({"connection_id": unquote(name)}, query, b"", self.now))

    def _play(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Emit():
                    self.webhooks.append(_body(effect))
                case StartTimer(control_id, act, after_s) if act.does not in NEVER_COMES:
                    self._timers[control_id, act] = self.now + after_s
                case StopTimers(control_id, act):
                    for timer in [one for one in self._timers if one[0] == control_id and act in {None, one[1]}]:
                        del self._timers[timer]


def fails(request: Request) -> Answer:
    """A 503 that nothing was done for, or after something was: nobody can tell."""
    return _answer(request, 503, server_error(503).body(), {"retry-after": "40"})


def refuses(request: Request) -> Answer:
    """A 429: certainly not performed."""
    return _answer(request, 429, too_many_requests().body(), {"retry-after": "40"})


def denies(request: Request) -> Answer:
    """A 422: this try was not performed. Whether an earlier one was it does not say."""
    return _answer(request, 422, invalid("No.").body())


def falls_silent(request: Request) -> Answer:
    """The connection breaks before any answer."""
    return Answer(status=None, on_leg=request.path.startswith("/calls/"), trouble="ReadError")


def _answer(request: Request, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
    return read_answer(status, headers or {}, body, 0.0, request.path.startswith("/calls/"))


def _addressed(request: Request) -> tuple[str | None, str]:
    """The leg that a command goes to, and its verb."""
    if request.path == "/calls":
        return None, "dial"
    _, _, control_id, _, verb = request.path.split("/")
    return unquote(control_id), verb


def _body(event: Emit) -> bytes:
    data: dict[str, Any] = {
        "record_type": "event",
        "event_type": event.event_type,
        "id": event.event_id,
        "occurred_at": wire_time(event.occurred_at),
        "payload": event.payload,
    }
    return msgspec.json.encode({"data": data, "meta": {"attempt": 1}})
