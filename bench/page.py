"""Fills docs/performance.md, and the README's table: `python -m bench.page build/bench.json build/recovery.json`.

Between each pair of marks, `<!-- bench: name -->` and `<!-- end -->`, stands what was measured: by the name of a
contest its table; `front` and `targets` of bench/ratios.py; `machine`. What was not measured keeps its text.
"""

import re
import sys
from pathlib import Path
from typing import Final

from bench.files import Contests, read_arguments
from bench.ratios import front, targets
from bench.side_by_side import table

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "performance.md"
_MARKED: Final = re.compile(r"(<!-- bench: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def filled(page: str, contests: Contests, machines: list[str]) -> str:
    """The page with the figures of these contests."""
    texts = {name: table(results) for name, results in contests.items()}
    texts |= {"front": front(contests), "targets": targets(contests), "machine": "\n\n".join(machines)}

    def fill(found: re.Match[str]) -> str:
        begin, name, before, end = found.groups()
        return f"{begin}{texts[name]}\n{end}" if name in texts else f"{begin}{before}{end}"

    return _MARKED.sub(fill, page)


def main() -> int:
    machines, contests = read_arguments(__doc__)
    for page in (PAGE, ROOT / "README.md"):
        page.write_text(filled(page.read_text(encoding="utf-8"), contests, machines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
