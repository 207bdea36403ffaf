"""One operation sent once, and its answer as a typed result or as a TelnyxError."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar

from msgspec import Struct

from shared.commands import Request, Sent
from shared.errors import TelnyxError
from shared.telnyx.answer import Answer
from shared.telnyx.client import Telnyx
from shared.telnyx.lists import query
from shared.telnyx.operations import check_operation, operation_request, page_request
from shared.telnyx.pages import every_item
from shared.telnyx.results import read_result

_Result = TypeVar("_Result", bound=Struct)


class Exchange:
    """Requests of one caller: how long each may take, and whether values are judged before they are sent."""

    def __init__(self, telnyx: Telnyx, timeout_s: float, checked: bool) -> None:
        self._telnyx = telnyx
        self._timeout_s = timeout_s
        self._checked = checked

    async def one(
        self,
        gives: type[_Result],
        name: str,
        ids: Mapping[str, str],
        sent: Sent | None = None,
        command_id: str | None = None,
    ) -> _Result:
        """Raises BadInput, TelnyxError."""
        self._check(name, sent)
        answer = await self._send(operation_request(name, ids, sent, command_id))
        return _read(gives, answer.status, answer.data)

    async def gone(self, gives: type[_Result], name: str, ids: Mapping[str, str]) -> _Result | None:
        """A deletion gives what was deleted, or nothing. Raises BadInput, TelnyxError."""
        answer = await self._send(operation_request(name, ids))
        return _read(gives, answer.status, answer.data) if answer.data else None

    async def each(
        self, gives: type[_Result], name: str, ids: Mapping[str, str], asked: Sent | None
    ) -> AsyncIterator[_Result]:
        """Every item on every page, from the one asked for on. Raises BadInput, TelnyxError."""
        self._check(name, asked)

        async def fetch(parameters: dict[str, str]) -> Answer:
            return await self._send(page_request(name, ids, parameters))

        async for item in every_item(fetch, query(asked)):
            yield _read(gives, 200, item)

    def _check(self, name: str, sent: Sent | None) -> None:
        if sent is not None and self._checked:
            check_operation(name, sent)

    async def _send(self, request: Request) -> Answer:
        answer = await self._telnyx.send(request, self._timeout_s)
        refuse_failure(request, answer)
        return answer


def refuse_failure(request: Request, answer: Answer) -> None:
    """Raise TelnyxError for every answer that is no success."""
    if answer.is_success:
        return
    if answer.status is None:
        raise TelnyxError(None, title="no answer", detail=_unanswered(request, answer))
    if not answer.errors:
        raise TelnyxError(answer.status, title="refused", detail="Telnyx gave no reason")
    first, *more = answer.errors
    detail = "; ".join((first.detail, *(f"{error.code} {error.title}: {error.detail}" for error in more)))
    raise TelnyxError(answer.status, first.code, first.title, detail)


def _unanswered(request: Request, answer: Answer) -> str:
    if not answer.reached:
        return f"{answer.trouble}: nothing was sent"
    if request.method == "GET":
        return answer.trouble
    return f"{answer.trouble}: it may have been done all the same"


def _read(gives: type[_Result], status: int | None, data: dict[str, Any]) -> _Result:
    result = read_result(gives, data)
    if result is None:
        raise TelnyxError(status, title="unreadable answer", detail=f"no {gives.__name__} in it")
    return result
