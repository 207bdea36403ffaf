"""Every action of a plan with the keys that lead to it, and the destinations that they name."""

from collections.abc import Iterator

from shared.dialplan.schema import Action, Answer, Outbound, Plan, Play, Ring, Say, Transfer

KeyPath = tuple[str | int, ...]  # ("rules", 0, "then", "otherwise")


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
    for path, root in roots(plan):
        yield from steps(root, path)


def items(path: KeyPath, values: tuple[str, ...]) -> Iterator[tuple[KeyPath, str]]:
    """Each value with its path; a lone value may have been written without a list."""
    for number, value in enumerate(values):
        yield (path if len(values) == 1 else (*path, number)), value


def destinations(plan: Plan) -> Iterator[tuple[KeyPath, str]]:
    """What the dialplan itself may dial: transfer targets and the members of groups."""
    for name, group in plan.groups.items():
        yield from items(("groups", name, "members"), group.members)
    for path, action in actions(plan):
        if isinstance(action, Transfer):
            yield (*path, "to"), action.to
