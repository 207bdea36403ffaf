"""The stand-in's state machine: what each leg tells, and what it refuses, over a clock that the test moves."""

import heapq
import itertools
import json
from pathlib import Path

import msgspec
import pytest

from simulator.leg import Act, Does, Emit, StartTimer, State, StopTimers, Switch
from simulator.legs import Legs
from simulator.parameters import VERBS, Dial, read_body
from simulator.refusals import Refusal
from simulator.scenario import Callee, InboundCall

PAYLOADS = Path(__file__).parents[1] / "payloads"
CALLER, OURS, DESK = "+12025550142", "+13125550100", "+13125550111"
BODIES = {
    "bridge": {"call_control_id": "other"},
    "client_state_update": {"client_state": "eA=="},
    "playback_start": {"audio_url": "https://media.example.com/a.mp3"},
    "record_start": {"format": "mp3", "channels": "dual"},
    "reject": {"cause": "USER_BUSY"},
    "speak": {"payload": "x" * 40, "voice": "female"},
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
                    heapq.heappush(self._due, (self.now + after_s, next(self._order), ccid, act))
                case StopTimers(ccid, act):
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


# What may come when


@pytest.mark.parametrize("verb", sorted(ON_A_LEG - BEFORE_THE_ANSWER))
def test_an_incoming_call_takes_nothing_else_before_its_answer(verb):
    line = Line()
    caller = line.ring_in()

    refusal = code_of(line.command, verb, caller)

    assert refusal == (422, "90034")


@pytest.mark.parametrize("verb", sorted(ON_A_LEG - BEFORE_THE_ANSWER))
def test_an_outgoing_call_takes_neither_sound_nor_bridge_before_its_answer(verb):
    line = Line()
    callee = line.dial()

    refusal = code_of(line.command, verb, callee)

    assert refusal == (422, "90034")


@pytest.mark.parametrize("verb", ["answer", "reject"])
def test_an_outgoing_call_is_never_answered_or_rejected_by_us(verb):
    line = Line()
    callee = line.dial()

    refusal = code_of(line.command, verb, callee)

    assert refusal == (422, "10015")


@pytest.mark.parametrize("verb", sorted(ON_A_LEG))
def test_an_ended_call_takes_no_command(verb):
    line = Line()
    caller = line.ring_in()
    line.command("hangup", caller)

    refusal = code_of(line.command, verb, caller)

    assert refusal == (422, "90018")


@pytest.mark.parametrize("verb", sorted(ON_A_LEG))
def test_a_call_that_never_was_takes_no_command(verb):
    refusal = code_of(Line().command, verb, "v3:nobody")

    assert refusal == (422, "90015")


def test_an_answered_call_is_not_answered_twice():
    line = Line()
    caller = line.answered_caller()

    refusal = code_of(line.command, "answer", caller)

    assert refusal == (422, "10015")
    assert line.names(caller) == ["initiated", "answered"]


def test_a_refused_command_changes_nothing():
    line = Line()
    caller, callee = line.answered_caller(), line.dial()

    refusal = code_of(line.command, "bridge", caller, call_control_id=callee, client_state="eA==")

    assert refusal == (422, "90034")
    assert line.leg(caller).client_state is None
    assert line.leg(caller).state is State.ANSWERED


# How calls end


@pytest.mark.parametrize(
    ("callee", "dial", "after_s", "cause", "sip"),
    [
        (Callee(busy=True, answers_after=0.2), {}, 0.2, "user_busy", "486"),
        (Callee(rejects=True), {}, 0.05, "call_rejected", "603"),
        (Callee(no_answer=True), {"timeout_secs": 7}, 7.0, "timeout", "487"),
        (Callee(no_answer=True), {"timeout_secs": 7, "retry_on_timeout": False}, 7.0, "no_answer", "487"),
        (Callee(no_answer=True, gives_up_after=0.5), {}, 0.5, "no_answer", "480"),
        (Callee(answers_after=9.0), {"timeout_secs": 5}, 5.0, "timeout", "487"),
    ],
)
def test_an_unanswered_dial_ends_with_its_cause_at_its_time(callee, dial, after_s, cause, sip):
    line = Line(callee)

    ccid = line.dial(**dial)
    line.wait(60)

    ended = line.last("call.hangup")
    assert line.names() == ["initiated", "hangup"]
    assert (ended["hangup_cause"], ended["sip_hangup_cause"]) == (cause, sip)
    assert line.leg(ccid).ended_at == pytest.approx(1000.0 + after_s)


def test_a_number_without_a_script_is_a_human_who_answers_and_soon_hangs_up():
    line = Line()

    ccid = line.dial()
    line.wait(1)

    ended = line.last("call.hangup")
    assert line.names(ccid) == ["initiated", "answered", "hangup"]
    assert (ended["hangup_cause"], ended["hangup_source"]) == ("normal_clearing", "callee")
    assert line.leg(ccid).answered_at == pytest.approx(1000.05)
    assert line.leg(ccid).ended_at == pytest.approx(1000.55)


@pytest.mark.parametrize(
    ("answered", "cause"), [(False, ("originator_cancel", "487")), (True, ("normal_clearing", "200"))]
)
def test_the_caller_hangs_up_at_the_scripted_time(answered, cause):
    line = Line()
    caller = line.ring_in(hangs_up_after=2.0)
    if answered:
        line.command("answer", caller)

    line.wait(3)

    ended = line.last("call.hangup")
    assert (ended["hangup_cause"], ended["sip_hangup_cause"]) == cause
    assert ended["hangup_source"] == "caller"


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        ("CALL_REJECTED", ("call_rejected", "603")),
        ("USER_BUSY", ("user_busy", "486")),
        ("NOT_FOUND", ("not_found", "404")),
        ("TEMPORARILY_UNAVAILABLE", ("unspecified", "480")),
    ],
)
def test_a_rejected_call_tells_the_cause_it_was_rejected_with(cause, told):
    line = Line()
    caller = line.ring_in()

    line.command("reject", caller, cause=cause)

    ended = line.last("call.hangup")
    assert (ended["hangup_cause"], ended["sip_hangup_cause"]) == told


