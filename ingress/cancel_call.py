"""DELETE /calls/ID: an outbound call that the business wants no more, queued once for each call."""

import time
import uuid
from typing import Final

from starlette.types import Receive, Scope, Send

from ingress.answers import Refused, send_json
from ingress.bearer import Bearer
from ingress.group_commit import GroupCommit
from ingress.guard import by_name, check_method
from shared import placing
from shared.ids import CallId

PATH: Final = "/calls/{call}"


class CancelCall:
    """An ASGI endpoint. Whether there is such a call, and how it stands, only a worker knows: 202 says neither."""

    def __init__(self, bearer: Bearer, commit: GroupCommit) -> None:
        self._bearer = bearer
        self._commit = commit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - no body is read
        check_method(scope, "DELETE")
        self._bearer.check(by_name(scope["headers"]))
        call = _id(scope["path_params"]["call"])
        await self._commit.accept(placing.cancel_entry(call, time.time()))
        await send_json(send, 202, {"id": call})


def _id(text: str) -> CallId:
    """As `POST /calls` answers it. Raises Refused with 404."""
    try:
        call = str(uuid.UUID(text))
    except ValueError:
        call = ""
    if call != text:
        raise Refused(404, "no call has such an id: it is the one that POST /calls answered")
    return CallId(call)
