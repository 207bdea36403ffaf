"""What becomes of a command that no try has proven: a table, and the one place that reads it.

A failure seen after an attempt without an answer is not a failure (promise 3 of the README). The row waits as
`unknown` until a webhook proves it, or until a look at Telnyx does; the table says what happens when it stays
unknown.
"""

from typing import Any, Final, Literal

import msgspec

from shared import client_state, commands
from shared.calls import Call, Sent, Verb
from shared.ids import Row
from workers.logic import facts
from workers.logic.draft import Draft
from workers.logic.happened import CommandFailed, CommandSucceeded

_replace = msgspec.structs.replace

PROOF_WAIT_S: Final = 2.0  # webhooks follow a command within a fraction of this
MOST_LOOKS: Final = 2
TRIES: Final = 3  # of a command that may be sent anew


class Rule(msgspec.Struct, frozen=True):
    """`webhook` proves it, `look` is what we ask Telnyx, `otherwise` what it counts as when nothing proves it."""

    webhook: str
    look: Literal["look_at_leg", "look_for_leg"]
    otherwise: Literal["send anew", "failed", "done"]


RULES: Final[dict[Verb, Rule]] = {
    # answering, bridging or ending twice is refused by Telnyx and harms nobody
    "answer": Rule("call.answered", "look_at_leg", "send anew"),
    "bridge": Rule("call.bridged", "look_at_leg", "send anew"),
    "hangup": Rule("call.hangup", "look_at_leg", "send anew"),
    "reject": Rule("call.hangup", "look_at_leg", "send anew"),
    # nobody is ever rung twice: without proof of a leg there was none
    "dial": Rule("call.initiated with our client_state", "look_for_leg", "failed"),
    "transfer": Rule("call.initiated with our client_state", "look_for_leg", "failed"),
    # a text may have been heard, a recording may run: the wait for its end has a timer of its own
    "speak": Rule("call.speak.ended", "look_at_leg", "done"),
    "playback_start": Rule("call.playback.ended", "look_at_leg", "done"),
    "record_start": Rule("call.recording.saved", "look_at_leg", "done"),
    "record_stop": Rule("call.recording.saved", "look_at_leg", "done"),
    "gather_using_speak": Rule("call.gather.ended", "look_at_leg", "done"),
}


def settle(draft: Draft) -> None:
    """Look once more at every command that is still unknown."""
    for row, sent in sorted(draft.call.sent.items()):
        if sent.state == "unknown":
            _settle(draft, row, sent)


def _settle(draft: Draft, row: Row, sent: Sent) -> None:
    if is_proven(draft.call, row):
        draft.set_sent(row, _replace(sent, state="done"))
        return
    rule = RULES[sent.verb]
    for number in range(1, MOST_LOOKS + 1):
        if not draft.has_fired(f"proof {row}.{number}", PROOF_WAIT_S):
            return
        look = _look(draft, row, sent, rule, number)
        if look.state in {"open", "again"}:
            return
        if is_proven(draft.call, row):
            return  # by this very look; the next turn settles it
    if rule.otherwise == "send anew" and sent.tries < TRIES:
        draft.set_sent(row, _replace(sent, state="again", again_in_s=0.0))
        draft.note(f"{sent.verb} stayed unknown: sending it anew")
        return
    state = "done" if rule.otherwise == "done" else "failed"
    draft.set_sent(row, _replace(sent, state=state, code="unknown"))
    draft.note(f"{sent.verb} stayed unknown: counts as {state}")


def _look(draft: Draft, row: Row, sent: Sent, rule: Rule, number: int) -> Sent:
    leg = draft.call.legs.get(sent.leg) if sent.leg else None
    connection = draft.main.connection_id or draft.profile_connection

    def build(_: Row) -> commands.Request:
        if rule.look == "look_at_leg" and leg is not None and leg.control_id is not None:
            return commands.look_at_call(leg.control_id)
        return commands.look_at_active_calls(connection)

    return draft.want(rule.look, f"look {row}.{number}", build)[1]


def is_proven(call: Call, row: Row) -> bool:
    """Whether what is known of the call proves that this command has had its effect."""
    sent = call.sent[row]
    leg = call.legs.get(sent.leg) if sent.leg else None
    match sent.verb:
        case "answer":
            return leg is not None and (leg.answered_at is not None or leg.ended is not None)
        case "hangup" | "reject":
            return leg is not None and leg.ended is not None
        case "bridge":
            return leg is not None and (leg.bridged_at is not None or leg.ended is not None)
        case "dial" | "transfer":
            return row in call.made
        case _:
            return False


def learn_look(draft: Draft, event: CommandSucceeded) -> None:
    """What a look has shown: a leg that is over, or a leg that carries our client_state."""
    row, sent = _looked_at(draft, event.row)
    if draft.call.sent[event.row].verb == "look_at_leg":
        if event.data.get("is_alive") is False and sent.leg:
            facts.learn_end(draft, sent.leg, event.at)
        return
    for item in event.items:
        tag = _tag(item)
        if tag and tag.call == draft.call.id and tag.row == row:
            facts.learn_leg(draft, row, item)


def learn_gone(draft: Draft, event: CommandFailed) -> None:
    """Telnyx does not know the leg that we looked at: it is over."""
    draft.set_sent(event.row, _replace(draft.call.sent[event.row], state="done", code=event.code))
    _, sent = _looked_at(draft, event.row)
    if sent.leg:
        facts.learn_end(draft, sent.leg, event.at)


def _looked_at(draft: Draft, look: Row) -> tuple[Row, Sent]:
    """What a look is about: the command in its purpose (`look <row>.<number>`), or itself when it is of a leg."""
    if draft.call.sent[look].leg is not None:
        return look, draft.call.sent[look]
    row = Row(int(draft.call.sent[look].purpose.removeprefix("look ").split(".")[0]))
    return row, draft.call.sent[row]


def _tag(item: dict[str, Any]) -> client_state.Tag | None:
    state = item.get("client_state")
    return client_state.read(state) if isinstance(state, str) else None
