"""Groups that ring: who is dialled, who is connected, and who is hung up."""

from typing import Final

from tests.builders import hung_up, pressed, standard_verdict
from tests.order.people import ends, nothing, refused, rings, takes, unproven
from tests.order.script import Asked, FarSide, Script, inbound
from workers.logic.decision import Around
from workers.logic.happened import Happened

RING: Final = '{ do = "ring", group = "sales" }'
SORRY: Final = '{ do = "ring", group = "sales", otherwise = { do = "say", text = "Sorry." } }'
SALES: Final = '[groups.sales]\nmembers = ["ann", "bob"]\n'
PRESS_1: Final = f'{SALES}accept = "press_1"'
AMD: Final = f'{SALES}accept = "amd"'
IN_TURN: Final = f'{SALES}strategy = "sequential"'
ROUND_ROBIN: Final = f'{SALES}strategy = "round_robin"'
TOLD_SORRY: Final = ("speak Sorry.", "hangup caller")


def judged(result: str) -> FarSide:
    """It is answered, and machine detection says by whom."""
    return lambda ask: [*takes(ask), standard_verdict(result, ask.leg, 4.0)]


def presses(digits: str) -> FarSide:
    return lambda ask: [pressed(digits, ask.lane, 4.0)]


def leaves_at_once(ask: Asked) -> list[Happened]:
    """Somebody answers, and hangs up before the bridge."""
    return [*takes(ask), hung_up(ask.leg, at=3.5, row=ask.row)]


def caller_leaves(ask: Asked) -> list[Happened]:
    return [*rings(ask), hung_up(cause="originator_cancel", at=4.0)]


SCRIPTS: Final[dict[str, Script]] = {
    "ring all, one answers": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", "bridge ann", "hangup bob"),
        more=SALES,
        far_side={"dial bob": rings},
    ),
    "ring all, both answer": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", "bridge ann", "hangup bob"),
        more=SALES,
        races=[("answer", "dial ann", "dial bob", "bridge bob", "hangup ann")],
    ),
    "ring all, one is busy": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", "bridge bob"),
        more=SALES,
        far_side={"dial ann": ends("user_busy")},
        races=[("answer", "dial ann", "dial bob", "bridge bob", "hangup ann")],
    ),
    "ring all, nobody answers": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", *TOLD_SORRY),
        more=SALES,
        far_side={"dial": ends("timeout")},
    ),
    "ring all, one dial is refused": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", "bridge bob"),
        more=SALES,
        far_side={"dial ann": refused()},
    ),
    "ring all, the winner leaves before the bridge": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", "bridge ann", "hangup bob", *TOLD_SORRY),
        more=SALES,
        far_side={"dial ann": leaves_at_once, "dial bob": rings, "bridge ann": nothing},
    ),
    "ring all, the bridge is refused": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", "bridge ann", "hangup ann", "hangup bob", *TOLD_SORRY),
        more=SALES,
        far_side={"dial bob": rings, "bridge ann": refused()},
    ),
    "ring all, a dial without proof": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", "bridge ann", "look_for_leg", "look_for_leg"),
        more=SALES,
        far_side={"dial bob": unproven()},
    ),
    "the caller leaves while all ring": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", "hangup ann", "hangup bob"),
        more=SALES,
        far_side={"dial ann": rings, "dial bob": caller_leaves},
    ),
    "press 1, pressed": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", "gather_using_speak ann", "bridge ann", "hangup bob"),
        more=PRESS_1,
        far_side={"dial bob": rings},
    ),
    "press 1, one presses another key": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", "gather_using_speak ann", "hangup ann"),
        *("gather_using_speak bob", "bridge bob"),
        more=PRESS_1,
        far_side={"gather_using_speak ann": presses("2")},
        races=[("answer", "dial ann", "dial bob", "gather_using_speak bob", "bridge bob", "hangup ann")],
    ),
    "press 1, nobody presses": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", "gather_using_speak ann", "hangup ann", *TOLD_SORRY),
        more=PRESS_1,
        far_side={"gather_using_speak": presses(""), "dial bob": ends("timeout")},
    ),
    "amd, a human": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", "bridge ann", "hangup bob"),
        more=AMD,
        far_side={"dial ann": judged("human"), "dial bob": rings},
    ),
    "amd, a machine and nobody": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", "hangup ann", *TOLD_SORRY),
        more=AMD,
        far_side={"dial ann": judged("machine"), "dial bob": ends("timeout")},
    ),
    "amd, no verdict": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", "bridge ann", "hangup bob"),
        more=AMD,
        far_side={"dial ann": takes, "dial bob": rings},
    ),
    "in turn, the first takes it": inbound(
        SORRY,
        *("answer", "dial ann", "bridge ann"),
        more=IN_TURN,
    ),
    "in turn, the second takes it": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", "bridge bob"),
        more=IN_TURN,
        far_side={"dial ann": ends("timeout")},
    ),
    "in turn, nobody takes it": inbound(
        SORRY,
        *("answer", "dial ann", "dial bob", *TOLD_SORRY),
        more=IN_TURN,
        far_side={"dial": ends("no_answer")},
    ),
    "in turn, the end of the first is never told": inbound(
        SORRY,
        *("answer", "dial ann", "hangup ann", "dial bob", "bridge bob"),
        more=IN_TURN,
        far_side={"dial ann": rings},
    ),
    "in turn with press 1, the first refuses": inbound(
        SORRY,
        *("answer", "dial ann", "gather_using_speak ann", "hangup ann"),
        *("dial bob", "gather_using_speak bob", "bridge bob"),
        more=f'{PRESS_1}\nstrategy = "sequential"',
        far_side={"gather_using_speak ann": presses("")},
    ),
    "round robin, from the second to the first": inbound(
        SORRY,
        *("answer", "dial bob", "dial ann", "bridge ann"),
        more=ROUND_ROBIN,
        far_side={"dial bob": ends("timeout")},
        around=Around(turns={"sales": 1}),
    ),
    "round robin, nobody takes it": inbound(
        RING,
        *("answer", "dial ann", "dial bob", "hangup caller"),
        more=ROUND_ROBIN,
        far_side={"dial": ends("timeout")},
    ),
}
