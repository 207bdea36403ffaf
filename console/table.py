"""Plain tables for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


def rows(items: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """One line an item under a line of headings; `none` without items."""
    if not items:
        return "none"
    cells = [[text(item.get(column)) for column in columns] for item in items]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    lines = [columns, *cells]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def fields(item: Mapping[str, Any]) -> str:
    """One line a field."""
    width = max(map(len, item), default=0)
    return "\n".join(f"{name.ljust(width)}  {text(value)}" for name, value in item.items())


def text(value: Any) -> str:
    """A value on one line; control characters, which a terminal would act on, are left out."""
    if value is None:
        return "-"
    told = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return "".join(c for c in told if c.isprintable())


def span(seconds: float) -> str:
    """A span of time, as short as a person reads it."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
