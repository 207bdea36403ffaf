"""Machine detection: every mode and result, in either order, with what never comes covered by a timer."""

from collections.abc import Callable

import msgspec
import pytest

from shared import commands, events
from shared.calls import Request
from shared.dialplan import Plan
from tests.builders import (
    CALL,
    PLAN_HASH,
    Told,
    answered,
    hung_up,
    leg_initiated,
    plan,
    played,
    spoken,
    standard_verdict,
    verdict,
    webhook,
)
from workers.logic.decide import still_wanted
from workers.logic.happened import CallRequested, Webhook

PROFILE = """
[limits]
allow = ["+1*"]
[outbound.reminder]
from = "+13125550300"
amd = {{ mode = "{mode}", decide_within_secs = 8, greeting_within_secs = 30 }}
human = {{ do = "say", text = "Hello {{name}}." }}
machine = {{ do = "leave_message", {message} }}
fax = {{ do = "hangup" }}
not_sure = {{ do = "say", text = "Hello." }}
"""
STANDARD = ("detect", "detect_beep", "detect_words", "greeting_end")
PREMIUM = ("premium", "premium_ios_call_screening_detection")


def profile(mode: str, message: str = 'text = "A reminder."') -> Plan:
    return plan(more=PROFILE.format(mode=mode, message=message))


def picked_up(mode: str, message: str = 'text = "A reminder."') -> Told:
    """A call that was dialled and answered by somebody or something."""
    request = Request(CALL, "reminder", "+12025550171", {"name": "Ana"}, PLAN_HASH)
    told = Told(profile(mode, message)).tell(CallRequested(request, 0.0))
    row = told.row("dial")
    return told.tell(leg_initiated("called", row, 1.0), answered("called", 2.0, row))


def judged(mode: str, result: str, at: float = 3.0) -> Webhook:
    return (standard_verdict if mode in STANDARD else verdict)(result, at=at)


def greeting(mode: str, result: str, at: float = 5.0) -> Webhook:
    payload = events.MachineGreetingEnded if mode in STANDARD else events.PremiumGreetingEnded
    return webhook(payload(result=result), "called", at)


def screened(at: float) -> Webhook:
    return webhook(events.CallScreeningDetected(result="screening"), "called", at)


def said(told: Told) -> list[str]:
    return [out.command.payload for out in told.sent if isinstance(out.command, commands.Speak)]


def test_premium_detection_is_told_how_long_it_may_take() -> None:
    dial = next(out.command for out in picked_up("premium").sent if isinstance(out.command, commands.Dial))

    assert dial.answering_machine_detection == "premium"
    assert dial.answering_machine_detection_config == commands.MachineDetectionConfig(
        total_analysis_time_millis=8000, greeting_duration_millis=30000
    )


@pytest.mark.parametrize("mode", STANDARD)
def test_standard_detection_keeps_telnyxs_own_times(mode: str) -> None:
    dial = next(out.command for out in picked_up(mode).sent if isinstance(out.command, commands.Dial))

    assert dial.answering_machine_detection == mode
    assert dial.answering_machine_detection_config is msgspec.UNSET


RESULTS = [
    *((mode, "human", "human", ["Hello Ana."]) for mode in STANDARD),
    *((mode, "not_sure", "not_sure", ["Hello."]) for mode in (*STANDARD, *PREMIUM)),
    *((mode, "human_residence", "human", ["Hello Ana."]) for mode in PREMIUM),
    *((mode, "human_business", "human", ["Hello Ana."]) for mode in PREMIUM),
    *((mode, "fax_detected", "fax", []) for mode in PREMIUM),
    *((mode, "silence", "silence", []) for mode in PREMIUM),
    *((mode, "machine", "machine", []) for mode in (*STANDARD, *PREMIUM)),
    *((mode, "something_new", "not_sure", ["Hello."]) for mode in (*STANDARD, *PREMIUM)),
]


@pytest.mark.parametrize(("mode", "result", "branch", "texts"), RESULTS)
def test_every_result_takes_its_branch(mode: str, result: str, branch: str, texts: list[str]) -> None:
    told = picked_up(mode).tell(judged(mode, result))

    assert told.call.outcome == branch
    assert said(told) == texts
    assert ("hangup called" in told.verbs) == (branch in {"fax", "silence"})


GREETINGS = [
    ("detect_beep", "beep_detected"),
    ("detect_words", "beep_detected"),
    ("detect_words", "not_sure"),
    ("greeting_end", "ended"),
    ("greeting_end", "beep_detected"),
    *((mode, result) for mode in PREMIUM for result in ("beep_detected", "no_beep_detected")),
    ("premium_ios_call_screening_detection", "prompt_ended"),
]


@pytest.mark.parametrize(("mode", "result"), GREETINGS)
def test_a_message_is_left_when_the_greeting_has_ended(mode: str, result: str) -> None:
    told = picked_up(mode).tell(judged(mode, "machine"))
    assert said(told) == []

    told.tell(greeting(mode, result))
    assert said(told) == ["A reminder."]

    told.tell(spoken("called", 9.0))
    assert told.verbs[-1] == "hangup called"


