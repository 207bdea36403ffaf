"""The stand-in's streams: begun, ended, or not connected."""

import pytest

from simulator.scenario import Callee
from tests.sim_line import Line

STREAM = "wss://media.example.com/live"


@pytest.mark.parametrize("ends", ["streaming_stop", "hangup"])
def test_a_stream_is_told_to_have_begun_and_ended(ends):
    line = Line()
    caller = line.answered_caller()

    line.command("streaming_start", caller, stream_url=STREAM)
    line.command(ends, caller)

    assert line.names(caller)[2:4] == ["streaming.started", "streaming.stopped"]
    assert line.last("streaming.started")["stream_url"] == line.last("streaming.stopped")["stream_url"] == STREAM


def test_one_stream_of_two_may_be_stopped():
    line = Line()
    caller = line.answered_caller()
    for name in ("one", "other"):
        line.command("streaming_start", caller, stream_url=f"wss://{name}.example.com/")
    one, _ = line.leg(caller).streams

    line.command("streaming_stop", caller, stream_id=one.stream_id)

    assert line.names(caller).count("streaming.stopped") == 1
    assert line.last("streaming.stopped")["stream_url"] == one.url


@pytest.mark.parametrize(
    ("call", "url"),
    [({"stream_fails": True}, STREAM), ({}, "wss://media.invalid/live"), ({}, "ws://Media.Invalid:8080")],
)
def test_a_stream_that_cannot_be_connected_is_told_with_its_parameters(call, url):
    line = Line()
    caller = line.ring_in(**call)
    line.command("answer", caller)

    line.command("streaming_start", caller, stream_url=url, stream_track="both_tracks")
    line.command("hangup", caller)

    failed = line.last("streaming.failed")
    assert line.names(caller)[2:] == ["streaming.failed", "hangup"]
    assert failed["stream_params"] == {"stream_url": url, "track": "both_tracks"}
    assert (failed["failure_reason"], failed["stream_type"]) == ("connection_failed", "websocket")


def test_an_answer_and_a_dial_may_start_a_stream_with_the_call():
    line = Line(Callee(stream_fails=True))
    caller = line.ring_in()

    line.command("answer", caller, stream_url=STREAM)
    callee = line.dial(stream_url=STREAM)
    line.wait(0.1)

    assert line.names(caller) == ["initiated", "answered", "streaming.started"]
    assert line.names(callee) == ["initiated", "answered", "streaming.failed"]
