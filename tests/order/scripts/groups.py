"""Groups that ring: who is dialled, who is connected, and who is hung up."""

from typing import Final

from tests.builders import hung_up, pressed
from tests.order.people import ends, leaves, nothing, refused, rings, takes, unproven
from tests.order.script import Asked, FarSide, Script, inbound
from tests.order.scripts.detection import judged, standard
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
BOTH_RING: Final = ("answer", "dial ann", "dial bob")


def presses(digits: str) -> FarSide:
    return lambda ask: [pressed(digits, ask.lane, 4.0)]


def caller_leaves(ask: Asked) -> list[Happened]:
    return [*rings(ask), hung_up(cause="originator_cancel", at=4.0)]


def rung(sales: str, *sends: str, **rest: object) -> Script:
    """A call for which this group is rung, and whom nobody takes is told so."""
    return inbound(SORRY, "answer", *sends, more=sales, **rest)


def all_rung(sales: str, *sends: str, **rest: object) -> Script:
    """`sends` is what is sent after both members were dialled."""
    return inbound(SORRY, *BOTH_RING, *sends, more=sales, **rest)


SCRIPTS: Final[dict[str, Script]] = {
    "ring all, one answers": all_rung(SALES, *("bridge ann", "hangup bob"), far_side={"dial bob": rings}),
    "ring all, both answer": all_rung(
        SALES, *("bridge ann", "hangup bob"), races=[(*BOTH_RING, "bridge bob", "hangup ann")]
    ),
    "ring all, one is busy": all_rung(
        SALES,
        "bridge bob",
        far_side={"dial ann": ends("user_busy")},
        races=[(*BOTH_RING, "bridge bob", "hangup ann")],
    ),
    "ring all, nobody answers": all_rung(SALES, *TOLD_SORRY, far_side={"dial": ends("timeout")}),
    "ring all, one dial is refused": all_rung(SALES, "bridge bob", far_side={"dial ann": refused()}),
    "ring all, the winner leaves before the bridge": all_rung(
        SALES,
        *("bridge ann", "hangup bob", *TOLD_SORRY),
        far_side={"dial ann": leaves, "dial bob": rings, "bridge ann": nothing},
    ),
    "ring all, the bridge is refused": all_rung(
        SALES,
        *("bridge ann", "hangup ann", "hangup bob", *TOLD_SORRY),
        far_side={"dial bob": rings, "bridge ann": refused()},
    ),
    "ring all, a dial without proof": all_rung(
        SALES, *("bridge ann", "look_for_leg", "look_for_leg"), far_side={"dial bob": unproven()}
    ),
    "the caller leaves while all ring": all_rung(
        SALES, *("hangup ann", "hangup bob"), far_side={"dial ann": rings, "dial bob": caller_leaves}
    ),
    "press 1, pressed": all_rung(
        PRESS_1, *("gather_using_speak ann", "bridge ann", "hangup bob"), far_side={"dial bob": rings}
    ),
    "press 1, one presses another key": all_rung(
        PRESS_1,
        *("gather_using_speak ann", "hangup ann", "gather_using_speak bob", "bridge bob"),
        far_side={"gather_using_speak ann": presses("2")},
        races=[(*BOTH_RING, "gather_using_speak bob", "bridge bob", "hangup ann")],
    ),
    "press 1, nobody presses": all_rung(
        PRESS_1,
        *("gather_using_speak ann", "hangup ann", *TOLD_SORRY),
        far_side={"gather_using_speak": presses(""), "dial bob": ends("timeout")},
    ),
    "amd, a human": all_rung(
        AMD, *("bridge ann", "hangup bob"), far_side={"dial ann": judged(standard("human")), "dial bob": rings}
    ),
    "amd, a machine and nobody": all_rung(
        AMD,
        *("hangup ann", *TOLD_SORRY),
        far_side={"dial ann": judged(standard("machine")), "dial bob": ends("timeout")},
    ),
    "amd, no verdict": all_rung(
        AMD, *("bridge ann", "hangup bob"), far_side={"dial ann": takes, "dial bob": rings}
    ),
    "in turn, the first takes it": rung(IN_TURN, *("dial ann", "bridge ann")),
    "in turn, the second takes it": rung(
        IN_TURN, *("dial ann", "dial bob", "bridge bob"), far_side={"dial ann": ends("timeout")}
    ),
    "in turn, nobody takes it": rung(
        IN_TURN, *("dial ann", "dial bob", *TOLD_SORRY), far_side={"dial": ends("no_answer")}
    ),
    "in turn, the end of the first is never told": rung(
        IN_TURN, *("dial ann", "hangup ann", "dial bob", "bridge bob"), far_side={"dial ann": rings}
    ),
    "in turn with press 1, the first refuses": rung(
        f'{PRESS_1}\nstrategy = "sequential"',
        *("dial ann", "gather_using_speak ann", "hangup ann"),
        *("dial bob", "gather_using_speak bob", "bridge bob"),
        far_side={"gather_using_speak ann": presses("")},
    ),
    "round robin, from the second to the first": rung(
        ROUND_ROBIN,
        *("dial bob", "dial ann", "bridge ann"),
        far_side={"dial bob": ends("timeout")},
        around=Around(turns={"sales": 1}),
    ),
    "round robin, nobody takes it": inbound(
        RING,
        *(*BOTH_RING, "hangup caller"),
        more=ROUND_ROBIN,
        far_side={"dial": ends("timeout")},
    ),
}
