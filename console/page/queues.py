"""The queues: how old, how deep, how quick, and who works on them."""

from typing import Final

from starlette.responses import Response

from console import queues
from console.page.health import LATE_S
from console.page.visit import Visit, command

EVERY_S: Final = 2


async def screen(visit: Visit) -> Response:
    return await visit.show(
        "queues.html",
        here="queues",
        every=EVERY_S,
        same=command("queues"),
        queues=await queues.look(visit.client),
        late_s=LATE_S,
    )
