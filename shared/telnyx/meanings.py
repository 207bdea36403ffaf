"""What an answer proves about its command: Telnyx's error codes as data, and one function.

Source: Telnyx docs: api-errors, rate-limiting, command-retries, the 422 examples of api-reference; and what the
official SDK sends again.
"""

from enum import StrEnum
from typing import Final

from shared.telnyx.answer import Answer


class Meaning(StrEnum):
    """What is known after an answer, and so what may be done next."""

    DONE = "done"  # accepted; the outcome comes as webhooks
    ENDED = "ended"  # the leg is over: for a hangup that is success, for anything else final
    REFUSED_FOR_NOW = "refused_for_now"  # certainly not performed; the same bytes may go again later
    TRY_AGAIN_NEW = "try_again_new"  # not performed, too early: a few tries, 1 s apart, each a new command
    NO_PROOF = "no_proof"  # may have been performed: only the same id and bytes may go again
    DENIED = "denied"  # our key may not do this: final, and an alert
    FAILED = "failed"  # refused for good


BY_CODE: Final = {
    "90018": Meaning.ENDED,  # call has already ended
    "90034": Meaning.TRY_AGAIN_NEW,  # call is not answered yet
    "90020": Meaning.TRY_AGAIN_NEW,  # no audio to record yet
    "90036": Meaning.REFUSED_FOR_NOW,  # queue is full
    "90038": Meaning.DONE,  # call is already in the queue
    "90054": Meaning.DONE,  # transcription is already running
    "90061": Meaning.DONE,  # assistant is already running
    "10009": Meaning.DENIED,  # authentication
    "10010": Meaning.DENIED,  # authorisation
    "10007": Meaning.NO_PROOF,  # unexpected error, with whatever status
    "10008": Meaning.NO_PROOF,  # request timeout, with whatever status
}
INVALID_ID: Final = frozenset({"90015", "10006"})  # with a 404: no such call ever, rather than one that is over


def meaning(answer: Answer) -> Meaning:
    """Judge an answer: by status first, then by code, because 10011 means one thing with 429, another with 422.

    `x-should-retry` overrides where the status alone decides. Told not to retry, a refusal becomes final; a 5xx
    does not, since it may have been performed: it stays NO_PROOF, and whoever sees `answer.should_retry is False`
    with it must not resend but settle the command as unknown at once.
    """
    status = answer.status
    if status is None:
        return Meaning.NO_PROOF
    if 200 <= status < 300:
        return Meaning.DONE if answer.is_success else Meaning.NO_PROOF
    if 300 <= status < 400:
        # A redirect says that nothing was done here and will not be; 303 alone says "done, look elsewhere".
        return Meaning.NO_PROOF if status == 303 else Meaning.FAILED
    if status >= 500 or status < 200 or status in {408, 409}:
        return Meaning.NO_PROOF
    return _refused(status, answer)


def _refused(status: int, answer: Answer) -> Meaning:
    """A 4xx other than 408 and 409."""
    if status == 429:
        return Meaning.FAILED if answer.should_retry is False else Meaning.REFUSED_FOR_NOW
    known = Meaning.DENIED if status in {401, 403} else _by_code(answer)
    if known is Meaning.FAILED and status == 404 and answer.on_leg and not _invalid_id(answer):
        known = Meaning.ENDED
    if answer.should_retry is False and known in {Meaning.TRY_AGAIN_NEW, Meaning.REFUSED_FOR_NOW}:
        return Meaning.FAILED
    if answer.should_retry is True and known in {Meaning.DENIED, Meaning.FAILED}:
        return Meaning.NO_PROOF
    return known


def _by_code(answer: Answer) -> Meaning:
    """What the codes agree on; an ended leg outweighs the rest, any other mixture is a failure."""
    meanings = {BY_CODE.get(error.code, Meaning.FAILED) for error in answer.errors}
    if Meaning.ENDED in meanings:
        return Meaning.ENDED
    return meanings.pop() if len(meanings) == 1 else Meaning.FAILED


def _invalid_id(answer: Answer) -> bool:
    return any(error.code in INVALID_ID for error in answer.errors)
