"""The main path: POST /webhooks/telnyx, from the first byte to the 200 that means durable."""

import time
from collections.abc import Sequence
from typing import Final

from nacl.signing import VerifyKey
from starlette.types import Receive, Scope, Send

from ingress import quarantine
from ingress.answers import Refused, send_empty
from ingress.bad_signatures import BadSignatures
from ingress.durable import DurableWrites
from ingress.group_commit import GroupCommit
from ingress.guard import MAX_WEBHOOK_BYTES, Fields, check_webhook_head, only, read_body
from ingress.signature import BadSignature, verify
from shared import metrics
from shared.enqueue import entry_of
from shared.errors import BadInput
from shared.events import Envelope, read_envelope
from shared.faults import crash_point
from shared.log import log

EVENT_ID: Final = "trunkline.event_id"  # in the scope, for the log line of whatever goes wrong
EVENT_TYPE: Final = "trunkline.event_type"  # likewise, for its count


class Webhook:
    """An ASGI endpoint. What it raises becomes an answer in `answers.py`."""

    def __init__(
        self,
        keys: Sequence[VerifyKey],
        our_connections: frozenset[str],
        commit: GroupCommit,
        writes: DurableWrites,
    ) -> None:
        """`our_connections` are the only ones whose events are ours; none named: all are."""
        self._keys = keys
        self._our_connections = our_connections
        self._commit = commit
        self._writes = writes
        self._bad_signatures = BadSignatures()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fields = check_webhook_head(scope)
        body = await read_body(receive, MAX_WEBHOOK_BYTES)
        received_at = time.time()
        self._verify(scope, fields, body, received_at)
        event = await self._read(body, received_at)
        scope[EVENT_ID], scope[EVENT_TYPE] = event.id, event.event_type
        if self._is_ours(event):
            crash_point("before_store")
            stored = await self._commit.accept(entry_of(event, received_at, body))
            crash_point("after_store")
            answered = "200" if stored.is_new else "duplicate"
        else:
            await quarantine.keep(self._writes, "another connection", received_at, body)
            answered = "quarantined"
        await send_empty(send, 200)
        metrics.WEBHOOKS.add(event.event_type, answered)
        metrics.WEBHOOK_ANSWER.observe(time.time() - received_at)
        log.debug("webhook", event_id=event.id, event_type=event.event_type, answer=answered)

    def _verify(self, scope: Scope, fields: Fields, body: bytes, now: float) -> None:
        """Raises BadSignature, or Refused with 429 for a peer that has sent too many: good ones always pass."""
        timestamp, signature = only(fields, b"telnyx-timestamp"), only(fields, b"telnyx-signature-ed25519")
        try:
            verify(self._keys, timestamp, signature, body, now)
        except BadSignature:
            peer = scope["client"][0] if scope["client"] else ""
            if self._bad_signatures.is_over_limit(peer, time.monotonic()):
                raise Refused(429, "too many bad signatures") from None
            raise

    async def _read(self, body: bytes, received_at: float) -> Envelope:
        """Raises NotJson or WrongShape: Telnyx will not send it again, so it is kept first."""
        try:
            return read_envelope(body)
        except BadInput as reason:
            await quarantine.keep(self._writes, str(reason), received_at, body)
            raise

    def _is_ours(self, event: Envelope) -> bool:
        connection = event.ids.connection_id
        return not self._our_connections or connection is None or connection in self._our_connections