def test_a_call_that_gets_no_command_is_hung_up():
    line = Line()
    caller = line.ring_in()

    line.wait(29.9)
    before = line.leg(caller).state
    line.wait(0.2)

    assert before is State.PARKED
    assert line.names(caller) == ["initiated", "hangup"]


def test_an_accepted_command_stops_the_wait_for_a_first_one_and_a_refused_one_does_not():
    line = Line()
    touched, refused = line.ring_in(), line.ring_in()

    line.command("client_state_update", touched)
    code_of(line.command, "speak", refused)
    line.wait(31)

    assert line.leg(touched).state is State.PARKED
    assert line.leg(refused).state is State.ENDED


@pytest.mark.parametrize("does", [Does.CALLEE_ACTS, Does.RINGS_OUT, Does.GIVES_UP, Does.NO_FIRST_COMMAND])
def test_a_late_timer_changes_nothing(does):
    line = Line()
    caller = line.answered_caller()

    effects = line.legs.fire(caller, Act(does), line.now)

    assert effects == []


# Transfer and bridge


def test_a_transfer_tells_of_the_new_leg_and_then_of_the_bridge_on_both():
    line = Line()
    caller = line.answered_caller()

    line.command("transfer", caller, client_state="b3Jp", target_leg_client_state="dGFyZw==")
    line.wait(0.1)

    (target,) = line.leg(caller).transfers_to
    assert line.names(caller) == ["initiated", "answered", "bridged"]
    assert line.names(target) == ["initiated", "answered", "bridged"]
    assert line.leg(target).call_session_id == line.leg(caller).call_session_id
    assert {e.payload["client_state"] for e in line.told if e.call_control_id == target} == {"dGFyZw=="}
    assert line.told[2].payload["direction"] == "outgoing"
    assert line.told[2].payload["state"] == "bridging"
    assert line.told[2].payload["from"] == OURS


