"""The queues: how old, how deep, how quick, and who works on them; and the workers of a kind told to stop."""

from typing import Final

from starlette.responses import Response

from console import draining, queues
from console.page.health import LATE_S
from console.page.visit import Visit, command
from shared.errors import BadInput
from shared.queues import KINDS

EVERY_S: Final = 2
DRAIN_WITHIN_S: Final = 22.0  # a worker stops within 20 s, and a platform's router waits for 30 s


async def screen(visit: Visit) -> Response:
    return await _show(visit)


async def drain(visit: Visit) -> Response:
    """POST: as `trunkline queues drain KIND`, for whoever has said to be sure."""
    kind = next((one for one in KINDS if one == visit.form.get("kind")), None)
    if kind is None or visit.form.get("sure") != "yes":
        raise BadInput("Say which workers are to stop, and that you are sure; nothing was changed")
    visit.audit("queues drain", kind)
    done = await draining.drain(visit.client, kind, DRAIN_WITHIN_S)
    left = f"; still there: {', '.join(done.left)}" if done.left else ""
    return await _show(visit, draining.sentence(done) + left)


async def _show(visit: Visit, notice: str = "") -> Response:
    return await visit.show(
        "queues.html",
        here="queues",
        every=0 if notice else EVERY_S,
        notice=notice,
        same=command("queues"),
        queues=await queues.look(visit.client),
        late_s=LATE_S,
    )
