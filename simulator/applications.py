"""The call control applications of one account: made, read, changed, deleted and listed.

Telnyx docs: call-control-applications. Nothing else here reads them: calls come and go under any connection id,
and webhooks go where the stand-in was told to send them.
"""

import itertools
from collections.abc import Callable

import msgspec

from simulator.application import Application, changed, read_wanted
from simulator.payloads import wire_time
from simulator.query import Ask, JsonObject, Query, choice, numbered_page
from simulator.refusals import bad_query, not_found

_FIRST_ID = 1_494_404_757_140_276_705
_CONTAINS_LENGTH = 3
_SORTS = ("created_at", "connection_name", "active")


class Applications:
    """Those of one account, in the order in which they were made."""

    def __init__(self) -> None:
        self._ids = itertools.count(_FIRST_ID)
        self._kept: dict[str, Application] = {}

    def create(self, ask: Ask) -> JsonObject:
        wanted, now = read_wanted(ask.raw), wire_time(ask.now)
        application = changed(Application(id=str(next(self._ids)), created_at=now, updated_at=now), wanted)
        self._kept[application.id] = application
        return {"data": application}

    def one(self, ask: Ask) -> JsonObject:
        return {"data": self._named(ask)}

    def update(self, ask: Ask) -> JsonObject:
        before = self._named(ask)
        after = msgspec.structs.replace(changed(before, read_wanted(ask.raw)), updated_at=wire_time(ask.now))
        self._kept[before.id] = after
        return {"data": after}

    def delete(self, ask: Ask) -> JsonObject:
        return {"data": self._kept.pop(self._named(ask).id)}

    def listed(self, ask: Ask) -> JsonObject:
        kept = _in_order(list(filter(_wanted(ask.query), self._kept.values())), ask.query)
        rows, meta = numbered_page(kept, ask.query)
        return {"data": rows, "meta": meta}

    def _named(self, ask: Ask) -> Application:
        application = self._kept.get(ask.path["id"])
        if application is None:
            raise not_found()
        return application


def _wanted(query: Query) -> Callable[[Application], bool]:
    part = query.get("filter[application_name][contains]")
    if part is not None and len(part) < _CONTAINS_LENGTH:
        raise bad_query("At least three characters.", "filter[application_name][contains]")
    # Older docs spell the second filter without its first `outbound`.
    profile = query.get(
        "filter[outbound.outbound_voice_profile_id]", query.get("filter[outbound_voice_profile_id]")
    )

    def wanted(application: Application) -> bool:
        named = part is None or part.casefold() in application.application_name.casefold()
        return named and profile in (None, application.outbound.outbound_voice_profile_id)

    return wanted


def _in_order(applications: list[Application], query: Query) -> list[Application]:
    """The newest first where no order is asked for; a minus before the key turns the order round."""
    sort = choice(query, "sort", (*_SORTS, *(f"-{key}" for key in _SORTS)))
    if sort is None:
        return applications[::-1]
    key = "application_name" if sort.endswith("connection_name") else sort.removeprefix("-")
    return sorted(applications, key=lambda one: getattr(one, key), reverse=sort.startswith("-"))
