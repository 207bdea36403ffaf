"""A call for which a group of three is rung, told as the events that come."""

from shared import commands
from shared.dialplan import Plan
from tests.builders import Told, answered, initiated, leg_initiated, rule
from workers.logic.decision import NOTHING_AROUND, Around

MEMBERS = ("+13125550211", "+13125550212", "+13125550213")
SEQUENTIAL = 'strategy = "sequential"'
ROUND_ROBIN = 'strategy = "round_robin"'
PRESS_1 = 'accept = "press_1"'
AMD = 'accept = "amd"'


def group(more: str = "", then: str = "") -> Plan:
    members = ", ".join(f'"{member}"' for member in MEMBERS)
    otherwise = then or 'otherwise = { do = "say", text = "Nobody." }'
    action = f'{{ do = "ring", group = "sales", {otherwise} }}'
    return rule(action, f"[groups.sales]\nmembers = [{members}]\nring_secs = 20\n{more}")


def ringing(under: Plan, around: Around = NOTHING_AROUND) -> Told:
    """The caller is answered and the group is rung."""
    return Told(under, around).tell(initiated(), answered())


def dialled(told: Told) -> list[str]:
    return [out.command.to for out in told.sent if isinstance(out.command, commands.Dial)]


def row_of(told: Told, member: str) -> int:
    return next(
        out.row for out in told.sent if isinstance(out.command, commands.Dial) and out.command.to == member
    )


def take_up(told: Told, member: str, leg: str, at: float = 2.0) -> Told:
    row = row_of(told, member)
    return told.tell(leg_initiated(leg, row, at - 1), answered(leg, at, row))
