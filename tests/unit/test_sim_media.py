"""The stand-in's answering machine detection, sound, recordings, adopted calls and payloads."""

import json
from pathlib import Path

import pytest

from simulator.leg import State
from simulator.scenario import Callee
from tests.sim_line import ON_A_LEG, Line, code_of

PAYLOADS = Path(__file__).parents[1] / "payloads"


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
            Callee(as_="machine", beep_after=0.05),
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
    assert line.names(caller)[2:] == sounds
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
