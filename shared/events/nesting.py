"""How deep a webhook may be nested.

A decoder stops where the interpreter's stack ends, which is at another depth for each reader. But what the ingress
accepts, a worker must be able to read.
"""

import re
from typing import Final

from shared.errors import NotJson

MAX_DEPTH: Final = 100  # Telnyx's own have fewer than ten levels
_STRING_OR_BRACKET: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


def refuse_nesting(body: bytes) -> None:
    """Raise NotJson beyond MAX_DEPTH levels. Only a body with so many brackets is looked at closely."""
    if body.count(b"{") + body.count(b"[") <= MAX_DEPTH:
        return
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(body):
        match found[0]:
            case b"{" | b"[":
                depth += 1
                if depth > MAX_DEPTH:
                    raise NotJson("nested beyond reason")
            case b"}" | b"]":
                depth -= 1
