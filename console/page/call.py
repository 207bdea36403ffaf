"""One call: its timeline as a picture and as a table, and the rule that took it and why."""

import time
from collections.abc import Callable
from typing import Any, Final

from starlette.responses import Response

from console import records, story, summary, timeline
from console.asking import NotThere
from console.dialplan import begun, explain_call
from console.page import picture
from console.page.listing import WINDOW
from console.page.visit import Visit, command
from console.records import Whole
from console.steps import sentence, slowest
from shared import numbers

EVERY_S: Final = 2


async def screen(visit: Visit) -> Response:
    """GET. A call that is over changes no more, and is not fetched anew."""
    return await _show(visit, visit.query.get("id", ""), numbers.masked)


async def unmask(visit: Visit) -> Response:
    """POST: the same with its numbers, once."""
    return await _show(visit, visit.form.get("id", ""), str)


async def _show(visit: Visit, name: str, show: Callable[[str], str]) -> Response:
    whole = await records.find(visit.client, name, WINDOW) if name else None
    if whole is None:
        raise NotThere("No call of this id is kept")
    masked = show is not str
    if not masked:
        visit.audit("call unmask", whole.call.id)
    return await visit.show(
        "call.html",
        here="calls",
        masked=masked,
        same=command("calls", "show", whole.call.id, *(() if masked else ("--unmask",))),
        **await _content(visit, whole, show),
    )


async def _content(visit: Visit, whole: Whole, show: Callable[[str], str]) -> dict[str, Any]:
    call, now = whole.call, time.time()
    standing = summary.summary(call, now)
    read = timeline.read(whole.entries, show)
    began = story.began(read, call.began)
    longest = slowest(read.steps)
    legs = story.legs(call.record, read, show) if call.record else []
    return {
        "id": call.id,
        "every": 0 if standing.is_over or show is str else EVERY_S,
        "told": summary.row(standing, show),
        "legs": [story.leg_row(leg, began) for leg in legs],
        "leg_columns": story.LEG_COLUMNS,
        "steps": [story.step_row(step, began) for step in read.steps],
        "step_columns": story.STEP_COLUMNS,
        "legend": story.LEGEND,
        "picture": picture.draw(read.steps),
        "slowest": sentence(longest) if longest else "",
        "why": await _why(visit, whole, show),
    }


async def _why(visit: Visit, whole: Whole, show: Callable[[str], str]) -> list[str]:
    """What `trunkline dialplan explain --call` says of the rule, in lines."""
    record = whole.call.record
    if record is None:
        return []
    plan = await begun.plan_of(visit.client, record.plan)
    explained = explain_call.explain(explain_call.Kept(record, whole.entries, plan), show)
    return list(explain_call.why_lines(explained))
