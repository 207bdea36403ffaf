"""The stand-in's recordings: begun, paused, ended, saved or failed."""

import pytest

from simulator.scenario import Callee
from tests.sim_line import Line


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


def only_recording(line):
    (recording,) = line.switch.recordings.values()
    return recording


def test_a_paused_recording_is_shorter_than_its_call_and_counts_no_pause_towards_its_limit():
    line = Line()
    caller = line.answered_caller()
    line.command("record_start", caller, max_length=5)

    line.wait(3)
    line.command("record_pause", caller)
    line.wait(60)
    line.command("record_resume", caller)
    line.wait(1.9)
    before = line.names(caller)[-1]
    line.wait(0.2)

    assert before == "answered"
    assert line.names(caller)[-1] == "recording.saved"
    assert only_recording(line).recorded_s == pytest.approx(5.0)


@pytest.mark.parametrize("verb", ["record_pause", "record_resume", "record_stop"])
def test_a_command_may_name_the_recording_it_means(verb):
    line = Line()
    caller = line.answered_caller()
    for _ in range(2):
        line.command("record_start", caller)
    one, other = line.switch.recordings.values()
    if verb == "record_resume":
        line.command("record_pause", caller)

    line.wait(1)
    line.command(verb, caller, recording_id=one.recording_id)

    assert (one.running_since is None) is (verb != "record_resume")
    assert (other.running_since is None) is (verb == "record_resume")
    assert line.names(caller).count("recording.saved") == (verb == "record_stop")


def test_a_recording_that_is_paused_when_the_call_ends_is_saved():
    line = Line()
    caller = line.answered_caller()
    line.command("record_start", caller)
    line.wait(2)
    line.command("record_pause", caller)

    line.wait(2)
    line.command("hangup", caller)

    assert line.names(caller)[-2:] == ["hangup", "recording.saved"]
    assert only_recording(line).recorded_s == pytest.approx(2.0)


def test_a_scripted_failure_tells_why_instead_of_a_saved_recording():
    line = Line()
    caller = line.ring_in(recording_fails="Unsupported backend")
    line.command("answer", caller, record="record-from-answer")

    line.command("hangup", caller)

    assert line.names(caller)[-2:] == ["hangup", "recording.error"]
    assert line.last("call.recording.error")["reason"] == "Unsupported backend"
    assert not only_recording(line).saved


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
