"""Calls that we place: attempts that nobody takes, those that follow, and dials that Telnyx does not take."""

from typing import Final

from shared import client_state
from shared.ids import Row
from tests.builders import CALL, PLAN_HASH, answered, leg_initiated
from tests.order.people import ends, in_turn, refused, unproven
from tests.order.script import Asked, Script, outbound
from tests.order.scripts.detection import BEEP, PREMIUM, judged, premium, told
from workers.logic.happened import CommandSucceeded, Happened

ONCE: Final = f'{PREMIUM}on_outcome = "hooks:called"'
TWICE: Final = f"""{ONCE}
attempts = 2
retry_after = {{ busy = "15m", no_answer = "2h", machine = "1d", failed = "1m" }}
"""
A_HUMAN: Final = judged(premium("human_residence"))
A_MACHINE: Final = judged(premium("machine"), told(BEEP))
SECOND_GREETED: Final = ("dial kim", "speak Hello.", "hangup kim 2", "tell human")


def found(ask: Asked) -> list[Happened]:
    """A look finds the leg of the first command, which is then answered."""
    leg = {"call_leg_id": "kim", "call_control_id": "v3:kim", "call_session_id": "session"}
    tag = client_state.write(CALL, Row(1), PLAN_HASH)
    return [
        CommandSucceeded(ask.row, 0.0, items=({**leg, "client_state": tag},)),
        answered("kim", 9.0, 1),
        premium("human_residence", 10.0)("kim"),
    ]


def the_first_rings_after_all(ask: Asked) -> list[Happened]:
    return [*A_HUMAN(ask), leg_initiated("kim", 1, 30.0)]


SCRIPTS: Final[dict[str, Script]] = {
    "busy": outbound(ONCE, *("dial kim", "tell busy"), far_side={"dial kim": ends("user_busy")}),
    "no answer": outbound(ONCE, *("dial kim", "tell no_answer"), far_side={"dial kim": ends("timeout")}),
    "busy, then a human": outbound(
        TWICE, *("dial kim", *SECOND_GREETED), far_side={"dial kim": in_turn(ends("user_busy"), A_HUMAN)}
    ),
    "busy, then no answer": outbound(
        TWICE,
        *("dial kim", "dial kim", "tell no_answer"),
        far_side={"dial kim": in_turn(ends("user_busy"), ends("timeout"))},
    ),
    "a machine, then a human": outbound(
        TWICE,
        *("dial kim", "speak Call us.", "hangup kim", *SECOND_GREETED),
        far_side={"dial kim": in_turn(A_MACHINE, A_HUMAN)},
    ),
    "the number is not to be called": outbound(
        TWICE, *("dial kim", "tell dnc"), far_side={"dial kim": refused("dnc")}
    ),
    "the dial is refused": outbound(ONCE, *("dial kim", "tell failed"), far_side={"dial kim": refused()}),
    "the dial is refused, then a human": outbound(
        TWICE, *("dial kim", *SECOND_GREETED), far_side={"dial kim": in_turn(refused(), A_HUMAN)}
    ),
    "the dial is without proof and without a leg": outbound(
        ONCE,
        *("dial kim", "look_for_leg", "look_for_leg", "tell failed"),
        far_side={"dial kim": unproven()},
    ),
    "the dial is without proof but performed": outbound(
        ONCE,
        *("dial kim", "speak Hello.", "hangup kim", "tell human"),
        far_side={"dial kim": unproven(A_HUMAN)},
    ),
    "the dial is without proof, and a look finds its leg": outbound(
        ONCE,
        *("dial kim", "look_for_leg", "speak Hello.", "hangup kim", "tell human"),
        far_side={"dial kim": unproven(), "look_for_leg": found},
    ),
    "the dial is without proof, and its leg rings during the second attempt": outbound(
        TWICE,
        *("dial kim", "look_for_leg", "look_for_leg", "hangup kim", *SECOND_GREETED),
        far_side={"dial kim": in_turn(unproven(), the_first_rings_after_all)},
    ),
    "a human, then a transfer": outbound(
        'human = { do = "transfer", to = "desk" }', *("dial kim", "transfer desk")
    ),
    "a human, then a transfer that nobody takes": outbound(
        'human = { do = "transfer", to = "desk", otherwise = { do = "say", text = "Sorry." } }',
        *("dial kim", "transfer desk", "speak Sorry.", "hangup kim"),
        far_side={"transfer desk": ends("timeout")},
    ),
}