@pytest.mark.parametrize(("mode", "result"), [pair for pair in GREETINGS if pair[1] != "prompt_ended"])
def test_a_greetings_end_before_the_verdict_is_a_machine(mode: str, result: str) -> None:
    """The two may come swapped, and premium sends no verdict at all after an early beep."""
    told = picked_up(mode).tell(greeting(mode, result, at=4.0))
    assert (told.call.outcome, said(told)) == ("machine", ["A reminder."])

    told.tell(judged(mode, "machine"))

    assert said(told) == ["A reminder."]


@pytest.mark.parametrize("mode", [*STANDARD, *PREMIUM])
def test_a_greeting_whose_end_is_never_told_is_waited_for_no_longer_than_written(mode: str) -> None:
    told = picked_up(mode).tell(judged(mode, "machine"))
    assert [(timer.name, timer.delay_s) for timer in told.decisions[-1].timers] == [("5:greeting", 30)]

    told.fire("5:greeting")

    assert said(told) == ["A reminder."]


@pytest.mark.parametrize("mode", [*STANDARD, *PREMIUM])
def test_a_verdict_that_never_comes_is_waited_for_no_longer_than_written(mode: str) -> None:
    told = picked_up(mode)
    assert [(timer.name, timer.delay_s) for timer in told.decisions[-1].timers] == [("4:decide", 8)]

    told.fire("4:decide")

    assert (told.call.outcome, said(told)) == ("not_sure", ["Hello."])


LATE: list[Callable[[str], Webhook]] = [
    lambda mode: judged(mode, "machine", 4.0),
    lambda mode: greeting(mode, "beep_detected", 4.0),
    lambda _mode: screened(4.0),
]


@pytest.mark.parametrize("mode", [*STANDARD, *PREMIUM])
@pytest.mark.parametrize("late", LATE)
def test_nothing_of_the_machine_branch_happens_once_a_human_is_spoken_to(
    mode: str, late: Callable[[str], Webhook]
) -> None:
    told = picked_up(mode).tell(judged(mode, "human"))
    before = told.verbs

    told.tell(late(mode))

    assert told.verbs == before
    assert told.call.outcome == "human"


def test_a_message_may_be_a_file() -> None:
    told = picked_up("premium", 'url = "https://example.com/reminder.mp3"')
    told.tell(judged("premium", "machine"), greeting("premium", "beep_detected"))
    assert told.verbs[-1] == "playback_start"

    told.tell(played("called", 9.0))

    assert told.verbs[-1] == "hangup called"


IOS = "premium_ios_call_screening_detection"


def test_whoever_comes_on_the_line_after_a_screening_phones_tone_is_judged_anew() -> None:
    told = picked_up(IOS).tell(judged(IOS, "machine", 3.0), screened(5.0))
    assert told.call.step.at == "verdict"

    told.tell(judged(IOS, "human_residence", 7.0))

    assert (told.call.outcome, said(told)) == ("human", ["Hello Ana."])


def test_a_message_that_was_put_off_is_not_wanted_once_the_phone_turns_out_to_screen() -> None:
    told = picked_up(IOS).tell(judged(IOS, "machine", 3.0), greeting(IOS, "prompt_ended", 4.0))
    row = told.row("speak")
    assert still_wanted(told.call, row)

    told.tell(screened(5.0), judged(IOS, "human_residence", 7.0))

    assert not still_wanted(told.call, row)
    assert said(told) == ["A reminder.", "Hello Ana."]


def test_a_screened_call_that_a_machine_takes_in_the_end_gets_the_message() -> None:
    told = picked_up(IOS).tell(judged(IOS, "machine", 3.0), screened(5.0), judged(IOS, "machine", 7.0))
    assert said(told) == []

    told.tell(greeting(IOS, "beep_detected", 8.0))

    assert (told.call.outcome, said(told)) == ("machine", ["A reminder."])


def test_a_message_is_left_once_though_the_tone_before_its_verdict_is_told_last() -> None:
    told = picked_up(IOS).tell(judged(IOS, "machine", 6.0), greeting(IOS, "beep_detected", 7.0))
    assert said(told) == ["A reminder."]

    told.tell(screened(4.0), spoken("called", 9.0))

    assert said(told) == ["A reminder."]
    assert told.verbs[-1] == "hangup called"


def test_a_screened_call_without_a_second_verdict_counts_as_not_sure() -> None:
    told = picked_up(IOS).tell(judged(IOS, "machine", 3.0), screened(5.0))

    told.fire("6:decide")

    assert (told.call.outcome, said(told)) == ("not_sure", ["Hello."])


@pytest.mark.parametrize("mode", [*STANDARD, *PREMIUM])
def test_somebody_who_hangs_up_before_any_verdict_is_spoken_to_by_nobody(mode: str) -> None:
    told = picked_up(mode).tell(hung_up("called", at=2.5), judged(mode, "human"), greeting(mode, "beep_detected"))

    assert told.verbs == ["dial"]
    assert told.call.outcome == "not_sure"
