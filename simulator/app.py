"""The HTTP face: Telnyx's API under /v2, recordings under /storage, the control API (control.py) under /_sim.

| under /v2, with any bearer token                   | what                                                    |
|----------------------------------------------------|---------------------------------------------------------|
| POST /calls                                        | dial                                                    |
| POST /calls/{call_control_id}/actions/{verb}       | every verb of parameters.VERBS but client_state_update, |
|                                                    | which goes by PUT (Telnyx docs: update-client-state)    |
| GET /calls/{call_control_id}                       | status of a call                                        |
| GET /connections/{connection_id}/active_calls      | by page[after], page[before], page[limit], or by number |
| GET, POST /call_control_applications               | by page[number], page[size]; filters, sort; 201         |
| GET, PATCH, DELETE /call_control_applications/{id} | one application, changed, deleted                       |
| GET /call_events                                   | by page[number], page[size]; filters                    |
| GET /recordings                                    | by page[number], page[size]; filters                    |
| GET, DELETE /recordings/{recording_id}             | a saved recording with a fresh download link            |
| POST /recordings/actions/delete                    | several at once, 204                                    |
| GET /public_key                                    | what webhooks are signed with                           |

Anything else is Telnyx's 404 (10005).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from simulator import storage
from simulator.applications import Applications
from simulator.control import bad_control, control_routes
from simulator.exchange import Answer, Exchange, Options
from simulator.faults import CommandStrike
from simulator.ledger import Request
from simulator.legs import Legs
from simulator.looks import active_calls, all_call_events, call_status, public_key
from simulator.loopback import NotLoopbackError
from simulator.query import Ask, JsonObject
from simulator.refusals import Refusal, not_found, unauthenticated
from simulator.silence import HalfAnswer, NoAnswer
from simulator.wav import wav_file

_SILENCE_S = 10.0
Endpoint = Callable[[HttpRequest], Awaitable[Response]]


def build_app(options: Options) -> Starlette:
    app = Starlette(
        routes=[
            Mount("/v2", routes=_api_routes()),
            Route("/storage/recordings/{name}", _recording_file),
            Mount("/_sim", routes=control_routes()),
        ],
        exception_handlers={
            Refusal: _refused,
            ClientDisconnect: _left,
            HTTPException: _no_such_route,
            msgspec.DecodeError: bad_control,
            UnicodeDecodeError: bad_control,
            NotLoopbackError: bad_control,
        },
    )
    app.state.exchange = Exchange(options)
    return app


def _api_routes() -> list[BaseRoute]:
    application, one_recording = "/call_control_applications/{id}", "/recordings/{recording_id}"
    return [
        Route("/calls", _command, methods=["POST"]),
        Route("/calls/{call_control_id}", _asked(call_status)),
        Route("/calls/{call_control_id}/actions/{verb}", _command, methods=["POST", "PUT"]),
        Route("/connections/{connection_id}/active_calls", _asked(active_calls)),
        Route("/call_control_applications", _of_application(Applications.listed)),
        Route("/call_control_applications", _of_application(Applications.create, 201), methods=["POST"]),
        Route(application, _of_application(Applications.one)),
        Route(application, _of_application(Applications.update), methods=["PATCH"]),
        Route(application, _of_application(Applications.delete), methods=["DELETE"]),
        Route("/call_events", _asked(all_call_events)),
        Route("/recordings", _of_legs(storage.recordings)),
        Route(one_recording, _of_legs(storage.recording)),
        Route(one_recording, _of_legs(storage.delete_recording), methods=["DELETE"]),
        Route("/recordings/actions/delete", _of_legs(storage.delete_recordings, 204), methods=["POST"]),
        Route("/public_key", _asked(public_key)),
    ]


def _of_application(act: Callable[[Applications, Ask], JsonObject], status: int = 200) -> Endpoint:
    return _asked(lambda exchange, ask: act(exchange.applications, ask), status)


def _of_legs(act: Callable[[Legs, Ask], JsonObject], status: int = 200) -> Endpoint:
    return _asked(lambda exchange, ask: act(exchange.legs, ask), status)


def _asked(look: Callable[[Exchange, Ask], JsonObject], status: int = 200) -> Endpoint:
    """The endpoint of everything that is not a command: no faults strike it, and no ledger keeps it."""

    async def endpoint(http: HttpRequest) -> Response:
        if not _has_token(http):
            raise unauthenticated()
        ask = Ask(http.path_params, http.query_params, await http.body(), time.time())
        body = msgspec.json.encode(look(http.app.state.exchange, ask))
        return Response(status_code=status) if status == 204 else _json(body, status)

    return endpoint


async def _command(http: HttpRequest) -> Response:
    if (http.method == "PUT") != (http.path_params.get("verb") == "client_state_update"):
        raise not_found()
    request = Request(
        method=http.method,
        path=http.scope["path"],
        verb=http.path_params.get("verb", "dial"),
        call_control_id=http.path_params.get("call_control_id"),
        raw=await http.body(),
        connection=http.client.port if http.client else None,
    )
    exchange: Exchange = http.app.state.exchange  # after the body was read: a reset may have come meanwhile
    answer = exchange.command(request, authenticated=_has_token(http))
    return _json(answer.body, answer.status) if answer.strike is None else await _struck(answer, answer.strike)


async def _struck(answer: Answer, strike: CommandStrike) -> Response:
    """What the fault leaves of an answer.

    The headers of a 429 are Telnyx's (Telnyx docs: reliability/rate-limiting) but for Retry-After, which is not
    documented.
    """
    headers = {}
    match strike.fault:
        case "silence":
            return NoAnswer(hold_s=_SILENCE_S)
        case "reset":
            return NoAnswer(hold_s=0.0)
        case "cut_head" | "cut_body" | "bad_json" | "huge" as half if answer.status == 200:
            return HalfAnswer(half, answer.body)
        case "slow":
            await asyncio.sleep(strike.slow_s)
        case "429":
            headers = {"retry-after": f"{strike.wait_s:g}"}
        case "429_reset":
            headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{strike.wait_s:g}"}
        case _:
            pass
    return _json(answer.body, answer.status, headers)


async def _recording_file(http: HttpRequest) -> Response:
    legs: Legs = http.app.state.exchange.legs
    signature = http.query_params.get("X-Amz-Signature", "")
    one = storage.linked_recording(legs, http.path_params["name"], signature, time.time())
    if one is None:
        denied = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
        return Response(denied, 403, media_type="application/xml")
    return Response(wav_file(one.channels), media_type=f"audio/{one.format}")


def _has_token(http: HttpRequest) -> bool:
    scheme, _, token = http.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and bool(token.strip())


async def _refused(_http: HttpRequest, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return _json(error.body(), error.status)


async def _left(_http: HttpRequest, _error: Exception) -> Response:
    """The client has gone before its request was whole: nothing is done, and nobody reads this."""
    return Response(status_code=400)


async def _no_such_route(_http: HttpRequest, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return _json(not_found().body(), status)


def _json(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status, headers, media_type="application/json")
