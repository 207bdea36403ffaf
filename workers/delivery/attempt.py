"""One try of a command: the request, the same bytes once more after half a second of silence, and the verdict."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Final
from uuid import uuid4

import msgspec

from shared import metrics
from shared.calls import LOOKS
from shared.commands import Request
from shared.faults import crash_point, is_off
from shared.telnyx import Answer, Meaning, Telnyx, meaning
from workers.delivery import counted
from workers.delivery.outbox import Command, Waiting
from workers.delivery.outcome import Tried
from workers.delivery.pages import with_all_pages
from workers.delivery.retry import RESEND_WITHIN_S, Attempt, judge
from workers.delivery.withheld import age_s

SILENCE_S: Final = 0.5  # Telnyx docs: command-retries
TIMEOUT_S: Final = 5.0  # of both requests, from the first


async def attempt(telnyx: Telnyx, item: Waiting, now: Callable[[], float]) -> Tried:
    """Send a command, and judge what came of it. `now` tells the server's time."""
    command, sent = item.command, time.time()
    not_after = time.monotonic() + RESEND_WITHIN_S - age_s(item, now())
    request = _with_another_id(command) if is_off("stored_id") else command.request
    if item.tries:
        metrics.RESENDS.add("answer")
    answer, is_unproven = await _ask(telnyx, request, not_after, counted.first_byte(item))
    if command.verb == "look_for_leg":
        answer = await with_all_pages(telnyx, request, answer)
    counted.answer(answer.status)
    may_have_worked = item.uncertain or (is_unproven and command.verb not in LOOKS)
    uncertain = may_have_worked and not is_off("unknown_outcome")
    after = Attempt(command.verb, age_s(item, now()), item.tries + 1, uncertain)
    jitter = random.uniform(0.75, 1.0)  # noqa: S311 - it only spreads load
    return Tried(item, judge(answer, meaning(answer), after, jitter), answer, sent, time.time())


async def _ask(
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


def _with_another_id(command: Command) -> Request:
    """The command under a new id, as no resend may ever be: a test shows what comes of it."""
    if not command.command_id:
        return command.request
    body = command.request.body.replace(command.command_id.encode(), str(uuid4()).encode())
    return msgspec.structs.replace(command.request, body=body)


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
