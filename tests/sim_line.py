"""The stand-in's state machine on a clock that the test moves, and what it refused."""

import heapq
import itertools

import msgspec
import pytest

from simulator.leg import Act, Emit, StartTimer, StopTimers, Switch
from simulator.legs import Legs
from simulator.parameters import VERBS, Dial, read_body
from simulator.refusals import Refusal
from simulator.scenario import InboundCall

CALLER, OURS, DESK = "+12025550142", "+13125550100", "+13125550111"
BODIES = {
    "bridge": {"call_control_id": "other"},
    "client_state_update": {"client_state": "eA=="},
    "gather_using_speak": {"payload": "x" * 20, "voice": "female"},
    "playback_start": {"audio_url": "https://media.example.com/a.mp3"},
    "record_start": {"format": "mp3", "channels": "dual"},
    "reject": {"cause": "USER_BUSY"},
    "send_dtmf": {"digits": "1"},
    "speak": {"payload": "x" * 40, "voice": "female"},
    "streaming_start": {"stream_url": "wss://media.example.com/live"},
    "transfer": {"to": DESK},
}
BEFORE_THE_ANSWER = {"answer", "reject", "hangup", "client_state_update"}
ON_A_LEG = VERBS - {"dial"}


class Line:
    """Plays the switch's effects on a clock of its own; `told` is every webhook so far."""

    def __init__(self, desk=None, *, adopt=False):
        ids = (f"id{n}" for n in itertools.count(1))
        self.switch = Switch(ids=ids, connection_id="2900", storage_url="http://sim", adopt=adopt)
        self.switch.callees |= {DESK: desk} if desk else {}
        self.legs = Legs(self.switch)
        self.now = 1000.0
        self.told: list[Emit] = []
        self._due: list[tuple[float, int, str, Act]] = []
        self._order = itertools.count()

    def run(self, effects):
        for effect in effects:
            match effect:
                case Emit():
                    self.told.append(effect)
                case StartTimer(ccid, act, after_s):
                    self._stop(ccid, act)
                    heapq.heappush(self._due, (self.now + after_s, next(self._order), ccid, act))
                case StopTimers(ccid, act):
                    self._stop(ccid, act)

    def _stop(self, ccid, act):
        self._due = [t for t in self._due if not (t[2] == ccid and act in (None, t[3]))]
        heapq.heapify(self._due)

    def wait(self, seconds):
        until = self.now + seconds
        while self._due and self._due[0][0] <= until:
            self.now, _, ccid, act = heapq.heappop(self._due)
            self.run(self.legs.fire(ccid, act, self.now))
        self.now = until

    def ring_in(self, **call):
        leg, effects = self.legs.ring_in(InboundCall(CALLER, OURS, **call), self.now)
        self.run(effects)
        return leg.call_control_id

    def dial(self, to=DESK, **body):
        raw = msgspec.json.encode({"connection_id": "2900", "from": OURS, "to": to, **body})
        dialled = read_body("dial", raw)
        assert isinstance(dialled, Dial)
        reply, effects = self.legs.dial(dialled, self.now)
        self.run(effects)
        return reply["call_control_id"]

    def command(self, verb, ccid, **body):
        raw = msgspec.json.encode(BODIES.get(verb, {}) | body)
        reply, effects = self.legs.command(verb, ccid, read_body(verb, raw), self.now)
        self.run(effects)
        return reply

    def answered_caller(self):
        ccid = self.ring_in()
        self.command("answer", ccid)
        return ccid

    @property
    def timers(self):
        return [act.does for *_, act in sorted(self._due)]

    @property
    def next_at(self):
        """When its next timer is due; None without one."""
        return self._due[0][0] if self._due else None

    def leg(self, ccid):
        return self.switch.legs[ccid]

    def names(self, ccid=None):
        return [e.event_type.removeprefix("call.") for e in self.told if ccid in (None, e.call_control_id)]

    def last(self, event_type):
        return [event.payload for event in self.told if event.event_type == event_type][-1]


def code_of(call, *args, **kwargs):
    with pytest.raises(Refusal) as refused:
        call(*args, **kwargs)
    return refused.value.status, refused.value.code
