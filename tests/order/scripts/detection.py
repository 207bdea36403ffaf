"""Calls that we place and somebody or something takes: what machine detection tells, in every mode."""

from collections.abc import Callable
from typing import Final

from shared import events
from tests.builders import spoken, standard_verdict, verdict, webhook
from tests.order.people import leaves, takes
from tests.order.script import FarSide, Script, outbound
from workers.logic.happened import Webhook

BRANCHES: Final = """
human = { do = "say", text = "Hello." }
machine = { do = "leave_message", text = "Call us." }
"""
PREMIUM: Final = f'amd = {{ mode = "premium" }}{BRANCHES}'
SCREENING: Final = f'amd = {{ mode = "premium_ios_call_screening_detection" }}{BRANCHES}'
GREETING_END: Final = f'amd = {{ mode = "greeting_end" }}{BRANCHES}'
BEEP_ONLY: Final = f'amd = {{ mode = "detect_beep" }}{BRANCHES}'
NO_DETECTION: Final = 'human = { do = "say", text = "Hello." }'

GREETED: Final = ("dial kim", "speak Hello.", "hangup kim")
MESSAGE: Final = ("dial kim", "speak Call us.", "hangup kim")
HUNG_UP_ON: Final = ("dial kim", "hangup kim")

BEEP: Final = events.PremiumGreetingEnded(result="beep_detected")
NO_BEEP: Final = events.PremiumGreetingEnded(result="no_beep_detected")
PROMPT_ENDED: Final = events.PremiumGreetingEnded(result="prompt_ended")
TONE: Final = events.CallScreeningDetected(result="screening")
GREETING_ENDED: Final = events.MachineGreetingEnded(result="ended")


def judged(*heard: Callable[[str], Webhook]) -> FarSide:
    """The call is answered, and this is told of whoever has answered it."""
    return lambda ask: [*takes(ask), *(tell(ask.leg) for tell in heard)]


def premium(result: str, at: float = 4.0) -> Callable[[str], Webhook]:
    return lambda leg: verdict(result, leg, at)


def standard(result: str, at: float = 4.0) -> Callable[[str], Webhook]:
    return lambda leg: standard_verdict(result, leg, at)


def told(payload: events.Payload, at: float = 4.5) -> Callable[[str], Webhook]:
    return lambda leg: webhook(payload, leg, at)


def meanwhile(heard: Callable[[str], Webhook]) -> FarSide:
    """This is told while the text is spoken."""
    return lambda ask: [heard(ask.lane), spoken(ask.lane, 16.0)]


def detection(mode: str, sends: tuple[str, ...], *heard: Callable[[str], Webhook]) -> Script:
    return outbound(mode, *sends, far_side={"dial kim": judged(*heard)})


SCRIPTS: Final[dict[str, Script]] = {
    "premium, a human": detection(PREMIUM, GREETED, premium("human_residence")),
    "premium, a machine and a beep": detection(PREMIUM, MESSAGE, premium("machine"), told(BEEP)),
    "premium, a beep before any verdict": detection(PREMIUM, MESSAGE, told(BEEP)),
    "premium, a machine without a beep": detection(PREMIUM, MESSAGE, premium("machine"), told(NO_BEEP, 15.0)),
    "premium, a greeting that never ends": detection(PREMIUM, MESSAGE, premium("machine")),
    "premium, a fax": detection(PREMIUM, HUNG_UP_ON, premium("fax_detected")),
    "premium, silence": detection(PREMIUM, HUNG_UP_ON, premium("silence")),
    "premium, not sure": detection(PREMIUM, GREETED, premium("not_sure")),
    "premium, no verdict": detection(PREMIUM, GREETED),
    "premium, a verdict after the human branch was taken": outbound(
        PREMIUM, *GREETED, far_side={"speak Hello.": meanwhile(premium("machine", 15.0))}
    ),
    "premium, a beep after the human branch was taken": outbound(
        PREMIUM, *GREETED, far_side={"speak Hello.": meanwhile(told(BEEP, 15.0))}
    ),
    "premium, gone before any verdict": outbound(PREMIUM, "dial kim", far_side={"dial kim": leaves}),
    "standard, a human": detection(GREETING_END, GREETED, standard("human")),
    "standard, not sure": detection(BEEP_ONLY, GREETED, standard("not_sure")),
    "standard, no verdict": detection(BEEP_ONLY, GREETED),
    "standard, a machine and its greeting's end": detection(
        GREETING_END, MESSAGE, standard("machine"), told(GREETING_ENDED)
    ),
    "standard, the greeting's end before the verdict": detection(
        GREETING_END, MESSAGE, told(GREETING_ENDED, 3.5), standard("machine")
    ),
    "standard, a machine without a beep": detection(BEEP_ONLY, MESSAGE, standard("machine")),
    "screening, then a machine and a beep": detection(
        SCREENING, MESSAGE, told(PROMPT_ENDED, 3.5), told(TONE, 4.0), premium("machine", 6.0), told(BEEP, 7.0)
    ),
    "screening, then a human": detection(
        SCREENING, GREETED, told(PROMPT_ENDED, 3.5), told(TONE, 4.0), premium("human_residence", 6.0)
    ),
    "screening, a machine at first, then a human": detection(
        SCREENING, GREETED, premium("machine", 3.5), told(TONE, 4.0), premium("human_business", 6.0)
    ),
    "screening, then nobody": detection(
        SCREENING, HUNG_UP_ON, told(PROMPT_ENDED, 3.5), told(TONE, 4.0), premium("silence", 6.0)
    ),
    "screening, then a machine": detection(SCREENING, MESSAGE, told(TONE, 4.0), premium("machine", 6.0)),
    "without detection": detection(NO_DETECTION, GREETED),
}
