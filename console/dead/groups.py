"""Dead letters that have the same reason, but for the ids and numbers in it; pure."""

import re
from collections.abc import Iterable
from typing import Final

from console.dead.letter import Letter

IDS: Final = 100  # of each group: its newest

_WHAT_VARIES: Final = (
    (re.compile(r"sips?:\S+@\S+|\+[0-9]{7,15}"), "NUMBER"),
    (re.compile(r"\bv[0-9]:[\w+/=-]+"), "ID"),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "ID"),
    (re.compile(r"\b(?=[a-f]*[0-9])[0-9a-f]{12,}\b|\b0x[0-9a-f]+\b"), "ID"),
    (re.compile(r"(?<![A-Za-z_0-9])[0-9]+(?:[.,][0-9]+)*"), "N"),
)


class Group:
    """Letters of one reason. Times are Unix seconds."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.count = 0
        self.stale = 0
        self.kinds: set[str] = set()
        self.whats: set[str] = set()
        self.oldest = self.newest = 0.0
        self.newest_id = ""
        self.ids: list[str] = []

    def add(self, letter: Letter) -> None:
        """Letters of one kind come newest first."""
        at = letter.place.parked_at
        self.count += 1
        self.stale += letter.is_stale
        self.oldest = min(self.oldest or at, at)
        if at >= self.newest:
            self.newest, self.newest_id = at, letter.place.id
        if len(self.ids) < IDS:
            self.ids.append(letter.place.id)
        if letter.place.kind:
            self.kinds.add(letter.place.kind)
        if letter.work and letter.work.what:
            self.whats.add(letter.work.what)


class Groups:
    """Filled letter by letter: only what is told of them is kept, however many there are."""

    def __init__(self) -> None:
        self._by_reason: dict[str, Group] = {}

    def add(self, letters: Iterable[Letter]) -> None:
        for letter in letters:
            reason = normal(letter.reason)
            self._by_reason.setdefault(reason, Group(reason)).add(letter)

    def newest_first(self) -> list[Group]:
        return sorted(self._by_reason.values(), key=lambda group: group.newest, reverse=True)


def normal(reason: str) -> str:
    """A reason on one line, with its ids and numbers taken out; a form sends that back as it is."""
    reason = " ".join(reason.split())
    for pattern, stands_for in _WHAT_VARIES:
        reason = pattern.sub(stands_for, reason)
    return reason


def has_reason(reason: str, wanted: str) -> bool:
    """Whether `wanted` stands in it, as it is or as it is grouped; capitals do not matter."""
    sought = wanted.casefold()
    return sought in reason.casefold() or sought in normal(reason).casefold()
