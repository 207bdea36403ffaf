"""Every action of a plan with the keys that lead to it, and what the actions and tables refer to."""

from collections.abc import Iterator
from typing import NamedTuple

from shared.dialplan.schema import (
    Action,
    Answer,
    Hook,
    Outbound,
    Plan,
    Play,
    Ring,
    Say,
    Transfer,
    Voicemail,
)

KeyPath = tuple[str | int, ...]  # ("rules", 0, "then", "otherwise")


class Reference(NamedTuple):
    """A place of the file that names a table `[table.name]`."""

    path: KeyPath
    table: str
    name: str


def steps(action: Action, path: KeyPath) -> Iterator[tuple[KeyPath, Action]]:
    """The action and those that may follow it."""
    yield path, action
    match action:
        case Answer(then=following) | Say(then=following) | Play(then=following):
            key = "then"
        case Transfer(otherwise=following) | Ring(otherwise=following):
            key = "otherwise"
        case _:
            return
    if following is not None:
        yield from steps(following, (*path, key))


def branches(outbound: Outbound, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Action]]:
    """The first actions that are written in a profile."""
    written = (
        ("human", outbound.human),
        ("machine", outbound.machine),
        ("fax", outbound.fax),
        ("silence", outbound.silence),
        ("not_sure", outbound.not_sure),
    )
    for key, action in written:
        if action is not None:
            yield (*path, key), action


def roots(plan: Plan) -> Iterator[tuple[KeyPath, Action]]:
    """The actions at which a call begins, in the order of the file's usual sections."""
    for number, rule in enumerate(plan.rules):
        yield ("rules", number, "then"), rule.then
    for name, outbound in plan.outbound.items():
        yield from branches(outbound, ("outbound", name))
    yield ("default", "then"), plan.default.then


def actions(plan: Plan) -> Iterator[tuple[KeyPath, Action]]:
    """Every action of the plan, wherever it stands."""
    for path, root in roots(plan):
        yield from steps(root, path)


def items(path: KeyPath, values: tuple[str, ...]) -> Iterator[tuple[KeyPath, str]]:
    """Each value with its path; a lone value may have been written without a list."""
    for number, value in enumerate(values):
        yield (path if len(values) == 1 else (*path, number)), value


def destinations(plan: Plan) -> Iterator[tuple[KeyPath, str]]:
    """What the dialplan itself may dial: transfer targets and the members of groups."""
    for name, group in plan.groups.items():
        for number, member in enumerate(group.members):
            yield ("groups", name, "members", number), member
    for path, action in actions(plan):
        if isinstance(action, Transfer):
            yield (*path, "to"), action.to


def hook_names(plan: Plan) -> Iterator[tuple[KeyPath, str]]:
    """The functions that the dialplan calls, as `module:function`."""
    for path, action in actions(plan):
        if isinstance(action, Hook):
            yield (*path, "call"), action.call
    for name, outbound in plan.outbound.items():
        if outbound.on_outcome is not None:
            yield ("outbound", name, "on_outcome"), outbound.on_outcome


def references(plan: Plan) -> Iterator[Reference]:
    """Every table that is named somewhere, whether it exists or not."""
    for number, rule in enumerate(plan.rules):
        for path, schedule in items(("rules", number, "when", "schedule"), rule.when.schedule):
            yield Reference(path, "schedules", schedule)
    for name, outbound in plan.outbound.items():
        if outbound.schedule is not None:
            yield Reference(("outbound", name, "schedule"), "schedules", outbound.schedule)
    for name, box in plan.voicemail.items():
        if box.record is not None:
            yield Reference(("voicemail", name, "record"), "recording", box.record)
    for path, action in actions(plan):
        yield from references_of(action, path)


def references_of(action: Action, path: KeyPath) -> Iterator[Reference]:
    """The tables that this action names, without those that may follow it."""
    match action:
        case Ring(group=group):
            yield Reference((*path, "group"), "groups", group)
        case Voicemail(box=box):
            yield Reference((*path, "box"), "voicemail", box)
    if isinstance(action, Ring | Transfer) and action.record is not None:
        yield Reference((*path, "record"), "recording", action.record)
