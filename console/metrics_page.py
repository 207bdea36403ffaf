"""GET /metrics: the whole fleet's numbers for Prometheus, whichever web process is asked."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from console.basic_auth import CHALLENGE, user_of
from console.exposition import CONTENT_TYPE
from console.scrape import scrape

WITHIN_S: Final = 5.0  # Prometheus itself waits for 10 s


def route(client: Redis, password: str) -> Route:
    """For whoever has the password, which must not be empty."""
    return Route("/metrics", _answer(client, password), methods=["GET"])


def _answer(client: Redis, password: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        if user_of(request.headers.get("authorization", ""), password) is None:
            return PlainTextResponse("a password is needed\n", 401, CHALLENGE)
        try:
            async with asyncio.timeout(WITHIN_S):
                page = await scrape(client)
        except (RedisError, OSError) as reason:
            return PlainTextResponse(f"Redis does not answer: {type(reason).__name__}\n", 503)
        return Response(page, media_type=CONTENT_TYPE)

    return answer
