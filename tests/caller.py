"""Posts one event after the other, each of a new call, and remembers how it was answered."""

import threading
import time
from typing import Final, NamedTuple, Self

import httpx

from tests.signing import event_id_of, signed, webhook_body

BETWEEN_S: Final = 0.02


class Answer(NamedTuple):
    """Times are monotonic seconds; the status is 0 where none came."""

    begun: float
    at: float
    status: int
    event_id: str

    @property
    def seconds(self) -> float:
        return self.at - self.begun


class Caller:
    """A context: `threads` of them post to a web process until it is left, each one event at a time."""

    def __init__(self, url: str, threads: int = 1) -> None:
        self.answers: list[Answer] = []
        self._url = f"{url}/webhooks/telnyx"
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._post_on, daemon=True) for _ in range(threads)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def accepted(self, since: float = 0.0) -> list[str]:
        """The ids that were answered 200 after `since`."""
        return [one.event_id for one in self.answers.copy() if one.status == 200 and one.at > since]

    def accepted_again(self, since: float) -> float | None:
        """Seconds from `since` to the first 200 of an event that was posted after it; None before that."""
        later = [one.at for one in self.answers.copy() if one.status == 200 and one.begun > since]
        return min(later) - since if later else None

    def _post_on(self) -> None:
        with httpx.Client(timeout=10.0, trust_env=False) as http:
            while not self._stop.wait(BETWEEN_S):
                self.answers.append(_post(http, self._url))


def _post(http: httpx.Client, url: str) -> Answer:
    body = noted()
    begun = time.monotonic()
    try:
        status = http.post(url, content=body, headers=signed(body)).status_code
    except httpx.TransportError:
        status = 0
    return Answer(begun, time.monotonic(), status, event_id_of(body))


def noted() -> bytes:
    """An event of a caller's leg that changes nothing."""
    return webhook_body("call.dtmf.received")
