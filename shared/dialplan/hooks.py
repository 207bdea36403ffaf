"""What a hook is told, and whether what it answers can be used; pure."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal

import msgspec

from shared.dialplan.check import dangling
from shared.dialplan.check_actions import form_faults
from shared.dialplan.check_texts import NO_VOICE, is_speakable
from shared.dialplan.explain import explain
from shared.dialplan.faults import Fault, wrong
from shared.dialplan.limits import may_dial
from shared.dialplan.schema import Action, Default, Hook, LeaveMessage, Plan, Transfer
from shared.dialplan.texts import spoken
from shared.dialplan.walk import KeyPath, references_of, steps


class HookCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call as a hook sees it. Names of `headers` are in lower case; `outcome` is for `on_outcome` only."""

    call: str  # our id
    direction: Literal["incoming", "outgoing"]
    from_: str
    to: str
    connection: str = ""
    attestation: str | None = None
    tags: tuple[str, ...] = ()
    headers: dict[str, str] = {}
    rule: str | None = None  # that took an incoming call, or "[default]"
    profile: str | None = None  # of an outgoing call, as are its variables
    variables: dict[str, str] = {}
    outcome: str | None = None
    outcomes: tuple[str, ...] = ()  # of every attempt
    said: tuple[str, ...] = ()  # the texts that were spoken


HookFunction = Callable[[HookCall, datetime], Action | None]


def checked(plan: Plan, answer: object, *, outbound: bool = False) -> str | None:
    """Why what a hook answered cannot be used, or None. No value is told, as it may be a number: this is logged.

    `outbound` for a call that we placed, whose branches may leave a message.
    """
    if not isinstance(answer, Action):
        return f"{type(answer).__name__} is no action"
    fault = _type_fault(answer) or next(_faults(plan, answer, outbound=outbound), None)
    if fault is None:
        return None
    return f"{'.'.join(map(str, fault.path))}: {fault.reason}" if fault.path else fault.reason


def _type_fault(answer: Action) -> Fault | None:
    """A struct holds whatever its maker gave it, until it is decoded."""
    try:
        document = msgspec.to_builtins(Plan(version=1, timezone="UTC", default=Default(answer)))
    except (TypeError, RecursionError):
        return Fault((), "holds something that no action can hold")
    fault = explain(document)
    if fault is not None:
        return Fault(fault.path[2:], fault.reason)
    is_same = msgspec.convert(document, Plan).default.then == answer
    return None if is_same else Fault((), "holds something that no action can hold")


def _faults(plan: Plan, answer: Action, *, outbound: bool) -> Iterator[Fault]:
    for path, action in steps(answer, ()):
        yield from form_faults(path, action)
        yield from dangling(plan, references_of(action, path))
        yield from _refused(plan, path, action, outbound=outbound)


def _refused(plan: Plan, path: KeyPath, action: Action, *, outbound: bool) -> Iterator[Fault]:
    """What the dialplan may say and a hook may not, or only for some calls."""
    if isinstance(action, Hook):
        yield Fault(path, "a hook may not answer with a hook")
    if isinstance(action, LeaveMessage) and not outbound:
        yield Fault(path, "leave_message is for calls that we place")
    if isinstance(action, Transfer) and not may_dial(plan, action.to):
        yield Fault(
            (*path, "to"), "not a number that [limits] allow, or without it the dialplan itself, lets us dial"
        )
    text = spoken(action)
    if text is not None and not plan.voice:
        yield Fault(("voice",), NO_VOICE)
    if text is not None and not is_speakable(text):
        yield wrong((*path, "text"), text)
