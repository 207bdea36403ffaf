"""What each action of the dialplan does with a call, step by step.

Every function looks at the facts, asks for the commands of its step (`Draft.want` sends each once) and returns
the next step, or None to wait. It may run at any time and any number of times.
"""

from collections.abc import Callable
from typing import Any, Final, Literal

import msgspec

from shared import commands, dialplan
from shared.calls import Leg, Sent, Step
from shared.ids import LegId, Row
from workers.logic.draft import Draft
from workers.logic.routing_rules import Incoming, first_match

_replace = msgspec.structs.replace
TAKEN_GRACE_S: Final = 2.0  # a leg that ended normally was most likely answered: its late answer may still come


def start(draft: Draft) -> Step | None:
    """An incoming call gets its rule as soon as its call.initiated is known."""
    leg = draft.call.main_leg
    if leg is None:
        draft.note("nothing to route: no incoming leg of this call is known")
        return None
    match = first_match(
        draft.plan, Incoming(to=leg.to or "", from_=leg.from_ or "", connection=leg.connection_id or "")
    )
    draft.put(_replace(draft.call, rule=match.rule or "[default]"))
    draft.note(f"rule {draft.call.rule!r}")
    return do(draft, match.action)


def do(draft: Draft, action: dialplan.Action) -> Step:
    """The step that carries out an action."""
    return Step(draft.step.n + 1, "do", action)


def run(draft: Draft) -> Step | None:
    """One turn of the action that the call is at."""
    action = draft.step.action
    assert action is not None
    return _RUN[type(action)](draft, action)


def _purpose(draft: Draft, what: str) -> str:
    return f"{draft.step.n}:{what}"


def give_up(draft: Draft, why: str) -> Step:
    """No action is left: the caller is never left parked (design section 12)."""
    draft.note(f"{why}: hanging up")
    return do(draft, dialplan.Hangup())


def _otherwise(draft: Draft, action: dialplan.Transfer | dialplan.Ring, why: str) -> Step:
    if action.otherwise is None:
        return give_up(draft, why)
    draft.note(f"{why}: going on to otherwise")
    return do(draft, action.otherwise)


def _reject(draft: Draft, action: dialplan.Reject) -> Step | None:
    if draft.main.answered_at is not None:  # only a call that was not answered can be rejected
        return do(draft, dialplan.Hangup())
    purpose = _purpose(draft, "reject")
    _, sent = draft.want("reject", purpose, lambda _: commands.Reject(cause=action.cause), draft.call.main)
    return do(draft, dialplan.Hangup()) if sent.state == "failed" else None


def _hangup(draft: Draft, _action: dialplan.Hangup) -> Step | None:
    draft.want("hangup", _purpose(draft, "hangup"), lambda _: commands.Hangup(), draft.call.main)
    return None


def _answer(draft: Draft, action: dialplan.Answer) -> Step | None:
    match _answered(draft):
        case "yes":
            return do(draft, action.then)
        case "never":
            return give_up(draft, "the call could not be answered")
        case "not yet":
            return None


def _answered(
    draft: Draft, recording: dialplan.RecordingPolicy | None = None
) -> Literal["yes", "not yet", "never"]:
    """Telnyx wants the answer before any other command on an incoming call (facts.md section 10)."""
    if draft.main.answered_at is not None:
        return "yes"
    if draft.call.request is not None:
        return "not yet"  # an outbound leg is answered by the person called
    record = _record(recording if recording and recording.start == "answer" else None)
    _, sent = draft.want("answer", "answer", lambda _: commands.Answer(**record), draft.call.main)
    return "never" if sent.state == "failed" else "not yet"


def _record(policy: dialplan.RecordingPolicy | None) -> dict[str, Any]:
    """The recording parameters that answer, transfer and bridge have in common."""
    if policy is None:
        return {}
    return {"record": "record-from-answer", "record_channels": policy.channels, "record_format": policy.format}


def _policy(draft: Draft, name: str | None) -> dialplan.RecordingPolicy | None:
    return draft.plan.recording[name] if name else None


def _announced(draft: Draft, policy: dialplan.RecordingPolicy | None) -> Literal["yes", "not yet", "never"]:
    """Answered, and told of the recording where the policy says so."""
    answered = _answered(draft, policy)
    if answered != "yes" or policy is None or not policy.announce:
        return answered
    return _speak(draft, "announce", policy.announce)


def _speak(draft: Draft, what: str, text: str) -> Literal["yes", "not yet", "never"]:
    """Whether a text was spoken to its end on the caller's leg; asks for it at the first turn."""
    purpose = _purpose(draft, what)
    build: Callable[[Row], commands.Speak] = lambda _: commands.Speak(  # noqa: E731 - one expression, used once
        payload=text, voice=draft.plan.voice or "", language=draft.plan.language
    )
    row, sent = draft.want("speak", purpose, build, draft.call.main)
    if sent.state in {"failed", "void"}:
        return "never"
    if draft.main.spoken >= _spoken_up_to(draft, row) or draft.has_fired(purpose, 10 + 0.2 * len(text)):
        draft.cancel(purpose)
        return "yes"
    return "not yet"


def _spoken_up_to(draft: Draft, row: Row) -> int:
    """How many speak.ended there are when this one has ended: they carry nothing that tells them apart."""
    told = (sent for number, sent in draft.call.sent.items() if number <= row and sent.verb == "speak")
    return sum(sent.state in {"open", "done", "unknown"} for sent in told)


