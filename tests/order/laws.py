"""What holds in every state that a call can come to, and what is known there."""

from collections import Counter

import msgspec

from shared.calls import Leg
from shared.events import PlaybackEnded, RecordingSaved, SpeakEnded
from tests.order.policy import is_asked_for, is_too_late
from tests.order.script import Script
from tests.order.world import Seen
from workers.logic.happened import CommandSucceeded, Happened, Webhook

WHEN_OVER = ("hangup ", "look_", "fetch ")  # what may still be sent


def check(script: Script, before: Seen, after: Seen, sent: tuple[str, ...]) -> None:
    """What no order, copy, timer or fault may break in any step; `sent` is what this one has sent."""
    if sent:
        assert is_asked_for(script, after.sent), f"not of the plan: {after.sent}"
        assert not is_too_late(script, before.sent, sent), f"for a machine, after a human: {after.sent}"
        assert not repeated(after), f"sent again: {repeated(after)} of {after.sent}"
        assert not foreign(after, sent), f"not ours to hang up: {sent}"
    left = left_ringing(script, after)
    assert not left, f"of no more use, and not hung up: {left}"
    if before.call.step.at == "over":
        assert after.call.step.at == "over"
        assert all(name.startswith("proof ") for name in after.call.timers), f"still waits: {after.call.timers}"
        assert all(label.startswith(WHEN_OVER) for label in sent), f"sent when it was over: {sent}"


def check_end(script: Script, end: Seen) -> None:
    """The call is over, nobody is left on the line or among the live calls, and the outcome was told once."""
    assert end.call.over
    assert [name for name, leg in end.call.legs.items() if leg.ended is None] == []
    assert not end.call.live
    profile = script.plan.outbound.get("call")
    is_told = profile is not None and profile.on_outcome is not None
    assert sum(label.startswith("tell ") for label in end.sent) == is_told


def foreign(seen: Seen, sent: tuple[str, ...]) -> list[str]:
    """Legs that we hang up though the call is not about them, and no command of ours has made them."""
    legs = [label.removeprefix("hangup ") for label in sent if label.startswith("hangup ")]
    return [leg for leg in legs if leg != seen.call.main and seen.call.legs[leg].row is None]


def repeated(seen: Seen) -> list[str]:
    """Purposes for which more was sent than new tries of what certainly had no effect."""
    tried = Counter(sent.purpose for sent in seen.call.sent.values() if sent.state != "again")
    return [purpose for purpose, times in tried.items() if times > 1]


def left_ringing(script: Script, seen: Seen) -> list[str]:
    """Legs that we made and that are of no more use, neither ended nor hung up."""
    legs = [(row, name, seen.call.legs[name]) for row, name in seen.call.made.items() if not script.is_own(name)]
    alone = [
        (row, name, leg) for row, name, leg in legs if leg.ended is None and f"hangup {name}" not in seen.sent
    ]
    if seen.call.step.at == "over":
        return [name for _, name, leg in alone if leg.bridged_at is None]  # Telnyx itself ends a bridged one
    return [name for row, name, leg in alone if _has_lost(script, seen, row, leg)]


def _has_lost(script: Script, seen: Seen, row: int, leg: Leg) -> bool:
    """Whether this member of a group was passed over, or will not take the call."""
    dialled = {other: label for other, label in seen.labels.items() if label.startswith("dial ")}
    if row not in dialled or not script.plan.groups:
        return False
    (group,) = script.plan.groups.values()
    connected = {label.split()[1] for label in seen.sent if label.startswith("bridge ")}
    if connected:
        return dialled[row].removeprefix("dial ") not in connected
    is_refused = group.accept == "press_1" and leg.pressed is not None and leg.pressed.digits != "1"
    is_machine = group.accept == "amd" and leg.verdict is not None and leg.verdict.result == "machine"
    is_passed_over = group.strategy != "simultaneous" and max(dialled) > row
    return is_passed_over or (leg.answered_at is not None and (is_refused or is_machine))


def cut_off(before: Seen, after: Seen, sent: tuple[str, ...]) -> list[str]:
    """What was sent although a text, a file or a message had not come to its end."""
    heard = [name for name, event in after.waiting.items() if _is_heard(name, event)]
    if not any(name in before.waiting for name in heard):
        begins = [any(name.startswith(f"{label}: ") for name in heard) for label in sent]
        sent = sent[begins.index(True) + 1 :] if any(begins) else ()
    harmless = ("look_", "fetch ", "tell ", "hangup ")
    return [label for label in sent if label == f"hangup {after.call.main}" or not label.startswith(harmless)]


def _is_heard(name: str, event: Happened) -> bool:
    if not isinstance(event, Webhook):
        return False
    is_message = name.startswith("record_start") and isinstance(event.payload, RecordingSaved)
    return is_message or isinstance(event.payload, SpeakEnded | PlaybackEnded)


def is_cleanup(script: Script, label: str) -> bool:
    """The hangup of a leg of ours that nobody wants any more: always harmless."""
    return label.startswith("hangup ") and not script.is_own(label.removeprefix("hangup "))


def commands(script: Script, seen: Seen) -> Counter[str]:
    """What was sent, without what is cleaned up, and without the outcome: that is what is known in the end."""
    return Counter(label for label in seen.sent if not is_cleanup(script, label) and not label.startswith("tell "))


def told_to_be_ours(seen: Seen) -> set[str]:
    """The legs of which a webhook with our client_state, or the answer to a dial, was told."""
    tagged = {e.ids.call_leg_id for e in seen.told.values() if isinstance(e, Webhook) and e.ids.client_state}
    dialled = {e.data.get("call_leg_id") for e in seen.told.values() if isinstance(e, CommandSucceeded)}
    return {leg for leg in tagged | dialled if leg}


def known(seen: Seen) -> object:
    """The facts of every leg; that it is ours is one, the number of the command that made it is none."""
    legs = {name: msgspec.structs.replace(leg, row=None) for name, leg in sorted(seen.call.legs.items())}
    return legs, sorted(seen.call.recordings)
