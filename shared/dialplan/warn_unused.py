"""Tables that nothing uses, and schedules that never open."""

from collections.abc import Iterator
from typing import Final

from shared.dialplan.faults import Fault
from shared.dialplan.schema import Hook, Plan
from shared.dialplan.walk import actions, references

_FOR_ACTIONS: Final = ("recording", "voicemail", "groups")


def unused(plan: Plan) -> Iterator[Fault]:
    """A hook may answer with any group, box or policy: where there is one, those count as used."""
    used = {(reference.table, reference.name) for reference in references(plan)}
    has_hook = any(isinstance(action, Hook) for _, action in actions(plan))
    tables = ("schedules",) if has_hook else ("schedules", *_FOR_ACTIONS)
    for table in tables:
        for name in getattr(plan, table):
            if (table, name) not in used:
                yield Fault((table, name), "nothing uses it")
    for name, schedule in plan.schedules.items():
        if not schedule.open_:
            yield Fault(("schedules", name, "open"), "never open: no day has a span")
