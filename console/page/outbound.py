"""The outbound profiles: how they stand, and the brake."""

from typing import Final

from starlette.responses import Response

from console import outbound
from console.page.visit import Visit, command, go

EVERY_S: Final = 2


async def screen(visit: Visit) -> Response:
    profiles = await outbound.read(visit.client, visit.plan)
    return await visit.show(
        "outbound.html",
        here="outbound",
        every=EVERY_S,
        same=command("outbound", "list"),
        profiles=[outbound.row(profile) for profile in profiles],
    )


async def pause(visit: Visit) -> Response:
    return await _brake(visit, paused=True)


async def resume(visit: Visit) -> Response:
    return await _brake(visit, paused=False)


async def _brake(visit: Visit, paused: bool) -> Response:
    name = visit.form.get("profile", "")
    changed = await outbound.put_brake(visit.client, lambda: visit.plan, name, paused)
    visit.audit("outbound pause" if paused else "outbound resume", name, changed=changed)
    return go("outbound")
