"""The phone numbers and SIP URIs that stand in a text; pure."""

import re
from collections.abc import Callable
from typing import Final

_PARTY: Final = re.compile(r"sips?:[^\s<>\"]+@[^\s<>\"';)]+|(?<![\w-])\+?[0-9]{7,15}(?![\w-])")


def replaced(text: str, by: Callable[[str], str]) -> str:
    """Each of them by what `by` makes of it. A number that is written without its plus is asked for with it."""
    return _PARTY.sub(lambda found: _replaced(found[0], by), text)


def _replaced(party: str, by: Callable[[str], str]) -> str:
    return by(f"+{party}").removeprefix("+") if party.isdigit() else by(party)
