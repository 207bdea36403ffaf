"""The kinds of calls that the demo plays through the example dialplan, and what each must have sent to Telnyx.

Pure. People's habits are set by number for a whole wave, so kinds that need other habits play in another wave.
Seconds are those of the stand-in at speed 1.
"""

import itertools
from collections import Counter
from typing import Any, Final, NamedTuple

CLINIC, SALES, BAKERY = "+13125550100", "+13125550200", "+13125550400"
DESK, SALES_1, SALES_2, BACK_OFFICE = "+13125550111", "+13125550211", "+13125550213", "+13125550299"
ANA = "sip:ana@sales.sip.telnyx.com"

TALKS: Final = {"answers_after": 0.3, "hangs_up_after": 12.0}  # long enough for every resend that faults cause
AWAY: Final = {"no_answer": True, "gives_up_after": 2.0}
BUSY: Final = {"busy": True, "answers_after": 0.2}


class Kind(NamedTuple):
    """`expected` commands take effect for each call of this kind; None where it depends on who is quicker."""

    name: str
    wave: int
    share: int
    expected: dict[str, int] | None
    to: str
    from_: str = "+12025550142"
    hangs_up_after: float | None = None
    profile: str = ""
    recorded: bool = False


_ANSWER_SAY: Final = {"answer": 1, "speak": 1, "hangup": 1}
KINDS: Final = (
    Kind("clinic, taken and recorded", 1, 8, {"answer": 1, "speak": 1, "transfer": 1}, CLINIC, recorded=True),
    Kind("sales, the first to answer wins", 1, 8, {"answer": 1, "dial": 3, "bridge": 1, "hangup": 2}, SALES),
    Kind("reminder, a human", 1, 8, {"dial": 1, "speak": 1, "transfer": 1}, "+12025550171", profile="reminder"),
    Kind("reminder, a machine", 1, 6, {"dial": 1, "hangup": 1}, "+12025550172", profile="reminder"),
    Kind("reminder, an early beep", 1, 5, {"dial": 1, "hangup": 1}, "+12025550173", profile="reminder"),
    Kind("reminder, busy", 1, 5, {"dial": 1}, "+12025550174", profile="reminder"),
    Kind("announcement", 1, 6, _ANSWER_SAY, BAKERY),
    Kind("no rule: refused", 1, 6, {"reject": 1}, "+13125550999"),
    Kind("blocked caller: refused", 1, 5, {"reject": 1}, CLINIC, from_="+19005550100"),
    Kind("caller gives up while it rings", 2, 5, None, CLINIC, hangs_up_after=3.0),
    Kind("clinic, nobody answers", 2, 6, {"answer": 1, "speak": 2, "transfer": 1, "hangup": 1}, CLINIC),
    Kind("sales, back office takes it", 2, 6, {"answer": 1, "dial": 3, "transfer": 1}, SALES),
    Kind("clinic, desk is busy", 3, 6, {"answer": 1, "speak": 2, "transfer": 1, "hangup": 1}, CLINIC),
    Kind("sales, nobody at all", 3, 6, {"answer": 1, "dial": 3, "transfer": 1, "speak": 1, "hangup": 1}, SALES),
)
WAVES: Final = (1, 2, 3)

_PATIENTS: Final[dict[str, dict[str, Any]]] = {
    "+12025550171": {"answers_after": 0.3, "verdict_after": 0.3},
    "+12025550172": {"answers_after": 0.3, "as": "machine", "verdict_after": 0.3, "beep_after": 3.0},
    "+12025550173": {"answers_after": 0.3, "as": "machine", "early_beep": True, "beep_after": 0.6},
    "+12025550174": BUSY,
}
CALLEES: Final[dict[int, dict[str, dict[str, Any]]]] = {
    1: {
        DESK: TALKS,
        SALES_1: TALKS,
        SALES_2: {"no_answer": True},
        ANA: {"no_answer": True},
        **_PATIENTS,
    },
    2: {DESK: AWAY, SALES_1: AWAY, SALES_2: BUSY, ANA: AWAY, BACK_OFFICE: TALKS},
    3: {DESK: BUSY, SALES_1: BUSY, SALES_2: AWAY, ANA: BUSY, BACK_OFFICE: BUSY},
}


def mix(calls: int) -> list[Kind]:
    """That many calls, every kind by its share, kinds of a wave taking turns."""
    whole = sum(kind.share for kind in KINDS)
    counts = [max(1, kind.share * calls // whole) for kind in KINDS]
    for number in itertools.cycle(range(len(KINDS))):
        if sum(counts) >= calls:
            break
        counts[number] += 1
    turns = [
        kind for turn in range(max(counts)) for kind, count in zip(KINDS, counts, strict=True) if count > turn
    ]
    return sorted(turns[:calls], key=lambda kind: kind.wave)


def as_expected(kind: Kind, effective: Counter[str]) -> bool:
    """Whether these commands, by verb, are what a call of this kind asks for: none more, none fewer."""
    if kind.expected is not None:
        # A member whose dial Telnyx refused for now is not rung any more once another one has the call.
        unrung = kind.expected["dial"] - effective["dial"] if "bridge" in kind.expected else 0
        return 0 <= unrung < 3 and effective == Counter(kind.expected) - Counter(dial=unrung, hangup=unrung)
    # Whoever gives up may be gone before a refused answer could be sent again: fewer is right, twice never is.
    return (
        effective.keys() <= {"answer", "speak", "transfer", "hangup"} and max(effective.values(), default=0) <= 1
    )
