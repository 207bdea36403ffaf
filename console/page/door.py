"""Who may come in, and what every answer carries: HTTP basic, forms of our own only, and strict headers."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import parse_qsl

from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from console.asking import NotThere
from console.basic_auth import CHALLENGE, user_of
from console.page.tokens import Tokens, is_foreign
from console.page.visit import ROOT, Visit, answer
from shared.dialplan import Plan
from shared.errors import BadInput, ConfigError
from shared.log import log, where

Screen = Callable[[Visit], Awaitable[Response]]

MAX_FORM_BYTES: Final = 16 * 1024
MAX_FIELDS: Final = 20

HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Door:
    """An ASGI application. `screens` are seen by GET, `actions` done by POST, each by its path below `ROOT`."""

    def __init__(
        self,
        client: Redis,
        plan: Plan,
        password: str,
        screens: Mapping[str, Screen],
        actions: Mapping[str, Screen],
    ) -> None:
        self._client = client
        self._plan = plan
        self._password = password
        self._tokens = Tokens(password)
        self._screens = screens
        self._actions = actions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return
        response.headers.update(HEADERS)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        given = request.headers.get("authorization", "")
        user = user_of(given, self._password)
        if user is None:
            if given:
                log.warning("console_refused", peer=request.client.host if request.client else "")
            return PlainTextResponse("any user, and the password of CONSOLE_PASSWORD\n", 401, CHALLENGE)
        path = request.url.path.removeprefix(ROOT)
        screen, allow = self._screen(request.method, path)
        if screen is None:
            return _trouble(405, "Not done that way", {"allow": allow}) if allow else _trouble(404, "No such page")
        return await self._let_in(request, screen, path, user)

    async def _let_in(self, request: Request, screen: Screen, path: str, user: str) -> Response:
        now = time.time()
        form = await _form(request) if request.method == "POST" else {}
        if form is None:
            return _trouble(413, "The form is too large")
        if request.method == "POST" and not self._is_ours(request, form.pop("token", ""), user, now):
            log.warning("console_form_refused", who=user, action=path)
            return _trouble(403, "This form is not from here, or too old: load its page again")
        token, query = self._tokens.make(user, now), _fields(request.url.query)
        return await _shown(screen, Visit(self._client, self._plan, user, token, query, form), path)

    def _is_ours(self, request: Request, token: str, user: str, now: float) -> bool:
        """Whether a form was made by this page, and sent from it."""
        headers = request.headers
        foreign = is_foreign(headers.get("host", ""), headers.get("origin"), headers.get("sec-fetch-site"))
        return not foreign and self._tokens.is_good(token, user, now)

    def _screen(self, method: str, path: str) -> tuple[Screen | None, str]:
        """The screen, and by which methods there is one."""
        seen, done = self._screens.get(path), self._actions.get(path)
        allow = ", ".join(name for name, there in (("GET, HEAD", seen), ("POST", done)) if there)
        return seen if method in {"GET", "HEAD"} else done if method == "POST" else None, allow


async def _shown(screen: Screen, visit: Visit, path: str) -> Response:
    """The border where errors become pages."""
    try:
        return await screen(visit)
    except NotThere as reason:
        return _trouble(404, str(reason))
    except (BadInput, ConfigError) as reason:
        return _trouble(400, str(reason))
    except (RedisError, OSError) as reason:
        log.warning("console_without_redis", screen=path, reason=type(reason).__name__)
        return _trouble(503, "Valkey does not answer", {"retry-after": "2"})
    except Exception as reason:  # noqa: BLE001 - the border; its text may hold a number
        log.error("console_failed", screen=path, where=where(reason))
        return _trouble(500, "This page has failed; the log says where")


def _trouble(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    response = answer("trouble.html", status, text=text, every=2 if status == 503 else 0)
    response.headers.update(headers or {})
    return response


async def _form(request: Request) -> dict[str, str] | None:
    """Its fields; none where it is not of the one kind that our pages send. None: too large."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM_BYTES:
            return None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return _fields(body.decode(errors="replace")) if kind == "application/x-www-form-urlencoded" else {}


def _fields(text: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return {}
    return {name: value.strip() for name, value in reversed(pairs)}
