"""What the types cannot say: names that dangle, numbers that must not be dialled, texts that cannot be spoken."""

from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from shared.dialplan.faults import Fault, quoted, wrong
from shared.dialplan.schema import Action, Outbound, Plan, Ring, Say, Transfer
from shared.dialplan.texts import names_in
from shared.dialplan.walk import KeyPath, actions, destinations, items
from shared.errors import DialplanError
from shared.numbers import is_emergency, is_number, is_pattern, matches

LONGEST_SPOKEN: Final = 3000  # Telnyx docs: speak, payload


def faults(plan: Plan) -> Iterator[Fault]:
    if not _is_timezone(plan.timezone):
        yield wrong(("timezone",), plan.timezone)
    yield from _limits(plan)
    yield from _conditions(plan)
    for name, outbound in plan.outbound.items():
        yield from _outbound(("outbound", name), outbound)
    for path, number in destinations(plan):
        yield from _destination(plan, path, number)
    for path, action in actions(plan):
        yield from _names(plan, path, action)
    yield from _texts(plan)


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


def _conditions(plan: Plan) -> Iterator[Fault]:
    for number, rule in enumerate(plan.rules):
        called = items(("rules", number, "when", "to"), rule.when.to)
        calling = items(("rules", number, "when", "from"), rule.when.from_)
        yield from (wrong(path, pattern) for path, pattern in called if not is_pattern(pattern))
        yield from (
            wrong(path, pattern) for path, pattern in calling if pattern != "anonymous" and not is_pattern(pattern)
        )


def _outbound(path: KeyPath, outbound: Outbound) -> Iterator[Fault]:
    if not is_number(outbound.from_):
        yield wrong((*path, "from"), outbound.from_)
    after_amd = {
        "machine": outbound.machine,
        "fax": outbound.fax,
        "silence": outbound.silence,
        "not_sure": outbound.not_sure,
    }
    for key, action in after_amd.items():
        if action is not None and outbound.amd is None:
            yield Fault((*path, key), 'needs amd = { mode = "premium" }; without it every answered call is human')


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


def _names(plan: Plan, path: KeyPath, action: Action) -> Iterator[Fault]:
    if isinstance(action, Ring) and action.group not in plan.groups:
        yield _dangling((*path, "group"), "groups", action.group, list(plan.groups))
    if isinstance(action, Ring | Transfer) and action.record is not None and action.record not in plan.recording:
        yield _dangling((*path, "record"), "recording", action.record, list(plan.recording))


def _dangling(path: KeyPath, table: str, name: str, known: list[str]) -> Fault:
    return Fault(path, f"there is no [{table}.{name}]; known: {', '.join(known) or 'none'}")


def _texts(plan: Plan) -> Iterator[Fault]:
    for path, text in _spoken(plan):
        if not plan.voice:
            yield Fault(("voice",), 'missing; texts are spoken here, so choose a Telnyx voice such as "female"')
        if not text.strip() or len(text) > LONGEST_SPOKEN:
            yield wrong(path, text)
        if path[0] == "outbound":
            yield from _template(path, text)
        elif "{" in text or "}" in text:
            yield Fault(path, "{ and } are for variables, and only the texts of [outbound.NAME] have those")


def _template(path: KeyPath, text: str) -> Iterator[Fault]:
    try:
        names_in(text)
    except DialplanError as reason:
        yield Fault(path, str(reason))


def _spoken(plan: Plan) -> Iterator[tuple[KeyPath, str]]:
    for name, policy in plan.recording.items():
        if policy.announce is not None:
            yield ("recording", name, "announce"), policy.announce
    for path, action in actions(plan):
        if isinstance(action, Say):
            yield (*path, "text"), action.text
