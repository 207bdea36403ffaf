"""The HTTP face: Telnyx's API under /v2, recordings under /storage, the control API (control.py) under /_sim.

| under /v2, with any bearer token             | what                                                       |
|----------------------------------------------|------------------------------------------------------------|
| POST /calls                                  | dial                                                       |
| POST /calls/{call_control_id}/actions/{verb} | every verb of parameters.VERBS                             |
| GET /calls/{call_control_id}                 | status of a call                                           |
| GET /connections/{connection_id}/active_calls| cursor paging: page[after], page[before], page[limit]      |
| GET /recordings/{recording_id}               | a saved recording with a fresh download link               |
| GET /public_key                              | what webhooks are signed with                              |

Anything else is Telnyx's 404 (10005). Call control applications and call_events will stand in a module of
their own, their routes in `_api_routes`.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from simulator.control import bad_control, control_routes
from simulator.exchange import Exchange, Options
from simulator.ledger import Request
from simulator.looks import Look, active_calls, call_status, recording_file, saved_recording
from simulator.loopback import NotLoopbackError
from simulator.refusals import Refusal, not_found, unauthenticated
from simulator.silence import NoAnswer

_SILENCE_S = 10.0


def build_app(options: Options) -> Starlette:
    app = Starlette(
        routes=[
            Mount("/v2", routes=_api_routes()),
            Route("/storage/recordings/{name}", _recording_file),
            Mount("/_sim", routes=control_routes()),
        ],
        exception_handlers={
            Refusal: _refused,
            HTTPException: _no_such_route,
            msgspec.DecodeError: bad_control,
            NotLoopbackError: bad_control,
        },
    )
    app.state.exchange = Exchange(options)
    return app


def _api_routes() -> list[BaseRoute]:
    return [
        Route("/calls", _command, methods=["POST"]),
        Route("/calls/{call_control_id}", _look(call_status)),
        Route("/calls/{call_control_id}/actions/{verb}", _command, methods=["POST"]),
        Route("/connections/{connection_id}/active_calls", _look(active_calls)),
        Route("/recordings/{recording_id}", _look(saved_recording)),
        Route("/public_key", _look(_public_key)),
    ]


async def _command(http: HttpRequest) -> Response:
    exchange: Exchange = http.app.state.exchange
    request = Request(
        method=http.method,
        path=http.scope["path"],
        verb=http.path_params.get("verb", "dial"),
        call_control_id=http.path_params.get("call_control_id"),
        raw=await http.body(),
        connection=http.client.port if http.client else None,
    )
    answer = exchange.command(request, authenticated=_has_token(http))
    match answer.strike.fault if answer.strike else None:
        case "silence":
            return NoAnswer(hold_s=_SILENCE_S)
        case "reset":
            return NoAnswer(hold_s=0.0)
        case "slow" if answer.strike:
            await asyncio.sleep(answer.strike.slow_s)
        case _:
            pass
    headers = {"retry-after": "1"} if answer.status == 429 else None
    return _json(answer.body, answer.status, headers)


def _look(look: Callable[[Exchange, HttpRequest], Look]) -> Callable[[HttpRequest], Awaitable[Response]]:
    async def endpoint(http: HttpRequest) -> Response:
        if not _has_token(http):
            raise unauthenticated()
        return _json(msgspec.json.encode(look(http.app.state.exchange, http)))

    return endpoint


def _public_key(exchange: Exchange, _http: HttpRequest) -> Look:
    return {"data": {"public": exchange.options.signer.public_key, "record_type": "public_key"}}


async def _recording_file(http: HttpRequest) -> Response:
    return recording_file(http.app.state.exchange, http)


def _has_token(http: HttpRequest) -> bool:
    scheme, _, token = http.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and bool(token.strip())


async def _refused(_http: HttpRequest, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return _json(error.body(), error.status)


async def _no_such_route(_http: HttpRequest, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return _json(not_found().body(), status)


def _json(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status, headers, media_type="application/json")
