"""What the schema refused, told in the operator's words: msgspec names neither table, value nor choices."""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, get_args

import msgspec

from shared.dialplan.faults import Fault, missing, wrong
from shared.dialplan.schema import ACTIONS, NAMED_TABLES, Amd, Default, Greeting, Limits, Outcome, Plan, Rule, When
from shared.dialplan.walk import KeyPath

_MESSAGE: Final = re.compile(
    r"(?P<problem>.*?)(?: - at (?P<key>`key` in )?`\$(?P<path>[^`]*)`)?", re.DOTALL
)  # "`key` in": a key of the table itself is wrong
_ANY_NAME: Final = "..."  # what msgspec has in place of a name that is the operator's own
_STEP: Final = re.compile(r"\.(?P<key>\w+)|\[(?:(?P<item>[0-9]+)|(?P<any>\.\.\.))\]")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(?P<key>.*)`", re.DOTALL)
_UNKNOWN_CHOICE: Final = re.compile(r"Invalid enum value '(?P<key>.*)'", re.DOTALL)
_MISSING: Final = re.compile(r"Object missing required field `(?P<key>.*)`")
_ACTIONS: Final = {action.__struct_config__.tag: action for action in ACTIONS}
_TABLES: Final[dict[str, type[msgspec.Struct]]] = {
    "limits": Limits,
    "default": Default,
    "when": When,
    "amd": Amd,
    "greeting": Greeting,
}


class _Refusal(NamedTuple):
    path: KeyPath
    problem: str
    of_key: bool  # not the value at the path is wrong, its key is


def explain(document: Mapping[str, Any]) -> Fault | None:
    """The first thing that the schema refuses, or None."""
    refusal = _refusal(document)
    return None if refusal is None else _fault(document, refusal._replace(path=_named(document, refusal)))


def _refusal(document: object) -> _Refusal | None:
    try:
        msgspec.convert(document, Plan)
    except msgspec.ValidationError as error:
        message = _MESSAGE.fullmatch(str(error))
        assert message is not None
        steps = _STEP.finditer(message["path"] or "")
        path: KeyPath = tuple(step["key"] or step["any"] or int(step["item"]) for step in steps)
        choice = _UNKNOWN_CHOICE.fullmatch(message["problem"]) if message["key"] else None
        return _Refusal((*path, choice["key"]) if choice else path, message["problem"], choice is not None)
    return None


def _named(document: Mapping[str, Any], refusal: _Refusal) -> KeyPath:
    """The path with a name for each `...`: of the names there, the one that is refused when it stands alone."""
    path: KeyPath = ()
    for step in refusal.path:
        name = step
        if step == _ANY_NAME:
            named = _value(document, path)
            only = ((name, _with(document, path, {name: named[name]})) for name in named)
            name, document = next((name, alone) for name, alone in only if _refusal(alone) == refusal)
        path = (*path, name)
    return path


def _with(node: Any, path: KeyPath, value: object) -> Any:
    """A copy of the document in which the value at a path is another."""
    if not path:
        return value
    copy = node.copy()
    copy[path[0]] = _with(node[path[0]], path[1:], value)
    return copy


def _fault(document: Mapping[str, Any], refusal: _Refusal) -> Fault:
    path, problem, of_key = refusal
    if of_key:
        return Fault(path, f"unknown key; allowed: {', '.join(get_args(Outcome))}")
    if unknown := _UNKNOWN.fullmatch(problem):
        return Fault((*path, unknown["key"]), f"unknown key; allowed: {', '.join(_keys(document, path))}")
    if absent := _MISSING.fullmatch(problem):
        return missing((*path, absent["key"]))
    return wrong(path, _value(document, path))


def _keys(document: Mapping[str, Any], path: KeyPath) -> list[str]:
    """The keys that the table at a path may have."""
    kind = _kind(document, path)
    return ["do"] * (kind in ACTIONS) + [field.encode_name for field in msgspec.structs.fields(kind)]


def _kind(document: Mapping[str, Any], path: KeyPath) -> type[msgspec.Struct]:
    match path:
        case ():
            return Plan
        case ("rules", int()):
            return Rule
        case (str(table), str()) if table in NAMED_TABLES:
            return NAMED_TABLES[table]
        case (*_, str(key)) if key in _TABLES:
            return _TABLES[key]
    return _ACTIONS[_value(document, path)["do"]]


def _value(document: Mapping[str, Any], path: KeyPath) -> Any:
    value: Any = document
    for step in path:
        value = value[step]
    return value
