"""Many events at once, each sent until it is accepted."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

TIMES: Final = 3


def deliver_all(post: Callable[[bytes], int], bodies: Iterable[bytes], senders: int) -> int:
    """How many more were sent for it; `post` returns the status. Fails unless each is answered 200 within three.

    A 503 is Telnyx's reason to send an event again: a machine that stands still for a second makes the web process
    give up what it is about to accept, and some of that is accepted all the same.
    """
    with ThreadPoolExecutor(senders) as threads:
        answers = list(threads.map(lambda body: _answers(post, body), bodies))
    assert [some for some in answers if some[-1] != 200] == []
    return sum(len(some) - 1 for some in answers)


def _answers(post: Callable[[bytes], int], body: bytes) -> list[int]:
    answers = [post(body)]
    while answers[-1] == 503 and len(answers) < TIMES:
        answers.append(post(body))
    return answers
