"""The most that a dialplan asks for in a call, read from the plan alone: nothing else may ever be sent."""

from collections.abc import Iterable, Iterator
from typing import Final

from shared import dialplan
from shared.dialplan import Action, Plan
from shared.dialplan.walk import steps
from tests.order.script import NAMES, Script

ALWAYS: Final = frozenset({"answer", "look_at_leg", "look_for_leg"})
BRANCHES: Final[tuple[dialplan.Branch, ...]] = ("human", "machine", "fax", "silence", "not_sure")


def is_asked_for(script: Script, sent: Iterable[str]) -> bool:
    """Whether one way through the plan asks for all of it; hangups, files and outcomes are not asked for."""
    return any(_said(sent) <= way for way in ways(script))


def ways(script: Script) -> list[frozenset[str]]:
    """One for an incoming call, and one for each branch of a call that we place: nobody gets something of two.

    With several attempts, or a phone that screens its calls, a human may come after a machine.
    """
    if script.main == "caller":
        return [ALWAYS | frozenset(_of(script, script.plan.rules[0].then))]
    profile = script.plan.outbound["call"]
    branches = [ALWAYS | {f"dial {script.main}"} | _branch(script, name) for name in BRANCHES]
    is_judged_anew = profile.amd is not None and "screening" in profile.amd.mode
    return [frozenset().union(*branches)] if is_judged_anew or profile.attempts > 1 else branches


def is_too_late(script: Script, before: Iterable[str], sent: Iterable[str]) -> bool:
    """Whether something for a machine was sent after something for a human."""
    if script.main == "caller":
        return False
    human, machine = _branch(script, "human"), _branch(script, "machine")
    return bool(_said(before) & (human - machine)) and bool(_said(sent) & (machine - human))


def _said(sent: Iterable[str]) -> frozenset[str]:
    asked = (label for label in sent if label.partition(" ")[0] not in {"hangup", "fetch", "tell"})
    return frozenset(label.removesuffix(" recorded") for label in asked)


def _branch(script: Script, name: dialplan.Branch) -> frozenset[str]:
    return frozenset(_of(script, script.plan.outbound["call"].branch(name)))


def _of(script: Script, action: Action) -> Iterator[str]:
    if isinstance(action, dialplan.Hook):
        action = _chosen(script, action)
    for _, step in steps(action, ()):
        yield from _asked_by(script.plan, step)


def _chosen(script: Script, action: dialplan.Hook) -> Action:
    """The hooks of our scripts look at nothing."""
    return script.around.hooks[action.call](None, None) or script.plan.default.then  # type: ignore[arg-type]


def _asked_by(plan: Plan, action: Action) -> Iterator[str]:
    """By this action alone, in the words of `label`."""
    match action:
        case dialplan.Reject():
            yield "reject"
        case dialplan.Say(text=text):
            yield f"speak {text}"
        case dialplan.Play(url=url):
            yield _played(url)
        case dialplan.LeaveMessage(text=text, url=url):
            yield _played(url) if url else f"speak {text}"
        case dialplan.Voicemail(box=box):
            greeting = plan.voicemail[box].greeting
            yield from (_played(greeting.play) if greeting.play else f"speak {greeting.say}", "record_start")
        case dialplan.Transfer(to=to):
            yield f"transfer {NAMES[to]}"
        case dialplan.Ring(group=group):
            names = [NAMES[member] for member in plan.groups[group].members]
            yield from (f"{verb} {name}" for verb in ("dial", "gather_using_speak", "bridge") for name in names)
    if isinstance(action, dialplan.Transfer | dialplan.Ring) and action.record:
        yield from ("record_stop", f"speak {plan.recording[action.record].announce}")


def _played(url: str) -> str:
    return f"playback_start {url.rpartition('/')[2]}"
