"""The ASGI application: its parts wired by hand, its routes, and the border where errors become answers."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from ingress import cancel_call, place_call, webhook
from ingress.answers import answer_to, send_empty, send_json
from ingress.bearer import Bearer
from ingress.cancel_call import CancelCall
from ingress.durable import DurableWrites
from ingress.group_commit import GroupCommit
from ingress.place_call import PlaceCall
from ingress.ready import DurabilityWatch, Ready
from ingress.refusals import Refusals
from ingress.signature import keys_of
from ingress.webhook import Webhook
from shared import metrics, valkey
from shared.cancelling import cancel_all
from shared.dialplan import Loaded, connections
from shared.errors import Unavailable
from shared.events import WEBHOOK_PATH
from shared.flush import Flush
from shared.log import log
from shared.publish import publish
from shared.settings import Settings

PLAN_AGAIN_S: Final = 3600

Job = Callable[[], Awaitable[None]]
Pages = Callable[[Redis], Sequence[BaseRoute]]


def build_app(settings: Settings, dialplan: Loaded, pages: Pages = lambda _: ()) -> ASGIApp:
    """Nothing is connected before the server starts the application. `pages` are the operator's routes."""
    client = valkey.connect(settings)
    watch = DurabilityWatch(client, settings.durability)
    writes = DurableWrites(client, watch)
    commit = GroupCommit(writes, watch)
    ours = connections(dialplan.plan) | ({settings.connection_id} if settings.connection_id else frozenset())
    webhooks = Webhook(keys_of(settings.telnyx_public_keys), ours, commit, writes)
    routes: list[BaseRoute] = [
        Route("/health", _health, methods=["GET"]),
        Route("/ready", Ready(watch, dialplan.hash).answer, methods=["GET"]),
    ]
    if settings.api_token:
        bearer = Bearer(settings.api_token)
        routes.append(Route(place_call.PATH, PlaceCall(bearer, dialplan, commit)))
        routes.append(Route(cancel_call.PATH, CancelCall(bearer, commit)))
    routes += pages(client)

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        flush = Flush(client)
        async with _running(watch.run, commit.run, lambda: _keep_plan(client, dialplan), flush.run):
            yield
        await flush.last()
        await client.aclose()

    return Border(webhooks, Router(routes, redirect_slashes=False, lifespan=lifespan))


class Border:
    """Leaves no request unanswered: what an application behind it raises becomes an answer here."""

    def __init__(self, webhooks: ASGIApp, others: ASGIApp) -> None:
        """Webhooks are nearly all requests, and go past the router of the others."""
        self._webhooks = webhooks
        self._others = others
        self._refusals = Refusals()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._others(scope, receive, send)
            return
        app = self._webhooks if scope["path"] == WEBHOOK_PATH else self._others
        try:
            await app(scope, receive, send)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - the border; cancelled only when stopping
            await self._answer(scope, send, error)

    async def _answer(self, scope: Scope, send: Send, error: BaseException) -> None:
        answer = answer_to(error)
        is_webhook = scope["path"] == WEBHOOK_PATH
        if answer.status >= 500:
            _log_unaccepted(scope, error)
        elif is_webhook:
            self._refusals.tell(answer.status, str(error), scope.get(webhook.EVENT_ID), time.monotonic())
        with contextlib.suppress(RuntimeError):  # another answer had already begun
            if is_webhook:
                metrics.WEBHOOKS.add(scope.get(webhook.EVENT_TYPE, "none"), str(answer.status))
                await send_empty(send, answer.status, answer.headers)
            else:
                await send_json(send, answer.status, {"error": answer.text}, answer.headers)


def _log_unaccepted(scope: Scope, error: BaseException) -> None:
    """Say what was not accepted and why; never its body."""
    event_id = scope.get(webhook.EVENT_ID)
    if isinstance(error, Unavailable):
        log.warning("not_accepted", event_id=event_id, reason=str(error))
    else:
        log.error("unexpected", event_id=event_id, path=scope["path"], exc_info=error)


async def _health(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


@asynccontextmanager
async def _running(*jobs: Job) -> AsyncIterator[None]:
    """Run them beside the requests, and stop them when the last request is answered."""
    tasks = [asyncio.create_task(_for_ever(job)) for job in jobs]
    try:
        yield
    finally:
        await cancel_all(tasks)


async def _for_ever(job: Job) -> None:
    while True:
        try:
            await job()
        except Exception as error:  # noqa: BLE001 - the border of a background task: the process needs all of them
            log.error("background_task_failed", doing="starting it again", exc_info=error)
        await asyncio.sleep(1)


async def _keep_plan(client: Redis, dialplan: Loaded) -> None:
    """Keep this plan's text where the workers find it by its hash."""
    while True:
        try:
            await publish(client, dialplan)
        except (RedisError, OSError):
            await asyncio.sleep(1)
        else:
            await asyncio.sleep(PLAN_AGAIN_S)
