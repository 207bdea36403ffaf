"""POST /calls: an outbound call asked for by the business, queued once per Idempotency-Key."""

import hashlib
import hmac
import re
import time
import uuid
from typing import Final

import msgspec
from starlette.types import Receive, Scope, Send

from ingress.answers import Refused, send_json
from ingress.group_commit import Entry, GroupCommit
from ingress.guard import check_method, read_body
from shared import calls, queues
from shared.dialplan import Loaded, may_place_call, variables
from shared.ids import CallId
from shared.numbers import is_number

PATH: Final = "/calls"
MAX_BYTES: Final = 64 * 1024

_KEY: Final = re.compile(rb"[ -~]{1,255}")


class CallRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body. An unknown field is refused: a misspelt one must not dial."""

    profile: str
    to: str
    variables: dict[str, str] = {}


_REQUEST: Final = msgspec.json.Decoder(CallRequest)


class PlaceCall:
    """An ASGI endpoint. What it raises becomes an answer in `answers.py`."""

    def __init__(self, token: str, dialplan: Loaded, commit: GroupCommit) -> None:
        self._token = token.encode()
        self._dialplan = dialplan
        self._commit = commit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        check_method(scope, "POST")
        headers = scope["headers"]
        self._check_token(headers)
        key = _idempotency_key(headers)
        request = _read(await read_body(receive, MAX_BYTES))
        self._check(request)
        call_id = await self._place(key, request)
        await send_json(send, 202, {"id": call_id})

    def _check_token(self, headers: list[tuple[bytes, bytes]]) -> None:
        given = [value for name, value in headers if name == b"authorization"]
        scheme, _, token = given[0].partition(b" ") if len(given) == 1 else (b"", b"", b"")
        if scheme.lower() != b"bearer" or not hmac.compare_digest(token, self._token):
            raise Refused(401, "the bearer token is missing or wrong", {"www-authenticate": "Bearer"})

    def _check(self, request: CallRequest) -> None:
        """Raises Refused unless the dialplan allows this call."""
        plan = self._dialplan.plan
        profile = plan.outbound.get(request.profile)
        if profile is None:
            raise Refused(404, "the dialplan has no [outbound] profile of this name")
        if not is_number(request.to):
            raise Refused(422, "`to` is neither an E.164 number nor a SIP URI")
        if not may_place_call(plan, request.to):
            raise Refused(422, "`to` is not an allowed destination: see [limits] allow in the dialplan")
        missing = sorted(variables(profile) - request.variables.keys())
        if missing:
            raise Refused(422, f"missing in `variables`: {', '.join(missing)}")

    async def _place(self, key: str, request: CallRequest) -> str:
        """Our call id; that of the first request where this repeats one. Raises Refused or Unavailable."""
        digest = hashlib.sha256(msgspec.json.encode(request, order="deterministic")).hexdigest()
        call_id = CallId(str(uuid.uuid4()))
        asked = calls.Request(call_id, request.profile, request.to, request.variables, self._dialplan.hash)
        stored = await self._commit.accept(
            Entry(
                once_key=queues.idempotency_key(key),
                once_value=f"{digest} {call_id}",
                job_id=f"call-{call_id}",
                kind="routing",
                description=f"call {request.profile}",
                data=queues.job_data(queues.PLACE_CALL, time.time(), msgspec.json.encode(asked)),
            )
        )
        first_digest, _, first_call_id = stored.once_value.partition(" ")
        if first_digest != digest:
            raise Refused(409, "this Idempotency-Key was used with another body")
        return first_call_id


def _idempotency_key(headers: list[tuple[bytes, bytes]]) -> str:
    given = [value for name, value in headers if name == b"idempotency-key"]
    if len(given) != 1 or not _KEY.fullmatch(given[0]):
        raise Refused(400, "one Idempotency-Key header of 1 to 255 printable ASCII characters is needed")
    return given[0].decode()


def _read(body: bytes) -> CallRequest:
    try:
        body.decode()  # msgspec does not look into strings that it skips
        return _REQUEST.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as reason:
        text = str(reason) if isinstance(reason, msgspec.DecodeError) else "not UTF-8, or nested beyond reason"
        raise Refused(400, f"the body is not the JSON that is wanted: {text}") from None
