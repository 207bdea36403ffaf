"""Sends webhooks as Telnyx does: signed, 2 s to answer, retried with growing pauses.

The retry schedule is not published; this one is the documented shape, exponential backoff within 60 s
(Telnyx docs: receiving-webhooks).
"""

import asyncio
import time
import uuid
from typing import NamedTuple

import msgspec

from simulator.faults import WebhookStrike
from simulator.leg import Emit
from simulator.payloads import wire_time
from simulator.sign import Signer
from simulator.wire import Poster

DEADLINE_S = 2.0
RETRY_PAUSES_S = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 28.0)
_ATTEMPTS_PER_URL = 2
_AT_ONCE = 256
"""Deliveries under way at the same time; the others wait, and their deadline has not begun."""


class Webhook(msgspec.Struct, kw_only=True):
    """One event and how its delivery went, over all copies. Times are Unix seconds."""

    id: str
    event_type: str
    call_control_id: str
    call_leg_id: str
    occurred_at: float
    copies: int = 1
    attempts: int = 0
    statuses: list[int | None] = []
    """One for each attempt; null where no answer came (or a fault threw the attempt away)."""
    delivered: bool = False
    first_sent_at: float | None = None
    acked_at: float | None = None


class Sent(NamedTuple):
    """An event as it was sent, as JSON, and how it went."""

    webhook: Webhook
    data: bytes


def is_final(status: int | None) -> bool:
    """2xx is done; 5xx, 408, 429 and silence are retried, nothing else is (Telnyx docs: voice-api-webhooks)."""
    return status is not None and status < 500 and status not in (408, 429)


def attempt_url(urls: list[str], attempt: int) -> str:
    """Two failures on one URL, then the other one (Telnyx help centre: configuring call control applications)."""
    return urls[(attempt - 1) // _ATTEMPTS_PER_URL % len(urls)]


class Courier:
    """Delivers each event in tasks of its own; `sent` tells how it went."""

    def __init__(self, signer: Signer, urls: list[str], speed: float) -> None:
        self.urls = urls
        self.sent: list[Sent] = []
        self._signer = signer
        self._speed = speed
        self._poster = Poster()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def webhooks(self) -> list[Webhook]:
        return [sent.webhook for sent in self.sent]

    @property
    def pending(self) -> int:
        """Copies that are neither acknowledged nor given up."""
        return len(self._tasks)

    def send(self, event: Emit, strike: WebhookStrike) -> None:
        """Without a webhook URL the event is only noted."""
        self._send(event, strike.delays_s, drop=strike.drop)
        for delay_s in strike.renamed_s:
            self._send(event._replace(event_id=str(uuid.uuid4())), [delay_s], drop=False)

    def _send(self, event: Emit, delays_s: list[float], *, drop: bool) -> None:
        webhook = Webhook(
            id=event.event_id,
            event_type=event.event_type,
            call_control_id=event.call_control_id,
            call_leg_id=str(event.payload["call_leg_id"]),
            occurred_at=event.occurred_at,
        )
        data = msgspec.json.encode(
            {
                "event_type": event.event_type,
                "id": event.event_id,
                "occurred_at": wire_time(event.occurred_at),
                "payload": event.payload,
                "record_type": "event",
            }
        )
        self.sent.append(Sent(webhook, data))
        if not self.urls:
            return
        webhook.copies = len(delays_s)
        for delay_s in delays_s:
            task = asyncio.create_task(self._deliver(webhook, data, delay_s, drop=drop))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._poster.close()

    async def _deliver(self, webhook: Webhook, data: bytes, delay_s: float, *, drop: bool) -> None:
        if delay_s:
            await asyncio.sleep(delay_s / self._speed)
        for attempt, pause_s in enumerate((*RETRY_PAUSES_S, None), start=1):
            dropped = drop and attempt == 1
            status = None if dropped else await self._attempt(webhook, data, attempt)
            webhook.attempts += 1
            webhook.statuses.append(status)
            if is_final(status) or pause_s is None:
                return
            await asyncio.sleep(pause_s / self._speed)

    async def _attempt(self, webhook: Webhook, data: bytes, attempt: int) -> int | None:
        """The status, or None when no answer came within the deadline."""
        if not self.urls:
            return None
        url = attempt_url(self.urls, attempt)
        meta = msgspec.json.encode({"attempt": attempt, "delivered_to": url})
        body = b'{"data":' + data + b',"meta":' + meta + b"}"
        async with self._slots:
            now = time.time()
            webhook.first_sent_at = webhook.first_sent_at or now
            headers = [
                ("content-type", "application/json"),
                ("user-agent", "telnyx-webhooks"),
                *self._signer.headers(body, int(now)),
            ]
            try:
                status = await self._poster.post(url, headers, body, DEADLINE_S)
            except OSError:
                return None
        if status < 300 and not webhook.delivered:
            webhook.delivered = True
            webhook.acked_at = time.time()
        return status
