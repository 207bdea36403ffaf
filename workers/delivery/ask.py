"""One try of a command: the request, and after half a second of silence the same bytes once more."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from shared import metrics
from shared.commands import Request
from shared.faults import crash_point, is_off
from shared.telnyx import Answer, Meaning, Telnyx, meaning

SILENCE_S: Final = 0.5  # Telnyx docs: command-retries
TIMEOUT_S: Final = 5.0  # of both requests, from the first


async def ask(
    telnyx: Telnyx, request: Request, not_after: float, on_written: Callable[[], None]
) -> tuple[Answer, bool]:
    """The answer, and whether a request beside the one that it answers may have its effect unseen.

    Nothing is written after `not_after` (monotonic). `on_written` is called when the first request has gone out.
    """

    def written() -> None:
        on_written()
        _written()

    crash_point("before_write")
    asked = {asyncio.create_task(telnyx.send(request, TIMEOUT_S, written, not_after))}
    try:
        done, _ = await asyncio.wait(asked, timeout=SILENCE_S)
        if not done and time.monotonic() <= not_after and not is_off("silence_resend"):
            again = telnyx.send(request, TIMEOUT_S - SILENCE_S, _written, not_after)
            asked.add(asyncio.create_task(again))
            metrics.RESENDS.add("silence")
        return await _first_answer(asked)
    finally:
        for task in asked:
            task.cancel()


def _written() -> None:
    crash_point("after_write")


async def _first_answer(asked: set[asyncio.Task[Answer]]) -> tuple[Answer, bool]:
    """The first that is an answer at all; when none is, the one that may have reached Telnyx."""
    pending = set(asked)
    silent: list[Answer] = []
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        first, *others = sorted((task.result() for task in done), key=_weight)
        if first.status is not None:
            unproven = bool(pending) or any(_may_have_been_done(other) for other in (*others, *silent))
            return first, unproven
        silent += [first, *others]
    return max(silent, key=lambda answer: answer.reached), False


def _weight(answer: Answer) -> int:
    """Of two answers at one moment the acceptance counts: it proves more than any refusal."""
    if answer.status is None:
        return 2
    return 0 if meaning(answer) is Meaning.DONE else 1


def _may_have_been_done(answer: Answer) -> bool:
    return answer.reached and meaning(answer) is Meaning.NO_PROOF
