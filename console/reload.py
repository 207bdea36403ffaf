"""Which files belong to which process of `trunkline dev`, and which have changed.

A look at the times of some 200 files takes 4 ms: twice a second that is about 1 % of one core. A library that the
kernel tells of changes would be one more dependency.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from shared import dialplan, queues
from shared.errors import DialplanError

ROOT: Final = Path(__file__).parents[1]
SUFFIXES: Final = frozenset({".py", ".lua"})
WEB: Final = "web"
_BY_ROOM: Final = {"ingress": (WEB,), "workers": queues.KINDS, "shared": (WEB, *queues.KINDS)}

Times = dict[Path, int]


class Watched:
    """The files of the rooms that can be restarted, of the dialplan and of its hooks."""

    def __init__(self, plan: Path, root: Path = ROOT) -> None:
        self._plan = plan
        self._root = root
        self._times = self._look()

    def changed(self) -> list[Path]:
        """What has changed, come or gone since the last look."""
        before, self._times = self._times, self._look()
        return sorted(
            file for file in before.keys() | self._times.keys() if before.get(file) != self._times.get(file)
        )

    def lines(self, changed: Iterable[Path]) -> set[str]:
        """The lines of the Procfile that have to begin anew; all of them for the dialplan and its hooks."""
        rooms = (self._root / room for room in _BY_ROOM)
        of_room = {room: _BY_ROOM[room.name] for room in rooms}
        return {
            line
            for file in changed
            for line in next(
                (names for room, names in of_room.items() if room in file.parents), _BY_ROOM["shared"]
            )
        }

    def is_plan(self, file: Path) -> bool:
        """Whether it is the dialplan, or the file of a hook."""
        return not any(self._root / room in file.parents for room in _BY_ROOM)

    def _look(self) -> Times:
        return {file: time for file in self._files() if (time := _time(file)) is not None}

    def _files(self) -> Iterator[Path]:
        for room in _BY_ROOM:
            yield from (file for file in (self._root / room).rglob("*") if file.suffix in SUFFIXES)
        yield self._plan
        yield from self._hooks()

    def _hooks(self) -> Iterator[Path]:
        try:
            names = dialplan.hook_names(dialplan.load(self._plan).plan)
        except DialplanError:
            return
        for top in {name.partition(":")[0].partition(".")[0] for _, name in names}:
            yield self._plan.parent / f"{top}.py"
            yield from (self._plan.parent / top).rglob("*.py")


def _time(file: Path) -> int | None:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return None