def _transfer(draft: Draft, action: dialplan.Transfer) -> Step | None:
    policy = _policy(draft, action.record)
    match _announced(draft, policy):
        case "never":
            return _otherwise(draft, action, "the call could not be prepared")
        case "not yet":
            return None
    record = _record(policy if policy and policy.start == "bridge" else None)

    def build(row: Row) -> commands.Transfer:
        return commands.Transfer(
            to=action.to,
            from_=_caller_id(draft, action.caller_id),
            timeout_secs=action.ring_secs,
            target_leg_client_state=draft.tag(row),
            **record,
        )

    row, sent = draft.want("transfer", _purpose(draft, "transfer"), build, draft.call.main, to=action.to)
    if sent.state == "failed":
        return _otherwise(draft, action, "the transfer was refused")
    leg = draft.call.leg_of(row)
    if leg is not None and leg.bridged_at is not None:
        draft.note("connected")
        return _replace(draft.step, at="connected")
    if _ended_untaken(draft, leg, sent):
        return _otherwise(draft, action, f"not taken ({leg.ended.cause if leg and leg.ended else 'no leg'})")
    return None


def _ended_untaken(draft: Draft, leg: Leg | None, sent: Sent) -> bool:
    """The new leg ended before it was answered or bridged.

    A normal end without a known answer is most likely one whose answer is still on its way, so it is waited for.
    """
    if leg is None or leg.ended is None or leg.answered_at is not None or leg.bridged_at is not None:
        return False
    if leg.ended.cause in {"normal_clearing", "time_limit", "gone"}:
        return draft.has_fired(f"{sent.purpose}:taken?", TAKEN_GRACE_S)
    return True


def _caller_id(draft: Draft, choice: str) -> str | msgspec.UnsetType:
    """`business` is the number that the caller dialled; a carrier may refuse the caller's own (error D51)."""
    if draft.call.request is not None:
        return draft.plan.outbound[draft.call.request.profile].from_
    number = draft.main.to if choice == "business" else draft.main.from_
    return number if number and number.startswith("+") else msgspec.UNSET


def _ring(draft: Draft, action: dialplan.Ring) -> Step | None:
    policy = _policy(draft, action.record)
    match _announced(draft, policy):
        case "never":
            return _otherwise(draft, action, "the call could not be prepared")
        case "not yet":
            return None
    group = draft.plan.groups[action.group]
    dialled = [_ring_member(draft, action, group, member) for member in group.members]
    if draft.step.winner is None:
        _choose_winner(draft, [row for row, _ in dialled])
    if draft.step.winner is not None:
        return _bridge_winner(draft, action, draft.step.winner, policy)
    if all(_over(draft, row, sent) for row, sent in dialled):
        return _otherwise(draft, action, f"nobody of group {action.group!r} took it")
    return None


def _ring_member(draft: Draft, action: dialplan.Ring, group: dialplan.Group, member: str) -> tuple[Row, Sent]:
    def build(row: Row) -> commands.Dial:
        caller_id = _caller_id(draft, action.caller_id)
        return commands.Dial(
            connection_id=draft.main.connection_id or "",
            from_=caller_id if isinstance(caller_id, str) else (draft.main.to or ""),
            to=member,
            timeout_secs=group.ring_secs,
            link_to=draft.main.control_id or msgspec.UNSET,
            client_state=draft.tag(row),
        )

    return draft.want("dial", _purpose(draft, f"dial {member}"), build, to=member)


def _choose_winner(draft: Draft, rows: list[Row]) -> None:
    """The first accepted answer wins: the commit's version check makes it the only one."""
    taken = [
        (leg.answered_at, draft.call.made[row])
        for row in rows
        if (leg := draft.call.leg_of(row)) and leg.answered_at is not None and leg.ended is None and leg.control_id
    ]
    if taken:
        draft.go(_replace(draft.step, winner=min(taken)[1]))
        draft.note(f"{draft.call.legs[min(taken)[1]].row} took it")


def _bridge_winner(
    draft: Draft, action: dialplan.Ring, winner: LegId, policy: dialplan.RecordingPolicy | None
) -> Step | None:
    won = draft.call.legs[winner]
    record = _record(policy if policy and policy.start == "bridge" else None)
    control_id = won.control_id
    assert control_id is not None
    build: Callable[[Row], commands.Bridge] = lambda _: commands.Bridge(  # noqa: E731 - one expression, used once
        call_control_id=control_id, **record
    )
    _, sent = draft.want("bridge", _purpose(draft, "bridge"), build, draft.call.main)
    if won.bridged_at is not None or draft.main.bridged_at is not None:
        draft.note("connected")
        return _replace(draft.step, at="connected")
    if sent.state == "failed":
        return _otherwise(draft, action, "the bridge failed")
    if won.ended is not None and draft.has_fired(_purpose(draft, "bridged?"), TAKEN_GRACE_S):
        return _otherwise(draft, action, "the winner hung up before the bridge")
    return None


def _over(draft: Draft, row: Row, sent: Sent) -> bool:
    leg = draft.call.leg_of(row)
    return leg.ended is not None if leg is not None else sent.state in {"failed", "void"}


def _say(draft: Draft, action: dialplan.Say) -> Step | None:
    match _answered(draft):
        case "never":
            return give_up(draft, "the call could not be answered")
        case "not yet":
            return None
    match _speak(draft, "say", action.text):
        case "never":
            return give_up(draft, "the text could not be spoken")
        case "not yet":
            return None
        case "yes":
            return do(draft, action.then or dialplan.Hangup())


_RUN: Final[dict[type, Callable[[Draft, Any], Step | None]]] = {
    dialplan.Reject: _reject,
    dialplan.Hangup: _hangup,
    dialplan.Answer: _answer,
    dialplan.Transfer: _transfer,
    dialplan.Ring: _ring,
    dialplan.Say: _say,
}
