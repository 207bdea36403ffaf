"""What counts as taking a call: any answer, a pressed 1, or a human by machine detection.

So that a member's own voicemail does not win the ring group (`accept` of a group).
"""

from typing import Final, NamedTuple

from shared import commands, dialplan
from shared.calls import Leg, Sent
from shared.ids import LegId, Row
from workers.logic.caller import TAKEN, spoken_within_s
from workers.logic.draft import Draft
from workers.logic.steps import purpose

KEY_WITHIN_S: Final = 8.0  # from the end of the prompt
VERDICT_WITHIN_S: Final = 8.0  # the standard detection decides within 3.5 s (Telnyx docs: call-commands/dial)
HUMAN: Final = frozenset({"human", "not_sure"})  # Telnyx docs: answering-machine-detection


class Standing(NamedTuple):
    """A member: `out` when nothing more comes of it, `accepted_at` (Unix seconds) once it took the call."""

    leg: LegId | None = None
    accepted_at: float | None = None
    out: bool = False


def standing(draft: Draft, group: dialplan.Group, row: Row, sent: Sent) -> Standing:
    """Where the member stands whom command `row` dials; asks for what its acceptance needs."""
    leg_id = draft.call.made.get(row)
    if leg_id is None:
        return Standing(out=sent.state in {"failed", "void"})
    leg = draft.call.legs[leg_id]
    if leg.ended is not None:
        return Standing(out=True)
    if leg.answered_at is None or leg.control_id is None:
        return Standing(leg_id)
    match group.accept:
        case "any":
            return Standing(leg_id, leg.answered_at)
        case "press_1":
            return _by_key(draft, group, row, leg_id, leg)
        case "amd":
            return _by_verdict(draft, row, leg_id, leg)


def _by_key(draft: Draft, group: dialplan.Group, row: Row, leg_id: LegId, leg: Leg) -> Standing:
    def build(_: Row) -> commands.GatherUsingSpeak:
        return commands.GatherUsingSpeak(
            payload=group.prompt,
            voice=draft.plan.voice,
            language=draft.plan.language,
            valid_digits="1",
            minimum_digits=1,
            maximum_digits=1,
            maximum_tries=1,
            timeout_millis=int(KEY_WITHIN_S * 1000),
        )

    name = purpose(draft, f"ask {row}")
    _, sent = draft.want("gather_using_speak", name, build, leg_id)
    if leg.pressed is not None:
        draft.cancel(name)
        is_taken = leg.pressed.digits == "1"
        return Standing(leg_id, leg.pressed.at) if is_taken else Standing(leg_id, out=True)
    if sent.state in {"failed", "void"}:
        return Standing(leg_id, out=True)
    within_s = spoken_within_s(group.prompt) + KEY_WITHIN_S
    return Standing(leg_id, out=sent.state in TAKEN and draft.has_fired(name, within_s))


def _by_verdict(draft: Draft, row: Row, leg_id: LegId, leg: Leg) -> Standing:
    name = purpose(draft, f"verdict {row}")
    if leg.verdict is not None:
        draft.cancel(name)
        is_human = leg.verdict.result in HUMAN
        return Standing(leg_id, leg.verdict.at) if is_human else Standing(leg_id, out=True)
    if draft.has_fired(name, VERDICT_WITHIN_S):  # no verdict counts as not_sure
        assert leg.answered_at is not None
        return Standing(leg_id, leg.answered_at + VERDICT_WITHIN_S)
    return Standing(leg_id)
