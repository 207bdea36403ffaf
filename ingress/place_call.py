"""POST /calls: an outbound call asked for by the business, queued once per Idempotency-Key."""

import time
import uuid
from typing import Final

import msgspec
from starlette.types import Receive, Scope, Send

from ingress.answers import Refused, send_json
from ingress.bearer import Bearer
from ingress.group_commit import GroupCommit
from ingress.guard import Fields, by_name, check_method, only, read_body
from shared import placing
from shared.dialplan import Loaded
from shared.ids import CallId
from shared.placing import KEY_FORM, CallRequest, is_key

PATH: Final = "/calls"
MAX_BYTES: Final = 64 * 1024

_REQUEST: Final = msgspec.json.Decoder(CallRequest)


class PlaceCall:
    """An ASGI endpoint. What it raises becomes an answer in `answers.py`."""

    def __init__(self, bearer: Bearer, dialplan: Loaded, commit: GroupCommit) -> None:
        self._bearer = bearer
        self._dialplan = dialplan
        self._commit = commit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        check_method(scope, "POST")
        fields = by_name(scope["headers"])
        self._bearer.check(fields)
        key = _idempotency_key(fields)
        request = _read(await read_body(receive, MAX_BYTES))
        placing.check(self._dialplan.plan, request)
        entry = placing.entry_of(key, request, self._dialplan, CallId(str(uuid.uuid4())), time.time())
        stored = await self._commit.accept(entry)
        await send_json(send, 202, {"id": placing.call_of(entry, stored.once_value)})


def _idempotency_key(fields: Fields) -> str:
    key = (only(fields, b"idempotency-key") or b"").decode("latin-1")
    if not is_key(key):
        raise Refused(400, f"one Idempotency-Key header of {KEY_FORM} is needed")
    return key


def _read(body: bytes) -> CallRequest:
    try:
        body.decode()  # msgspec does not look into strings that it skips
        return _REQUEST.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as reason:
        text = str(reason) if isinstance(reason, msgspec.DecodeError) else "not UTF-8, or nested beyond reason"
        raise Refused(400, f"the body is not the JSON that is wanted: {text}") from None