def test_a_failed_transfer_ends_only_its_own_leg():
    line = Line(Callee(busy=True))
    caller = line.answered_caller()

    line.command("transfer", caller)
    line.wait(1)

    (target,) = line.leg(caller).transfers_to
    assert line.names(target) == ["initiated", "hangup"]
    assert line.leg(caller).state is State.ANSWERED


def test_a_caller_who_leaves_takes_the_ringing_transfer_along():
    line = Line(Callee(no_answer=True))
    caller = line.answered_caller()
    line.command("transfer", caller)

    line.run(line.legs.hang_up_far_side(caller, line.now))

    (target,) = line.leg(caller).transfers_to
    assert line.leg(target).ending.cause == "originator_cancel"
    assert line.leg(caller).ending == ("normal_clearing", "caller", "200")


def test_when_one_leg_of_a_bridge_ends_the_other_is_hung_up():
    line = Line()
    caller = line.answered_caller()

    line.command("transfer", caller)
    line.wait(2)

    assert line.names(caller)[-1] == "hangup"
    assert line.leg(caller).ending == ("normal_clearing", "callee", "200")


def test_a_bridge_connects_two_answered_legs_with_an_event_for_each():
    line = Line(Callee())
    caller, callee = line.answered_caller(), line.dial()
    line.wait(0.1)

    line.command("bridge", caller, call_control_id=callee)

    assert line.names(caller)[-1] == line.names(callee)[-1] == "bridged"
    assert line.leg(caller).bridged_to == callee
    assert line.leg(callee).bridged_to == caller


@pytest.mark.parametrize("other", ["v3:nobody", "itself"])
def test_a_bridge_needs_another_leg(other):
    line = Line()
    caller = line.answered_caller()

    refusal = code_of(line.command, "bridge", caller, call_control_id=caller if other == "itself" else other)

    assert refusal == (422, "90015")


def test_a_bridged_leg_that_is_transferred_leaves_its_partner_behind():
    line = Line(Callee())
    caller = line.answered_caller()
    line.command("transfer", caller)
    line.wait(0.1)

    line.command("transfer", caller, to="+13125550112")
    line.wait(0.1)

    first, second = line.leg(caller).transfers_to
    assert line.leg(first).state is State.ENDED
    assert line.leg(second).bridged_to == caller
    assert line.leg(caller).state is State.BRIDGED


def test_a_linked_dial_shares_the_session_and_another_does_not():
    line = Line()
    caller = line.answered_caller()

    linked, alone = line.dial(link_to=caller), line.dial()

    session = line.leg(caller).call_session_id
    assert line.leg(linked).call_session_id == session
    assert line.leg(alone).call_session_id != session


def test_a_dial_linked_to_an_ended_call_is_refused():
    line = Line()
    caller = line.answered_caller()
    line.command("hangup", caller)

    refusal = code_of(line.dial, link_to=caller)

    assert refusal == (422, "90018")


def test_every_later_event_carries_the_newest_client_state():
    line = Line()
    caller = line.ring_in()

    line.command("answer", caller, client_state="b25l")
    line.command("client_state_update", caller, client_state="dHdv")
    line.command("hangup", caller)

    assert [e.payload["client_state"] for e in line.told] == [None, "b25l", "dHdv"]


# Answering machine detection

PREMIUM, STANDARD = "machine.premium.", "machine."


