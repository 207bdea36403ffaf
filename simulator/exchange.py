"""Runs the pure machine: gives it the time and ids, performs its effects, keeps its ledger."""

import time
import uuid
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import msgspec

from simulator.applications import Applications
from simulator.clock import Clock
from simulator.delivery import Courier
from simulator.faults import CommandFault, CommandStrike, FaultPlan, Faults
from simulator.ledger import Entry, Ledger, Request
from simulator.leg import Act, Effect, Emit, Leg, StartTimer, State, StopTimers, Switch
from simulator.legs import Legs
from simulator.parameters import VERBS, Dial, read_body
from simulator.refusals import (
    Refusal,
    invalid,
    not_authorised,
    not_found,
    server_error,
    too_many_requests,
    unauthenticated,
)
from simulator.scenario import InboundCall, Scenario
from simulator.sign import Signer


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How the stand-in was started; a reset goes back to this."""

    connection_id: str
    base_url: str
    signer: Signer
    webhook_urls: list[str]
    dedupe_s: float
    faults: FaultPlan
    adopt: bool
    speed: float


class Answer(NamedTuple):
    """What goes back over HTTP, and the fault that may still swallow or delay it."""

    status: int
    body: bytes
    strike: CommandStrike | None


class Exchange:
    """One account's calls while the event loop runs."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.switch = Switch(
            ids=_uuids(),
            connection_id=options.connection_id,
            storage_url=f"{options.base_url}/storage/recordings",
            adopt=options.adopt,
        )
        self.legs = Legs(self.switch)
        self.applications = Applications()
        self.ledger = Ledger(options.dedupe_s)
        self.faults = Faults(options.faults)
        self.courier = Courier(options.signer, list(options.webhook_urls), options.speed)
        self.clock = Clock(options.speed)

    def command(self, request: Request, *, authenticated: bool) -> Answer:
        """Perform one command request, or refuse it, or let a fault take it; it stands in the ledger."""
        strike = self.faults.strike_command(request.verb) if authenticated else None
        fault = strike.fault if strike else None
        entry = self.ledger.open(request, time.time(), fault)
        try:
            if not authenticated:
                raise unauthenticated()
            _refuse_instead(fault)
            reply = self._perform(request, entry)
            _refuse_after(fault)
            status, body = 200, msgspec.json.encode({"data": reply})
        except Refusal as refusal:
            entry.error_code = refusal.code
            status, body = refusal.status, refusal.body()
        entry.status = None if fault in ("silence", "reset") else status
        return Answer(status, body, strike)

    def _perform(self, request: Request, entry: Entry) -> dict[str, object]:
        if request.verb not in VERBS:
            raise not_found()
        self._note_leg(entry, request.call_control_id)
        body = read_body(request.verb, request.raw)
        performed = self.ledger.performed_before(entry)
        if performed is not None:
            entry.duplicate_of = performed.seq
            self._note_leg(entry, performed.call_control_id)
            return performed.reply
        if isinstance(body, Dial):
            reply, effects = self.legs.dial(body, entry.at)
            self._note_leg(entry, str(reply["call_control_id"]))
        else:
            reply, effects = self.legs.command(request.verb, request.call_control_id or "", body, entry.at)
            self._note_leg(entry, request.call_control_id)
        self.ledger.remember(entry, reply)
        self.run(effects)
        return reply

    def _note_leg(self, entry: Entry, call_control_id: str | None) -> None:
        leg = self.switch.legs.get(call_control_id or "")
        if leg is not None:
            entry.call_control_id = leg.call_control_id
            entry.leg_id, entry.session_id = leg.call_leg_id, leg.call_session_id

    def ring_in(self, call: InboundCall) -> Leg:
        leg, effects = self.legs.ring_in(call, time.time())
        self.run(effects)
        return leg

    def hang_up_far_side(self, call_control_id: str) -> None:
        """Raises Refusal for an unknown leg."""
        self.run(self.legs.hang_up_far_side(call_control_id, time.time()))

    def press(self, call_control_id: str, digits: str) -> None:
        """Raises Refusal for an unknown leg."""
        self.run(self.legs.press(call_control_id, digits, time.time()))

    def play(self, scenario: Scenario) -> None:
        """Learn its callees and place its calls, each at its time."""
        self.switch.callees |= scenario.callees
        for call in scenario.calls:
            self.clock.plan(call.at, partial(self.ring_in, call))

    def run(self, effects: list[Effect]) -> None:
        """Perform what the machine asks for."""
        for effect in effects:
            match effect:
                case Emit():
                    self.courier.send(effect, self.faults.strike_webhook(effect.event_type))
                case StartTimer(call_control_id, act, after_s):
                    self.clock.start(call_control_id, act, after_s, partial(self._fire, call_control_id, act))
                case StopTimers(call_control_id, act):
                    self.clock.stop(call_control_id, act)

    def _fire(self, call_control_id: str, act: Act) -> None:
        self.run(self.legs.fire(call_control_id, act, time.time()))

    @property
    def live_legs(self) -> int:
        """Adopted legs are left out: nothing but a command ends them."""
        return sum(leg.state is not State.ENDED and not leg.adopted for leg in self.switch.legs.values())

    async def close(self) -> None:
        self.clock.close()
        await self.courier.close()


def _refuse_instead(fault: CommandFault | None) -> None:
    """Raises the Refusal of a fault that comes instead of the command."""
    match fault:
        case "401":
            raise unauthenticated()
        case "403":
            raise not_authorised()
        case "404":
            raise not_found()
        case "422":
            raise invalid("The command cannot be performed.")
        case "429" | "429_reset" | "429_bare":
            raise too_many_requests()
        case "500" | "502" | "503" | "504" as status:
            raise server_error(int(status))
        case _:
            return


def _refuse_after(fault: CommandFault | None) -> None:
    """Raises the Refusal of a fault that comes when the command was performed."""
    if fault and fault.endswith("_after"):
        raise server_error(int(fault.removesuffix("_after")))


def _uuids() -> Iterator[str]:
    while True:
        yield str(uuid.uuid4())
