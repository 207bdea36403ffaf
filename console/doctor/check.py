"""One thing looked at, and what came of it. Pure."""

from typing import Any, Literal

from msgspec import Struct

State = Literal["ok", "warn", "wrong", "unknown"]


class Check(Struct, frozen=True):
    """`unknown` could not be looked at, and counts as nothing wrong: what hinders it has a line of its own."""

    what: str
    state: State
    found: str
    mend: str = ""


def row(check: Check) -> dict[str, Any]:
    return {"": check.state, "what": check.what, "found": check.found, "to mend it": check.mend}


def hidden(text: str, what: str) -> str:
    """Text of a library, on one short line and without a URL's password."""
    line = " ".join(text.split())[:160]
    return line.replace(what, "…") if what else line
