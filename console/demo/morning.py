"""A morning at three small businesses: who calls and is called when, drawn from a seed. Pure.

Hours pass in seconds: few calls at first, a rush in the middle, fewer towards noon.
"""

import math
import random
from collections.abc import Iterable
from typing import Final

import msgspec

from console.demo.calls import CALLS_PER_S, Placement, mix
from console.demo.scenarios import Kind

RUSH: Final = 0.6  # how far the busiest and the quietest moments are from the mean
NOBODY_IN_PARTICULAR: Final = "+1202555"  # callers of this exchange are like any other caller


def morning(kinds: Iterable[Kind], calls: int, seed: int) -> list[Placement]:
    """That many calls, every kind by its share, in an order and from numbers of their own."""
    draw = random.Random(seed)  # noqa: S311 - it has to come out alike each time
    drawn = [placement.kind for placement in mix(kinds, calls)]
    draw.shuffle(drawn)
    return [
        Placement(_moment((number + draw.random()) / len(drawn)) * len(drawn) / CALLS_PER_S, _somebody(kind, draw))
        for number, kind in enumerate(drawn)
    ]


def _moment(share: float) -> float:
    """When that share of the calls has come, as a share of the morning."""
    return share + RUSH * math.sin(2 * math.pi * share) / (2 * math.pi)


def _somebody(kind: Kind, draw: random.Random) -> Kind:
    if not str(kind.call.get("from", "")).startswith(NOBODY_IN_PARTICULAR):
        return kind
    caller = f"{NOBODY_IN_PARTICULAR}{draw.randrange(1000, 10_000)}"
    return msgspec.structs.replace(kind, call={**kind.call, "from": caller})
