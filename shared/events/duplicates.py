"""Keys given twice in a webhook: two readers could see two different calls, so neither reading is taken."""

import json
import re
from typing import Any, Final

from shared.errors import NotJson, WrongShape

_ENVELOPE: Final = ("data",)
_DATA: Final = ("id", "event_type", "payload")
_IDS: Final = ("call_control_id", "call_leg_id", "call_session_id")
_QUOTED: Final = tuple(f'"{name}"'.encode() for name in (*_ENVELOPE, *_DATA, *_IDS))
_ESCAPED_LETTER: Final = re.compile(rb"\\u00[5-7]")  # `"\u0069d"` is `"id"` spelled so that no search finds it


def refuse_duplicates(body: bytes) -> None:
    """Raise WrongShape when a key that we rely on stands twice in its object.

    msgspec keeps the last of two equal keys in silence. Only a body in which such a name occurs twice, or hides
    behind an escape, is read a second time, by a parser that shows every pair. `body` is valid JSON in UTF-8.
    """
    if not _ESCAPED_LETTER.search(body) and all(body.count(name) <= 1 for name in _QUOTED):
        return
    try:
        document = json.loads(body, object_pairs_hook=_Pairs, parse_int=str, parse_float=str)
    except RecursionError:
        raise NotJson("nested beyond reason") from None
    data = _only(document, _ENVELOPE).get("data")
    payload = _only(data, _DATA).get("payload")
    _only(payload, _IDS)


class _Pairs(list[tuple[str, Any]]):
    """An object as its pairs, in order."""


def _only(pairs: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """These names with their values. Raises WrongShape when one stands twice."""
    if not isinstance(pairs, _Pairs):
        return {}
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in names:
            if name in found:
                raise WrongShape(f"{name} stands twice")
            found[name] = value
    return found
