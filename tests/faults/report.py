"""Fills docs/reliability.md: `python -m tests.faults.report`, or with FIGURES.json "date, machine" of a run."""

import sys
from pathlib import Path
from typing import Final

import msgspec

from tests.faults.figures import Row
from tests.faults.mechanisms import TABLE

PAGE: Final = Path(__file__).parents[2] / "docs" / "reliability.md"
FIGURES: Final = ("<!-- figures: make faults -->", "<!-- end of figures -->")
MECHANISMS: Final = ("<!-- mechanisms -->", "<!-- end of mechanisms -->")
HEAD: Final = """\
| | what was done | times | events | lost | doubled | recovery in s: median, p99, worst | |
|---|---|---|---|---|---|---|---|"""


def table(rows: list[Row], ran: str) -> str:
    """Rows in the order of their numbers, and the totals."""
    ordered = sorted(rows, key=lambda row: int(row.scenario.removeprefix("F")))
    lines = [_line(row) for row in ordered]
    events, faults, lost, doubled = (
        sum(getattr(row, name) or 0 for row in rows) for name in ("events", "faults", "lost", "doubled")
    )
    total = f"| | all | {faults:,} | {events:,} | {lost} | {doubled} | | {ran} |"
    return "\n".join([HEAD, *lines, total])


def _line(row: Row) -> str:
    counts = (row.faults, row.events, row.lost, row.doubled)
    told = " | ".join("" if count is None else f"{count:,}" for count in counts)
    return f"| {row.scenario} | {row.what} | {told} | {_seconds(row.recovery)} | {row.note} |"


def _seconds(recovery: list[float]) -> str:
    if not recovery:
        return ""
    ordered = sorted(recovery)
    middle, high = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.99))
    return f"{middle:.1f}, {high:.1f}, {ordered[-1]:.1f} ({len(ordered)})"


def mechanisms() -> str:
    """A row a mechanism, with the tests that fail without it."""
    rows = [
        f"| `{one.name}` | {one.protects} | " + ", ".join(map(_named, (one.test, *one.also))) + " |"
        for one in TABLE
    ]
    return "\n".join(["| without | is not true | and these fail |", "|---|---|---|", *rows])


def _named(test: str) -> str:
    file, _, name = test.partition("::test_")
    words = name.partition("[")[0].replace("_", " ")
    return f"{words} (`{file.removeprefix('tests/')}`)"


def filled(page: str, begin: str, end: str, content: str) -> str:
    """The page with that content between two marks."""
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{content}\n{end}{after}"


def main() -> None:
    page = filled(PAGE.read_text(encoding="utf-8"), *MECHANISMS, mechanisms())
    if sys.argv[1:]:
        figures, ran = sys.argv[1:]
        rows = msgspec.json.decode(Path(figures).read_bytes(), type=list[Row])
        page = filled(page, *FIGURES, table(rows, ran))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