@pytest.mark.parametrize(
    ("mode", "callee", "told"),
    [
        ("disabled", Callee(), []),
        ("detect", Callee(), [(STANDARD + "detection.ended", "human")]),
        ("detect", Callee(as_="machine", beep_after=0.4), [(STANDARD + "detection.ended", "machine")]),
        ("detect", Callee(as_="fax"), [(STANDARD + "detection.ended", "not_sure")]),
        ("detect_beep", Callee(as_="machine"), [(STANDARD + "detection.ended", "machine")]),
        (
            "detect_beep",
            Callee(as_="machine", beep_after=0.4),
            [(STANDARD + "detection.ended", "machine"), (STANDARD + "greeting.ended", "beep_detected")],
        ),
        (
            "detect_words",
            Callee(as_="machine"),
            [(STANDARD + "detection.ended", "machine"), (STANDARD + "greeting.ended", "not_sure")],
        ),
        (
            "greeting_end",
            Callee(as_="machine"),
            [(STANDARD + "detection.ended", "machine"), (STANDARD + "greeting.ended", "ended")],
        ),
        ("premium", Callee(), [(PREMIUM + "detection.ended", "human_residence")]),
        ("premium", Callee(as_="business"), [(PREMIUM + "detection.ended", "human_business")]),
        ("premium", Callee(as_="fax"), [(PREMIUM + "detection.ended", "fax_detected")]),
        ("premium", Callee(as_="silence"), [(PREMIUM + "detection.ended", "silence")]),
        ("premium", Callee(as_="not_sure"), [(PREMIUM + "detection.ended", "not_sure")]),
        (
            "premium",
            Callee(as_="machine", beep_after=0.4),
            [(PREMIUM + "detection.ended", "machine"), (PREMIUM + "greeting.ended", "beep_detected")],
        ),
        (
            "premium",
            Callee(as_="machine"),
            [(PREMIUM + "detection.ended", "machine"), (PREMIUM + "greeting.ended", "no_beep_detected")],
        ),
        (
            "premium",
            Callee(as_="machine", beep_after=0.05, early_beep=True),
            [(PREMIUM + "greeting.ended", "beep_detected")],
        ),
        ("premium", Callee(as_="machine", no_verdict=True), []),
        ("detect", Callee(no_verdict=True), []),
    ],
)
def test_detection_reports_what_the_callee_is(mode, callee, told):
    line = Line(callee)

    line.dial(answering_machine_detection=mode)
    line.wait(60)

    results = [(e.event_type.removeprefix("call."), e.payload.get("result")) for e in line.told]
    assert [one for one in results if one[1] is not None] == told


def test_premium_detection_tells_its_beginning():
    line = Line(Callee())

    line.dial(answering_machine_detection="premium")
    line.wait(1)

    assert line.names()[:3] == ["initiated", "answered", "machine.premium.detection.started"]


def test_a_hangup_before_the_verdict_leaves_the_call_without_one():
    line = Line(Callee(verdict_after=0.5, hangs_up_after=0.2))

    line.dial(answering_machine_detection="detect")
    line.wait(5)

    assert line.names() == ["initiated", "answered", "hangup"]


# Sound


def test_speech_lasts_as_long_as_its_text():
    line = Line()
    caller = line.answered_caller()

    line.command("speak", caller, payload="x" * 40)
    line.wait(1.9)
    before = line.names(caller)[-1]
    line.wait(0.2)

    assert before == "speak.started"
    assert line.names(caller)[-1] == "speak.ended"
    assert line.last("call.speak.ended")["status"] == "completed"


def test_a_hangup_cuts_the_speech_off_before_the_call_is_told_to_have_ended():
    line = Line()
    caller = line.answered_caller()

    line.command("speak", caller)
    line.command("playback_start", caller)
    line.command("hangup", caller)

    assert line.names(caller)[-3:] == ["speak.started", "speak.ended", "hangup"]
    assert line.last("call.speak.ended")["status"] == "call_hangup"


def test_a_second_sound_waits_for_the_first():
    line = Line()
    caller = line.answered_caller()

    line.command("speak", caller, payload="xx")
    line.command("playback_start", caller)
    line.wait(10)

    sounds = ["speak.started", "speak.ended", "playback.started", "playback.ended"]
    assert line.names(caller)[-4:] == sounds
    assert line.last("call.playback.ended")["media_url"] == "https://media.example.com/a.mp3"


@pytest.mark.parametrize(
    ("stop", "told"),
    [("all", ["playback.ended"]), ("current", ["playback.ended", "speak.started", "speak.ended"])],
)
def test_stopping_the_playback_stops_one_sound_or_all(stop, told):
    line = Line()
    caller = line.answered_caller()
    line.command("playback_start", caller)
    line.command("speak", caller)
    before = len(line.names())

    line.command("playback_stop", caller, stop=stop)
    line.wait(10)

    assert line.names()[before:] == told
    assert line.last("call.playback.ended")["status"] == "cancelled"


