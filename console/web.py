"""The operator's page as routes: mounted by the web process, or served alone by `trunkline page`.

What each screen shows and does is what the command of the same name does; they call the same functions.
"""

from redis.asyncio import Redis
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route

from console.page import call, calls, dead, outbound, queues, static
from console.page.door import Door
from console.page.visit import ROOT
from shared.dialplan import Plan


def routes(client: Redis, plan: Plan, password: str) -> list[BaseRoute]:
    """Nothing is asked of Valkey before somebody looks. The password must not be empty."""
    screens = {
        "": calls.screen,
        "call": call.screen,
        "queues": queues.screen,
        "dead": dead.screen,
        "dead/letter": dead.letter,
        "outbound": outbound.screen,
        "page.css": static.css,
        "page.js": static.js,
    }
    actions = {
        "": calls.search,
        "unmask": calls.unmask,
        "call": call.unmask,
        "queues/drain": queues.drain,
        "dead/letter": dead.unmask,
        "dead/dry-run": dead.dry_run,
        "dead/replay": dead.run_again,
        "dead/discard": dead.throw_away,
        "outbound/pause": outbound.pause,
        "outbound/resume": outbound.resume,
    }
    path = ROOT.rstrip("/")
    return [Route(path, _to_root), Mount(path, Door(client, plan, password, screens, actions))]


async def _to_root(_: Request) -> RedirectResponse:
    return RedirectResponse(ROOT, 308)
