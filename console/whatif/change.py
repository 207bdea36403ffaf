"""A call that would go elsewhere, and how many there are, in lines for a terminal."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from console.whatif.compare import Difference


class Change(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """A call of ours has no `from`, and its profile as both rules."""

    call: str
    at: datetime
    from_: str
    to: str
    old_rule: str
    new_rule: str
    difference: Difference


class Counts(msgspec.Struct, frozen=True):
    """Of all calls that were looked at. `not_compared` are those that could not be, by why not."""

    looked_at: int
    elsewhere: int
    not_compared: dict[str, int]


def lines(change: Change) -> Iterator[str]:
    who = f"{change.from_} calls {change.to}" if change.from_ else f"we call {change.to}"
    yield f"{change.at:%Y-%m-%dT%H:%M:%SZ}  {change.call}  {who}"
    unlike = change.difference
    became = "" if change.old_rule == change.new_rule else f" → {change.new_rule!r}"
    what = "" if unlike.kind == "rule" else f"{unlike.kind} "
    if not unlike.old:
        yield f"  rule {change.old_rule!r}{became}: the same action"
    else:
        at = f"{unlike.at}: " if unlike.at else ""
        yield f"  rule {change.old_rule!r}{became}; {what}{at}{unlike.old} → {unlike.new}"


def sentence(counts: Counts) -> str:
    why_not = ", ".join(f"{count:,} {why}" for why, count in sorted(counts.not_compared.items()))
    told = f"{counts.looked_at:,} calls looked at, {counts.elsewhere:,} would go elsewhere"
    return f"{told}; not compared: {why_not}" if why_not else told
