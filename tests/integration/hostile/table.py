"""The table of hostile inputs, of all rows but one."""

from itertools import chain
from typing import Final

from tests.integration.hostile import contents, framing, heads, service, signatures
from tests.integration.hostile.case import Case

ROWS: Final = frozenset(range(1, 52)) - {5}  # whose Host it is, the platform's router knows


def table() -> list[Case]:
    """Freshly signed."""
    parts = (heads, framing, signatures, contents, service)
    return list(chain.from_iterable(part.cases() for part in parts))
