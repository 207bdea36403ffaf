"""docs/redis-keys.md as a table: which row a key of the server belongs to, and whether it is as its row says."""

import re
from functools import cache
from typing import Final, NamedTuple

from tests.processes import ROOT

PAGE: Final = ROOT / "docs" / "redis-keys.md"
ROW: Final = re.compile(r"^\| `([a-z]+:[^`]+)` \| ([a-z ]+) \| ([^|]+) \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)
TYPES: Final = {"sorted set": "zset"}
SECONDS: Final = {"s": 1, "min": 60, "h": 3600, "day": 86_400, "days": 86_400}


class Row(NamedTuple):
    """`longest_s` is the longest TTL a key may have; 0 where the row names none."""

    pattern: str
    type: str
    may_stay: bool
    longest_s: int

    def names(self, key: str) -> bool:
        """KIND and the other words in capitals stand for whatever has no colon."""
        parts = re.split(r"([A-Z]{2,})", self.pattern)
        named = [r"[^:]+" if part.isupper() else re.escape(part) for part in parts]
        return re.fullmatch("".join(named), key) is not None

    def fits(self, type_: str, ttl_s: int) -> bool:
        return type_ == self.type and (self.may_stay if ttl_s < 0 else ttl_s <= self.longest_s)


@cache
def rows() -> tuple[Row, ...]:
    return tuple(
        Row(pattern, TYPES.get(type_, type_), ttl.startswith("none"), _longest_s(ttl))
        for pattern, type_, ttl, _ in ROW.findall(PAGE.read_text(encoding="utf-8"))
    )


def _longest_s(ttl: str) -> int:
    if "HISTORY_DAYS" in ttl:
        return 7 * SECONDS["days"]
    return max(
        [int(count) * SECONDS[unit] for count, unit in re.findall(r"(\d+) (s|min|h|days?)\b", ttl)], default=0
    )


def row_of(key: str) -> Row | None:
    """The row with the fewest words in capitals that names this key."""
    named = [row for row in rows() if row.names(key)]
    return min(named, key=lambda row: len(re.findall(r"[A-Z]{2,}", row.pattern)), default=None)
