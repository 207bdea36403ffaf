"""What an answer means for a command: pure, so that the waiting and the sending stay elsewhere.

The rules are promise 3 of the README: the same id and bytes again while no try is proven, within 50 s of the
first send (Telnyx remembers an id for 60 s: Telnyx docs, receiving-webhooks); a refusal is only believed
when no earlier try may have had its effect.
"""

from typing import Final, NamedTuple, TypeAlias

from shared.calls import LOOKS, Verb
from shared.telnyx import Answer, Meaning

RESEND_WITHIN_S: Final = 50.0
CLOCK_NOISE_S: Final = 1.0
BACKOFF_S: Final = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)  # at once first (Telnyx docs: command-retries), then doubling
REFUSED_WAIT_S: Final = 1.0  # after a 429 that names no wait
AGAIN_WAIT_S: Final = 1.0  # between the tries of what came too early, see decide.py


class Succeeded(NamedTuple):
    """Telnyx took it."""


class Failed(NamedTuple):
    """It has certainly had no effect. `again_in_s` is set where a new command may follow after that wait."""

    code: str
    ended: bool = False
    again_in_s: float | None = None


class Unproven(NamedTuple):
    """Some try may have had its effect, and no more tries are allowed."""


class Wait(NamedTuple):
    """Try the same bytes again after `delay_s`."""

    delay_s: float
    uncertain: bool


Verdict: TypeAlias = Succeeded | Failed | Unproven | Wait


class Attempt(NamedTuple):
    """A command after a try: `age_s` since its first send, `uncertain` from the tries before this one."""

    verb: Verb
    age_s: float
    tries: int
    uncertain: bool


def is_too_late(age_s: float) -> bool:
    """Whether a command may be sent no more, `age_s` after its first send.

    An age below zero says that the server's clock was set back: then nobody knows how old it is.
    """
    return age_s > RESEND_WITHIN_S or age_s < -CLOCK_NOISE_S


def judge(answer: Answer, meaning: Meaning, attempt: Attempt, jitter: float) -> Verdict:
    """What to do after an answer, or after none. `jitter` is a factor from 0.75 to 1."""
    code = answer.errors[0].code if answer.errors else str(answer.status or answer.trouble)
    match meaning:
        case Meaning.DONE:
            return Succeeded()
        case Meaning.ENDED:
            return Failed(code, ended=True)  # whatever an earlier try did, the leg is over
        case Meaning.REFUSED_FOR_NOW:
            wait = answer.retry_after_s or max(REFUSED_WAIT_S, backoff(attempt.tries) * jitter)
            return _wait_or_end(attempt, wait, uncertain=attempt.uncertain, code=code)
        case Meaning.NO_PROOF:
            wait = answer.retry_after_s or backoff(attempt.tries) * jitter
            uncertain = attempt.uncertain or (answer.reached and attempt.verb not in LOOKS)
            if answer.should_retry is False:  # Telnyx forbids a resend; whether it was performed stays open
                return Unproven() if uncertain else Failed(code)
            return _wait_or_end(attempt, wait, uncertain=uncertain, code=code)
        case Meaning.TRY_AGAIN_NEW if not attempt.uncertain:
            return Failed(code, again_in_s=AGAIN_WAIT_S)
        case _:
            return Unproven() if attempt.uncertain else Failed(code)


def backoff(tries: int) -> float:
    """Seconds before the next try, after `tries` of them."""
    return BACKOFF_S[min(tries, len(BACKOFF_S)) - 1]


def _wait_or_end(attempt: Attempt, wait: float, uncertain: bool, code: str) -> Verdict:
    if not is_too_late(attempt.age_s + wait):
        return Wait(wait, uncertain)
    if uncertain:
        return Unproven()
    return Failed(code, again_in_s=None if attempt.verb in LOOKS else wait)
