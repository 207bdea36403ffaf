"""What each error is on the wire: the one place where exceptions become statuses."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
from starlette.types import Send

from ingress.signature import BadSignature
from shared.errors import BadInput, CallRefused, NotJson, Unavailable, WrongShape


class Refused(BadInput):
    """Bad input that has a status of its own; the text is for whoever reads the answer."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.headers = dict(headers or {})


class Answer(NamedTuple):
    status: int
    text: str = ""
    headers: Mapping[str, str] = {}


_RETRY: Final = {"retry-after": "1"}
_CALL_REFUSED: Final = {"unknown_profile": 404, "unfit": 422, "key_taken": 409}


def answer_to(error: BaseException) -> Answer:
    """The answer to each error. What we did not foresee is 503, so that Telnyx tries again."""
    match error:
        case Refused():
            return Answer(error.status, str(error), error.headers)
        case CallRefused():
            return Answer(_CALL_REFUSED[error.why], str(error))
        case BadSignature():
            return Answer(401)
        case NotJson():
            return Answer(400, str(error))
        case WrongShape():
            return Answer(422, str(error))
        case Unavailable():
            return Answer(503, "not durably accepted within 1 s, please try again", _RETRY)
    return Answer(503, "not accepted, please try again", _RETRY)


async def send_empty(send: Send, status: int, headers: Mapping[str, str] | None = None) -> None:
    """An answer without a body, as every answer to a webhook is."""
    await _send(send, status, b"", headers or {})


async def send_json(send: Send, status: int, content: object, headers: Mapping[str, str] | None = None) -> None:
    await _send(
        send, status, msgspec.json.encode(content), {"content-type": "application/json", **(headers or {})}
    )


async def _send(send: Send, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    lines.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
