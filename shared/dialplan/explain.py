"""What the schema refused, told in the operator's words: msgspec names neither table, value nor choices."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from shared.dialplan.faults import Fault, missing, wrong
from shared.dialplan.schema import ACTIONS, NAMED_TABLES, Amd, Default, Limits, Plan, Rule, When
from shared.dialplan.walk import KeyPath

_MESSAGE: Final = re.compile(r"(?P<problem>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)
_ANY_NAME: Final = "..."  # what msgspec has in place of a table's name
_STEP: Final = re.compile(r"\.(?P<key>\w+)|\[(?:(?P<item>[0-9]+)|(?P<any>\.\.\.))\]")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(?P<key>.*)`", re.DOTALL)
_MISSING: Final = re.compile(r"Object missing required field `(?P<key>.*)`")
_ACTIONS: Final = {action.__struct_config__.tag: action for action in ACTIONS}


def explain(document: Mapping[str, Any]) -> Fault | None:
    """The first thing that the schema refuses, or None."""
    refusal = _refusal(document, Plan)
    if refusal is None:
        return None
    path, problem = refusal
    return _in_named_table(document, str(path[0])) if _ANY_NAME in path else _fault(document, path, problem)


def _in_named_table(document: Mapping[str, Any], table: str) -> Fault:
    for name, content in document[table].items():
        refusal = _refusal(content, NAMED_TABLES[table])
        if refusal is not None:
            path, problem = refusal
            return _fault(document, (table, name, *path), problem)
    raise AssertionError(f"one of [{table}.NAME] was refused, none is")


def _refusal(content: object, kind: type) -> tuple[KeyPath, str] | None:
    try:
        msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        message = _MESSAGE.fullmatch(str(error))
        assert message is not None
        steps = _STEP.finditer(message["path"] or "")
        return tuple(step["key"] or step["any"] or int(step["item"]) for step in steps), message["problem"]
    return None


def _fault(document: Mapping[str, Any], path: KeyPath, problem: str) -> Fault:
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


_TABLES: Final[dict[str, type[msgspec.Struct]]] = {"limits": Limits, "default": Default, "when": When, "amd": Amd}


def _value(document: Mapping[str, Any], path: KeyPath) -> Any:
    value: Any = document
    for step in path:
        value = value[step]
    return value
