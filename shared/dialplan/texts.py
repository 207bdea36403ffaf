"""Spoken texts with `{name}` variables; `{{` and `}}` stand for braces, nothing else is special."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from shared.dialplan.schema import Action, Answer, LeaveMessage, Outbound, Play, Ring, Say, Transfer
from shared.dialplan.walk import branches, steps
from shared.errors import DialplanError

_TOKEN: Final = re.compile(r"\{\{|\}\}|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}|[{}]")


def names_in(text: str) -> frozenset[str]:
    """The variables of a text. Raises DialplanError, without a file and line, on any other brace."""
    return frozenset(match["name"] for match in _tokens(text) if match["name"])


def fill(text: str, variables: dict[str, str]) -> str:
    """The text with its variables filled in; a value is never read as a template.

    Raises DialplanError for a variable that is not given: whoever starts the call checks `variables()` first.
    """
    missing = names_in(text) - variables.keys()
    if missing:
        raise DialplanError(f"no value for {', '.join(sorted(missing))}")
    return _TOKEN.sub(lambda match: variables[match["name"]] if match["name"] else match[0][0], text)


def filled(action: Action, variables: dict[str, str]) -> Action:
    """The action, and all that may follow it, with its texts filled in. Raises DialplanError as `fill` does."""
    match action:
        case Say():
            then = action.then and filled(action.then, variables)
            return replace(action, text=fill(action.text, variables), then=then)
        case LeaveMessage(text=str(text)):
            return replace(action, text=fill(text, variables))
        case Play():
            return replace(action, then=action.then and filled(action.then, variables))
        case Answer():
            return replace(action, then=filled(action.then, variables))
        case Transfer() | Ring():
            return replace(action, otherwise=action.otherwise and filled(action.otherwise, variables))
    return action


def variables(outbound: Outbound) -> frozenset[str]:
    """What `POST /calls` must bring for this profile."""
    said = (
        text for path, root in branches(outbound) for _, action in steps(root, path) if (text := spoken(action))
    )
    return frozenset(name for text in said for name in names_in(text))


def spoken(action: Action) -> str | None:
    """The text that the action itself speaks."""
    return action.text if isinstance(action, Say | LeaveMessage) else None


def _tokens(text: str) -> Iterator[re.Match[str]]:
    for match in _TOKEN.finditer(text):
        if match[0] in ("{", "}"):
            raise DialplanError(f"stray {match[0]}: only {{name}} is filled in; {{{{ and }}}} are plain braces")
        yield match
