"""Keys on the stand-in's legs: gathers with and without a prompt, what is pressed, what is sent."""

import pytest

from simulator.scenario import Callee
from tests.sim_line import Line

PROMPT_S = 1.0
"""Of the twenty characters that sim_line speaks."""


def gathered(*presses, **body):
    """The events after the answer, and the last of them."""
    line = Line()
    caller = line.ring_in(presses=list(presses))
    line.command("answer", caller)
    line.command("gather_using_speak", caller, **body)
    line.wait(400)
    return line.names(caller)[2:], line.told[-1].payload


@pytest.mark.parametrize(
    ("presses", "body", "digits", "status"),
    [
        (["1"], {"maximum_digits": 1}, "1", "valid"),
        (["123#"], {}, "123", "valid"),
        (["123"], {}, "123", "valid"),
        (["12*9"], {"maximum_digits": 4, "terminating_digit": "9"}, "12*", "valid"),
        ([], {"timeout_millis": 2000}, "", "timeout"),
        (["7", "7", "1"], {"maximum_digits": 1, "valid_digits": "12"}, "1", "valid"),
        (["7", "7", "7", "1"], {"maximum_digits": 1, "valid_digits": "12"}, "", "invalid"),
        (["1#"], {"minimum_digits": 2, "maximum_tries": 1}, "1", "invalid"),
        (["1"], {"minimum_digits": 2, "maximum_tries": 1}, "1", "invalid"),
        (["", "12"], {"maximum_digits": 2}, "12", "valid"),
        (["1", "2"], {"minimum_digits": 2, "maximum_tries": 2}, "2", "invalid"),
    ],
)
def test_a_gather_ends_with_what_was_pressed_and_what_it_is_worth(presses, body, digits, status):
    told, ended = gathered(*presses, **body)

    assert told[-1] == "gather.ended"
    assert (ended["digits"], ended["status"]) == (digits, status)
    assert told.count("gather.ended") == 1


def test_every_key_is_told_before_the_gather_ends():
    told, _ = gathered("42", maximum_digits=2)

    assert told == ["dtmf.received", "dtmf.received", "gather.ended"]


def test_nothing_is_waited_for_after_a_gather():
    line = Line()
    caller = line.answered_caller()
    line.command("gather_using_speak", caller)

    line.command("gather_stop", caller)

    assert line.timers == []


@pytest.mark.parametrize(("tries", "ends_after_s"), [(1, 3.0), (3, 9.0)])
def test_a_prompt_is_repeated_as_often_as_it_may_be(tries, ends_after_s):
    line = Line()
    caller = line.answered_caller()
    line.command("gather_using_speak", caller, timeout_millis=2000, maximum_tries=tries)

    line.wait(ends_after_s - 0.1)
    before = line.names(caller)[-1]
    line.wait(0.2)

    assert before == "answered"
    assert line.last("call.gather.ended")["status"] == "timeout"


@pytest.mark.parametrize(("pressed", "second_prompt_s"), [("7", 5.0), ("1", 5.0), ("", PROMPT_S)])
def test_after_a_mistake_the_other_prompt_is_spoken_and_after_silence_the_same(pressed, second_prompt_s):
    line = Line()
    caller = line.ring_in(presses=[pressed])
    line.command("answer", caller)
    limits = {"minimum_digits": 2, "valid_digits": "12", "maximum_tries": 2}
    waits = {"timeout_millis": 2000, "inter_digit_timeout_millis": 2000}

    line.command("gather_using_speak", caller, invalid_payload="x" * 100, **limits, **waits)
    line.wait(100)

    first_try_s = {"7": PROMPT_S + 0.1, "1": PROMPT_S + 0.1 + 2.0, "": PROMPT_S + 2.0}[pressed]
    assert line.told[-1].occurred_at == pytest.approx(1000.0 + first_try_s + second_prompt_s + 2.0)


@pytest.mark.parametrize(("pressed", "ends_after_s"), [("", 3.0), ("1", 2.1)])
def test_a_gather_without_a_prompt_waits_once_for_the_first_key_and_then_between_keys(pressed, ends_after_s):
    line = Line()
    caller = line.ring_in(presses=[pressed])
    line.command("answer", caller)
    line.command("gather", caller, initial_timeout_millis=3000, inter_digit_timeout_millis=2000)

    line.wait(ends_after_s - 0.05)
    before = line.names(caller)[-1]
    line.wait(0.1)

    assert before != "gather.ended"
    assert line.last("call.gather.ended")["status"] == ("valid" if pressed else "timeout")


@pytest.mark.parametrize(
    ("ends", "status", "told"),
    [
        ("gather_stop", "cancelled", ["gather.ended"]),
        ("hangup", "call_hangup", ["gather.ended", "hangup"]),
        ("gather", "cancelled", ["gather.ended"]),
    ],
)
def test_a_gather_that_is_cut_short_says_by_what(ends, status, told):
    line = Line()
    caller = line.answered_caller()
    line.command("gather_using_speak", caller)

    line.command(ends, caller)

    assert line.names(caller)[2:] == told
    assert line.last("call.gather.ended")["status"] == status


def test_a_second_stop_tells_nothing():
    line = Line()
    caller = line.answered_caller()

    line.command("gather_stop", caller)

    assert line.names(caller) == ["initiated", "answered"]


def test_keys_may_be_pressed_into_the_prompt():
    line = Line()
    caller = line.answered_caller()
    line.command("gather_using_speak", caller, maximum_digits=1)

    line.run(line.legs.press(caller, "5", line.now))
    line.wait(PROMPT_S / 2)

    assert line.last("call.gather.ended")["digits"] == "5"


def test_keys_that_nobody_waits_for_are_told_all_the_same():
    line = Line()
    caller = line.answered_caller()

    line.run(line.legs.press(caller, "5", line.now))
    line.wait(1)

    assert line.names(caller)[2:] == ["dtmf.received"]
    assert line.last("call.dtmf.received")["digit"] == "5"


def test_a_callee_presses_keys_too():
    line = Line(Callee(presses=["1"]))
    callee = line.dial()
    line.wait(0.1)

    line.command("gather_using_speak", callee, maximum_digits=1)
    line.wait(5)

    assert line.last("call.gather.ended")["digits"] == "1"


def test_sent_keys_are_heard_on_the_other_leg_of_the_bridge_with_their_pauses():
    line = Line(Callee())
    caller, callee = line.answered_caller(), line.dial()
    line.wait(0.1)
    line.command("bridge", caller, call_control_id=callee)

    line.command("send_dtmf", caller, digits="1w2", duration_millis=100)
    line.wait(5)

    heard = [event for event in line.told if event.event_type == "call.dtmf.received"]
    assert [(event.call_control_id, event.payload["digit"]) for event in heard] == [(callee, "1"), (callee, "2")]
    assert heard[1].occurred_at - heard[0].occurred_at == pytest.approx(0.6)


def test_keys_sent_without_a_bridge_are_told_to_nobody():
    line = Line()
    caller = line.answered_caller()

    line.command("send_dtmf", caller)
    line.wait(5)

    assert line.names() == ["initiated", "answered"]
