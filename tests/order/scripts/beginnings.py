"""How an incoming call begins, and callers who leave at once."""

from datetime import datetime
from typing import Final

from shared import dialplan
from shared.dialplan.hooks import HookCall
from tests.builders import hung_up, initiated
from tests.order.people import USUALLY, in_turn, refused, unproven
from tests.order.script import Asked, Script, inbound
from workers.logic.decision import Around
from workers.logic.happened import CommandSucceeded, Happened

TRANSFER: Final = '{ do = "transfer", to = "desk" }'
HOOK: Final = '{ do = "hook", call = "hooks:choose" }'


def chooses(_call: HookCall, _now: datetime) -> dialplan.Action:
    return dialplan.Say(text="Chosen.")


def chooses_nothing(_call: HookCall, _now: datetime) -> None:
    return None


def over(ask: Asked) -> list[Happened]:
    return [CommandSucceeded(ask.row, 0.0, {"is_alive": False})]


SCRIPTS: Final[dict[str, Script]] = {
    "reject": inbound('{ do = "reject", cause = "USER_BUSY" }', "reject"),
    "reject, refused": inbound(
        '{ do = "reject" }',
        *("reject", "hangup caller"),
        far_side={"reject": refused()},
    ),
    "hangup": inbound('{ do = "hangup" }', "hangup caller"),
    "hook, chooses": inbound(
        HOOK,
        *("answer", "speak Chosen.", "hangup caller"),
        around=Around(hooks={"hooks:choose": chooses}),
    ),
    "hook, chooses nothing": inbound(HOOK, "reject", around=Around(hooks={"hooks:choose": chooses_nothing})),
    "the caller is gone before anything is sent": inbound(
        TRANSFER,
        "answer",
        first=(initiated(), hung_up(cause="originator_cancel", at=0.4)),
        far_side={"answer": refused("90018", ended=True)},
    ),
    "the answer is refused": inbound(
        TRANSFER,
        *("answer", "hangup caller"),
        far_side={"answer": refused()},
    ),
    "the answer is without proof and without effect": inbound(
        TRANSFER,
        *("answer", "look_at_leg", "look_at_leg", "answer", "transfer desk"),
        far_side={"answer": in_turn(unproven(), USUALLY["answer"])},
    ),
    "an old call, still there": inbound(
        '{ do = "say", text = "One." }',
        *("look_at_leg", "answer", "speak One.", "hangup caller"),
        first=(initiated(age_s=31.0),),
    ),
    "an old call, over": inbound(
        '{ do = "say", text = "One." }',
        "look_at_leg",
        first=(initiated(age_s=31.0),),
        far_side={"look_at_leg": over},
    ),
    "an old call, not found": inbound(
        '{ do = "say", text = "One." }',
        *("look_at_leg", "answer"),
        first=(initiated(age_s=31.0),),
        far_side={"look_at_leg": refused("10005", ended=True), "answer": refused("90018", ended=True)},
    ),
}
