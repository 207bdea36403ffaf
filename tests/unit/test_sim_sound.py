"""The stand-in's speech and playback: how long each lasts, what waits for what, and what stops it."""

import pytest

from tests.sim_line import Line


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