# Recordings


def test_a_recording_from_the_answer_is_saved_after_the_hangup():
    line = Line()
    caller = line.ring_in()

    reply = line.command("answer", caller, record="record-from-answer", record_format="wav")
    line.wait(3)
    line.command("hangup", caller)

    saved = line.last("call.recording.saved")
    assert line.names(caller)[-2:] == ["hangup", "recording.saved"]
    assert saved["recording_id"] == reply["recording_id"]
    assert list(saved["recording_urls"]) == ["wav"]
    assert saved["recording_urls"]["wav"].startswith(f"http://sim/{reply['recording_id']}.wav?")


@pytest.mark.parametrize("how", ["record_stop", "max_length"])
def test_a_recording_ends_while_the_call_goes_on(how):
    line = Line()
    caller = line.answered_caller()

    line.command("record_start", caller, max_length=5 if how == "max_length" else 0)
    line.wait(6)
    if how == "record_stop":
        line.command("record_stop", caller)
    line.command("hangup", caller)

    assert line.names(caller)[-2:] == ["recording.saved", "hangup"]


def test_an_unanswered_dial_has_no_recording():
    line = Line(Callee(busy=True))

    line.dial(record="record-from-answer")
    line.wait(1)

    assert line.names() == ["initiated", "hangup"]


def test_the_events_own_link_lives_as_long_as_it_is_set_to_and_a_fresh_one_ten_minutes():
    line = Line()
    line.switch.recording_url_s = 0.0
    caller = line.answered_caller()
    line.command("record_start", caller)
    line.command("record_stop", caller)
    (recording,) = line.switch.recordings.values()

    line.legs.fresh_link(recording, line.now)

    assert sorted(recording.links.values()) == [1000.0, 1600.0]


# Adoption


@pytest.mark.parametrize("verb", sorted(ON_A_LEG - {"bridge"}))
def test_an_adopting_switch_performs_commands_on_calls_it_never_saw_and_tells_nothing(verb):
    line = Line(adopt=True)

    reply = line.command(verb, "v3:recorded")

    assert reply["result"] == "ok"
    assert line.names("v3:recorded") == []


def test_an_adopted_call_may_be_answered_once_and_then_transferred():
    line = Line(adopt=True)

    line.command("answer", "v3:recorded")
    again = code_of(line.command, "answer", "v3:recorded")
    line.command("transfer", "v3:recorded")
    line.wait(0.1)

    assert again == (422, "10015")
    assert line.names() == ["initiated", "answered", "bridged"]
    assert line.leg("v3:recorded").state is State.BRIDGED


def test_looking_at_an_adopted_call_leaves_every_command_open():
    line = Line(adopt=True)
    alive = line.legs.look("v3:recorded", line.now)

    reply = line.command("speak", "v3:recorded")

    assert alive.state is State.ANSWERED
    assert reply["result"] == "ok"


# Payloads


def test_every_event_has_the_keys_of_the_recorded_sample():
    line = Line(Callee(as_="machine", beep_after=0.2))
    caller = line.answered_caller()
    line.command("record_start", caller)
    line.command("transfer", caller, answering_machine_detection="premium")
    line.dial(answering_machine_detection="greeting_end")
    line.wait(3)
    line.command("hangup", caller)

    told = {event.event_type: set(event.payload) for event in reversed(line.told)}
    samples = {path.stem: json.loads(path.read_bytes())["data"] for path in PAYLOADS.glob("call.*.json")}
    assert {name: set(sample["payload"]) for name, sample in samples.items()} == {
        name: told[name] for name in samples
    }


def test_the_events_of_one_instant_have_rising_times():
    line = Line()
    caller = line.answered_caller()
    line.command("transfer", caller)
    before = len(line.told)

    line.wait(2)

    times = [event.occurred_at for event in line.told[before:]]
    assert len(times) == 5
    assert times == sorted(set(times))
