"""What Telnyx answered, as a value: every outcome of a request, no answer included, is expected data."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import Raw, Struct

_MAX_ERRORS: Final = 10
_MAX_CODE: Final = 32
_MAX_TEXT: Final = 500
_MAX_WAIT_S: Final = 60.0  # the official SDK follows no longer wait either
_NUMBER: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_SHOULD_RETRY: Final = {"true": True, "false": False}
_NULL: Final = Raw(b"null")


class ApiError(Struct, frozen=True):
    """One entry of Telnyx's `errors`; `code` is numeric text, long texts are cut."""

    code: str
    title: str = ""
    detail: str = ""


class Page(Struct, frozen=True):
    """Where in a list an answer stands, by numbers from 1 or by cursors; zero and empty where it does not say."""

    number: int = 0
    total: int = 0
    after: str = ""
    before: str = ""
    by_cursor: bool = False  # then no cursor means no further page, and a number means nothing


class Answer(Struct, frozen=True, kw_only=True):
    """The outcome of one request.

    `status` is None without a whole answer: not connected, timeout, reset, half an answer, no JSON in a 2xx; then
    `trouble` says which. `reached` is False only when certainly not one byte of the request was written.
    `data` is a single object and `items` a list, whichever `data` was. `on_leg` is True for `/calls/{id}…`.
    """

    status: int | None
    reached: bool = True
    data: dict[str, Any] = {}
    items: tuple[dict[str, Any], ...] = ()
    page: Page = Page()
    errors: tuple[ApiError, ...] = ()
    retry_after_s: float | None = None
    should_retry: bool | None = None
    on_leg: bool = True
    trouble: str = ""

    @property
    def is_success(self) -> bool:
        """A 2xx. Errors beside data are warnings (a dial may hold both); errors alone prove neither outcome."""
        has_proof = bool(self.data or self.items) or not self.errors
        return self.status is not None and 200 <= self.status < 300 and has_proof


class _Document(Struct):
    data: dict[str, Any] | list[dict[str, Any]] | None = None
    errors: Raw = _NULL
    meta: Raw = _NULL


class _Error(Struct):
    code: str | int = ""
    title: str | None = None
    detail: str | None = None


class _Cursors(Struct):
    after: str | None = None
    before: str | None = None


class _Meta(Struct):
    """Of a list: numbers in one kind of paging, cursors and links in the other (list-all-active-calls)."""

    cursors: _Cursors | None = None
    next: str | None = None
    previous: str | None = None
    page_number: int | None = None
    total_pages: int | None = None


_DOCUMENT: Final = msgspec.json.Decoder(_Document)
_ERRORS: Final = msgspec.json.Decoder(list[Raw])
_ERROR: Final = msgspec.json.Decoder(_Error)
_META: Final = msgspec.json.Decoder(_Meta)


def read_answer(status: int, headers: Mapping[str, str], body: bytes, now: float, on_leg: bool) -> Answer:
    """The value of a whole response. `headers` have lower-case names; `now` is Unix time, for dates in them.

    A 2xx that we cannot read proves nothing and counts as no answer; of a refusal the status is enough.
    """
    try:
        document = _DOCUMENT.decode(body) if status != 204 else _Document()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        if 200 <= status < 300:
            return Answer(status=None, on_leg=on_leg, trouble=f"unreadable body of a {status}")
        document = _Document()
    data = document.data
    return Answer(
        status=status,
        data=data if isinstance(data, dict) else {},
        items=tuple(data) if isinstance(data, list) else (),
        page=_page(document.meta),
        errors=_errors(document.errors),
        retry_after_s=_retry_after_s(status, headers, now),
        should_retry=_SHOULD_RETRY.get(headers.get("x-should-retry", "").strip().lower()),
        on_leg=on_leg,
    )


def _errors(raw: Raw) -> tuple[ApiError, ...]:
    """The readable ones of the first errors; Telnyx documents codes as text, numbers occur."""
    found: list[ApiError] = []
    try:
        entries = _ERRORS.decode(raw)
    except msgspec.DecodeError:
        return ()
    for entry in entries[:_MAX_ERRORS]:
        try:
            error = _ERROR.decode(entry)
        except msgspec.DecodeError:
            continue
        title, detail = error.title or "", error.detail or ""
        found.append(ApiError(str(error.code)[:_MAX_CODE], title[:_MAX_TEXT], detail[:_MAX_TEXT]))
    return tuple(found)


def _page(raw: Raw) -> Page:
    try:
        meta = _META.decode(raw)
        cursors = meta.cursors or _Cursors()
        after = cursors.after or _linked(meta.next, "page[after]")
        before = cursors.before or _linked(meta.previous, "page[before]")
        by_cursor = meta.cursors is not None or after != "" or before != ""
        return Page(meta.page_number or 0, meta.total_pages or 0, after, before, by_cursor)
    except (msgspec.DecodeError, ValueError):
        return Page()


def _linked(link: str | None, name: str) -> str:
    """A cursor in a link. The link itself is never followed: our key goes to no other host. Raises ValueError."""
    return parse_qs(urlsplit(link or "").query).get(name, [""])[0]


def _retry_after_s(status: int, headers: Mapping[str, str], now: float) -> float | None:
    """How long Telnyx asks us to wait, in seconds: above 0 and at most 60, anything else is ignored."""
    asked = [
        _number(headers.get("retry-after-ms"), 0.001),
        _number(headers.get("retry-after")),
        _until(headers.get("retry-after"), now),
        _number(headers.get("x-ratelimit-reset")) if status == 429 else None,
    ]
    return next((wait for wait in asked if wait is not None and 0 < wait <= _MAX_WAIT_S), None)


def _number(text: str | None, unit_s: float = 1.0) -> float | None:
    text = (text or "").strip()
    return float(text) * unit_s if _NUMBER.fullmatch(text) else None


def _until(text: str | None, now: float) -> float | None:
    """Seconds until an HTTP date."""
    try:
        return parsedate_to_datetime(text or "").timestamp() - now
    except (ValueError, OverflowError):
        return None
