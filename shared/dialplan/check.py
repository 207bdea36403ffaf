"""What the types cannot say: names that dangle, numbers that must not be dialled, times that are none."""

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from shared.dialplan import schedules
from shared.dialplan.check_actions import exactly_one, form_faults
from shared.dialplan.check_outbound import outbound_faults
from shared.dialplan.check_texts import text_faults
from shared.dialplan.faults import Fault, quoted, wrong
from shared.dialplan.forms import is_header_name, is_url
from shared.dialplan.schema import Action, Box, Hook, LeaveMessage, Plan, Schedule, When
from shared.dialplan.walk import KeyPath, Reference, actions, destinations, items, references
from shared.numbers import is_emergency, is_number, is_pattern, matches


def faults(plan: Plan) -> Iterator[Fault]:
    """All that is wrong with a plan of the right types; whoever wants one fault takes the first."""
    if not _is_timezone(plan.timezone):
        yield wrong(("timezone",), plan.timezone)
    yield from _limits(plan)
    for name, schedule in plan.schedules.items():
        yield from _schedule(("schedules", name, "open"), schedule)
    for number, rule in enumerate(plan.rules):
        yield from _condition(("rules", number, "when"), rule.when)
    for name, box in plan.voicemail.items():
        yield from _box(("voicemail", name, "greeting"), box)
    for name, outbound in plan.outbound.items():
        yield from outbound_faults(("outbound", name), outbound)
    for path, destination in destinations(plan):
        yield from _destination(plan, path, destination)
    for path, action in actions(plan):
        yield from form_faults(path, action)
        yield from _placement(path, action)
    yield from dangling(plan, references(plan))
    yield from text_faults(plan)


def dangling(plan: Plan, named: Iterator[Reference]) -> Iterator[Fault]:
    """A fault for each reference to a table that is not there."""
    for path, table, name in named:
        known: Mapping[str, object] = getattr(plan, table)
        if name not in known:
            yield Fault(path, f"there is no [{table}.{name}]; known: {', '.join(known) or 'none'}")


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found; malformed; until Python 3.13 a folder such as "America"
        return False
    return True


def _limits(plan: Plan) -> Iterator[Fault]:
    for number, pattern in enumerate(plan.limits.allow or ()):
        path = ("limits", "allow", number)
        if is_emergency(pattern):
            yield _never_dialled(path, pattern)
        elif not is_pattern(pattern):
            yield wrong(path, pattern)


def _schedule(path: KeyPath, schedule: Schedule) -> Iterator[Fault]:
    for key, spans in schedule.open_.items():
        if schedules.days(key) is None:
            known = ", ".join(schedules.DAYS)
            yield Fault((*path, key), f'unknown day; allowed: {known}, and ranges such as "mon-fri" or "sat-mon"')
        for number, text in enumerate(spans):
            if schedules.span(text) is None:
                yield wrong((*path, key, number), text)


def _condition(path: KeyPath, when: When) -> Iterator[Fault]:
    for place, pattern in items((*path, "to"), when.to):
        if not is_pattern(pattern):
            yield wrong(place, pattern)
    for place, pattern in items((*path, "from"), when.from_):
        if pattern != "anonymous" and not is_pattern(pattern):
            yield wrong(place, pattern)
    for name in when.header:
        if not is_header_name(name):
            yield Fault((*path, "header", name), "no SIP header can have this name")


def _box(path: KeyPath, box: Box) -> Iterator[Fault]:
    yield from exactly_one(path, say=box.greeting.say, play=box.greeting.play)
    if box.greeting.play is not None and not is_url(box.greeting.play):
        yield wrong((*path, "play"), box.greeting.play)


def _placement(path: KeyPath, action: Action) -> Iterator[Fault]:
    if isinstance(action, LeaveMessage) and path[0] != "outbound":
        yield Fault(path, "leave_message is for the calls of [outbound.NAME]: who calls us is no machine")
    if isinstance(action, Hook) and path[0] == "default" and path != ("default", "then"):
        yield Fault(
            path, "a hook that fails goes to [default]: only its first action may be one, or it never ends"
        )


def _destination(plan: Plan, path: KeyPath, number: str) -> Iterator[Fault]:
    allow = plan.limits.allow
    if is_emergency(number):
        yield _never_dialled(path, number)
    elif not is_number(number):
        yield wrong(path, number)
    elif allow is not None and not any(matches(pattern, number) for pattern in allow):
        yield Fault(path, f"{quoted(number)} is outside [limits] allow; add it there or change it here")


def _never_dialled(path: KeyPath, number: str) -> Fault:
    return Fault(path, f"{quoted(number)} is an emergency number, and those are never dialled")
