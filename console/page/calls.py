"""The calls: newest first, searched by number, id, rule and outcome."""

import time
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from starlette.responses import Response

from console import records, summary
from console.dead.masking import masked_text
from console.page import listing
from console.page.listing import WINDOW, is_search
from console.page.visit import Visit, command, go
from console.wanted import Wanted
from shared import numbers

EVERY_S: Final = 2
MAX_TEXT: Final = 300

_STATES: Final = ("", "live", "over")


async def screen(visit: Visit) -> Response:
    """GET. A number is never in an address, which platforms write into their logs."""
    wanted = _wanted(visit.query)
    return await _show(visit, wanted, visit.query.get("after", ""), 0 if is_search(wanted) else EVERY_S)


async def search(visit: Visit) -> Response:
    """POST: lead to the call of this id, or show those of this number. A search without either becomes a GET."""
    asked, wanted = visit.form.get("q", "")[:MAX_TEXT], _wanted(visit.form)
    if not asked:
        return go("", rule=wanted.rule, outcome=wanted.outcome, state=wanted.state)
    if numbers.is_pattern(asked):
        wanted = msgspec.structs.replace(wanted, number=asked)
        return await _show(visit, wanted, visit.form.get("after", ""))
    found = await records.find(visit.client, asked, WINDOW)
    if found is not None:
        return go("call", id=found.call.id)
    within = f" among the newest {WINDOW}" if records.is_control_id(asked) else ""
    notice = f"No call of this id is kept{within}, and it is no number like +13125550100 or +1312*."
    return await _show(visit, wanted, "", notice=notice)


async def unmask(visit: Visit) -> Response:
    """POST: the same list with its numbers, once."""
    wanted = msgspec.structs.replace(_wanted(visit.form), number=_number(visit.form.get("number", "")))
    rule, outcome = masked_text(wanted.rule), masked_text(wanted.outcome)  # whatever was typed there
    visit.audit("calls unmask", "list", rule=rule, outcome=outcome, state=wanted.state)
    return await _show(visit, wanted, visit.form.get("after", ""), show=str)


async def _show(
    visit: Visit,
    wanted: Wanted,
    after: str,
    every: int = 0,
    notice: str = "",
    show: Callable[[str], str] = numbers.masked,
) -> Response:
    found = await listing.read(visit.client, wanted, after, time.time())
    return await visit.show(
        "calls.html",
        here="calls",
        every=every,
        notice=notice,
        same=_same(wanted, show is str),
        rows=[summary.row(told, show) for told in found.calls],
        found=found,
        wanted=wanted,
        is_search=is_search(wanted),
        after=after,
        masked=show is not str,
    )


def _wanted(given: Mapping[str, str]) -> Wanted:
    state = given.get("state", "")
    return Wanted(
        rule=given.get("rule", "")[:MAX_TEXT],
        outcome=given.get("outcome", "")[:MAX_TEXT],
        state=state if state in _STATES else "",
    )


def _number(text: str) -> str:
    return text if numbers.is_pattern(text) else ""


def _same(wanted: Wanted, unmasked: bool) -> str:
    words = ["calls", "list", "--limit", str(listing.PER_PAGE)]
    for option in ("number", "rule", "outcome"):
        given = getattr(wanted, option)
        shown = "+1…" if option == "number" else given
        words += [f"--{option}", shown] if given else []
    words += [f"--{wanted.state}"] if wanted.state else []
    return command(*words, *(["--unmask"] if unmasked else []))
