"""Calls that are moved to one number, and what becomes of them when nobody takes them."""

from typing import Final

from shared.ids import LegId
from tests.builders import answered, bridged, hung_up
from tests.order.people import USUALLY, ends, in_turn, refused, rings, takes, unproven
from tests.order.script import Asked, Script, inbound
from workers.logic.happened import FoundEnded, Happened

BARE: Final = '{ do = "transfer", to = "desk" }'
SORRY: Final = '{ do = "transfer", to = "desk", otherwise = { do = "say", text = "Sorry." } }'
SECOND: Final = '{ do = "transfer", to = "annex", otherwise = { do = "say", text = "Sorry." } }'
TWO_LEVELS: Final = f'{{ do = "transfer", to = "desk", otherwise = {SECOND} }}'
SALES: Final = '{ do = "ring", group = "sales", otherwise = { do = "voicemail", box = "clinic" } }'
THREE_LEVELS: Final = f'{{ do = "transfer", to = "desk", otherwise = {SALES} }}'
TABLES: Final = """
[groups.sales]
members = ["ann", "bob"]
[voicemail.clinic]
greeting = { say = "Leave a message." }
"""


def answers_without_a_talk(ask: Asked) -> list[Happened]:
    """It is answered and ends, and no bridge is ever told."""
    return [*rings(ask), answered(ask.leg, 3.0, ask.row), hung_up(ask.leg, at=3.5, row=ask.row)]


def bridged_twice(ask: Asked) -> list[Happened]:
    """As after a hold: an event of another id and time that tells the same."""
    return [*takes(ask), bridged(ask.leg, 8.0)]


def talk_whose_end_is_found(ask: Asked) -> list[Happened]:
    """A reconciliation finds the end of the caller's leg, and its hangup comes after all."""
    return [*takes(ask), FoundEnded(LegId("caller"), 25.0)]


def talk_whose_end_is_never_told(ask: Asked) -> list[Happened]:
    taken = [*rings(ask), answered(ask.leg, 3.0, ask.row), bridged(ask.leg, 6.0), bridged(at=6.0)]
    return [*taken, hung_up(ask.leg, at=19.0), FoundEnded(LegId("caller"), 25.0)]


SCRIPTS: Final[dict[str, Script]] = {
    "transfer, taken": inbound(SORRY, "answer", "transfer desk"),
    "transfer, taken, and the bridge told twice": inbound(
        SORRY, *("answer", "transfer desk"), far_side={"transfer desk": bridged_twice}
    ),
    "transfer, taken, and its end found before it is told": inbound(
        SORRY, *("answer", "transfer desk"), far_side={"transfer desk": talk_whose_end_is_found}
    ),
    "transfer, taken, and its end found but never told": inbound(
        SORRY, *("answer", "transfer desk"), far_side={"transfer desk": talk_whose_end_is_never_told}
    ),
    "transfer, not taken": inbound(
        SORRY,
        *("answer", "transfer desk", "speak Sorry.", "hangup caller"),
        far_side={"transfer desk": ends("timeout")},
    ),
    "transfer, busy, without otherwise": inbound(
        BARE,
        *("answer", "transfer desk", "hangup caller"),
        far_side={"transfer desk": ends("user_busy")},
    ),
    "transfer, ended normally before an answer": inbound(
        SORRY,
        *("answer", "transfer desk", "speak Sorry.", "hangup caller"),
        far_side={"transfer desk": ends("normal_clearing")},
    ),
    "transfer, answered and ended without a bridge": inbound(
        SORRY,
        *("answer", "transfer desk", "hangup caller"),
        far_side={"transfer desk": answers_without_a_talk},
    ),
    "transfer, the second number takes it": inbound(
        TWO_LEVELS,
        *("answer", "transfer desk", "transfer annex"),
        far_side={"transfer desk": ends("timeout")},
    ),
    "transfer, neither number takes it": inbound(
        TWO_LEVELS,
        *("answer", "transfer desk", "transfer annex", "speak Sorry.", "hangup caller"),
        far_side={"transfer desk": ends("timeout"), "transfer annex": ends("user_busy")},
    ),
    "transfer, then ring, then voicemail": inbound(
        THREE_LEVELS,
        *("answer", "transfer desk", "dial ann", "dial bob"),
        *("speak Leave a message.", "record_start", "fetch message", "hangup caller"),
        more=TABLES,
        far_side={"transfer desk": ends("timeout"), "dial ann": ends("timeout"), "dial bob": ends("user_busy")},
    ),
    "transfer, refused": inbound(
        SORRY,
        *("answer", "transfer desk", "speak Sorry.", "hangup caller"),
        far_side={"transfer desk": refused()},
    ),
    "transfer, refused for now": inbound(
        SORRY,
        *("answer", "transfer desk", "transfer desk"),
        far_side={"transfer desk": in_turn(refused("90034", again=True), takes)},
    ),
    "transfer, refused since the caller is gone": inbound(
        SORRY,
        *("answer", "transfer desk"),
        far_side={"transfer desk": lambda ask: [*refused("90018", ended=True)(ask), hung_up(at=1.5)]},
    ),
    "transfer, without proof and without a leg": inbound(
        SORRY,
        *("answer", "transfer desk", "look_for_leg", "look_for_leg", "speak Sorry.", "hangup caller"),
        far_side={"transfer desk": unproven()},
    ),
    "transfer, without proof but performed": inbound(
        SORRY,
        *("answer", "transfer desk"),
        far_side={"transfer desk": unproven(takes)},
    ),
    "transfer, an answer without proof": inbound(
        SORRY,
        *("answer", "transfer desk"),
        far_side={"answer": unproven(USUALLY["answer"])},
    ),
    "the caller leaves while the transfer rings": inbound(
        SORRY,
        *("answer", "transfer desk", "hangup desk"),
        far_side={"transfer desk": lambda ask: [*rings(ask), hung_up(cause="originator_cancel", at=4.0)]},
    ),
}
