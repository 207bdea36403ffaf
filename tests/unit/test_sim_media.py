"""The stand-in's sound, its adopted calls and its payloads."""

import json

import pytest

from simulator.leg import State
from simulator.scenario import Callee
from tests.samples import SAMPLES
from tests.sim_line import ON_A_LEG, Line, code_of

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


def test_a_repeated_sound_lasts_as_often_as_long():
    line = Line()
    caller = line.answered_caller()

    line.command("playback_start", caller, loop=3)
    line.wait(1.4)
    before = line.names(caller)[-1]
    line.wait(0.2)

    assert before == "playback.started"
    assert line.names(caller)[-1] == "playback.ended"


def test_endless_music_plays_until_it_is_stopped():
    line = Line()
    caller = line.answered_caller()
    line.command("playback_start", caller, loop="infinity")

    line.wait(10_000)
    before = line.names(caller)[-1]
    line.command("playback_stop", caller)

    assert before == "playback.started"
    assert line.names(caller)[-1] == "playback.ended"


@pytest.mark.parametrize(
    ("stop", "told"),
    [
        (None, ["playback.ended", "playback.started", "playback.ended", "speak.started", "speak.ended"]),
        ("current", ["playback.ended", "playback.started", "playback.ended", "speak.started", "speak.ended"]),
        ("all", ["playback.ended", "speak.started", "speak.ended"]),
    ],
)
def test_new_sound_may_stop_what_is_heard_before_it(stop, told):
    line = Line()
    caller = line.answered_caller()
    line.command("playback_start", caller)
    line.command("playback_start", caller)
    before = len(line.names())

    line.command("speak", caller, **({} if stop is None else {"stop": stop}))
    line.wait(10)

    assert line.names()[before:] == told
    ends = [e.payload["status"] for e in line.told if e.event_type == "call.playback.ended"]
    assert (ends[0] == "cancelled") is (stop is not None)


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
    for host in ("example.com", "invalid"):
        line.command("streaming_start", caller, stream_url=f"wss://media.{host}/live")
    line.command("transfer", caller, answering_machine_detection="premium")
    line.dial(answering_machine_detection="greeting_end")
    line.wait(3)
    line.command("hangup", caller)

    told = {event.event_type: set(event.payload) for event in reversed(line.told)}
    samples = {name: json.loads(body)["data"] for name, body in SAMPLES.items()}
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
