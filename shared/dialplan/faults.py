"""A fault of a dialplan: where it is and what is wrong, told in one line for the operator."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from shared.dialplan.lines import line_of
from shared.dialplan.schema import NAMED_TABLES
from shared.dialplan.walk import KeyPath
from shared.dialplan.wording import expected

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_TABLES: Final = frozenset({"limits", "default", *NAMED_TABLES})


class Fault(msgspec.Struct, frozen=True):
    """`path` is where the operator has to look, `reason` what to change there, `got` the wrong value."""

    path: KeyPath
    reason: str
    got: str = ""


def wrong(path: KeyPath, value: object) -> Fault:
    """A value that cannot stand at this path."""
    return Fault(path, f"expected {expected(path)}", shown(value))


def missing(path: KeyPath) -> Fault:
    """Nothing stands at this path, and something must."""
    return Fault(path, f"missing; expected {expected(path)}")


def describe_fault(fault: Fault, document: Mapping[str, Any], text: str, name: str) -> str:
    """`dialplan.toml:12: [[rules]] "clinic: open" then.ring_secs: expected 5 to 600, got 3`."""
    got = f", got {fault.got}" if fault.got else ""
    return f"{name}:{line_of(text, fault.path)}: {label(fault.path, document)}: {fault.reason}{got}"


def label(path: KeyPath, document: Mapping[str, Any]) -> str:
    """The table as its header has it, then the key inside it."""
    match path:
        case ("rules", int(number), *rest):
            head = f"[[rules]] {_rule_name(document['rules'][number], number)}"
        case (str(table), str(name), *rest) if table in NAMED_TABLES:
            head = f"[{table}.{_key(name)}]"
        case (str(key), *rest):
            is_table = key in _TABLES or isinstance(document.get(key), dict)
            head = "[[rules]]" if key == "rules" else f"[{_key(key)}]" if is_table else _key(key)
        case _:
            head, rest = "the file", []
    keys = "".join(f"[{key}]" if isinstance(key, int) else f".{_key(key)}" for key in rest)
    return f"{head} {keys.removeprefix('.')}".rstrip()


def _rule_name(rule: object, number: int) -> str:
    name = rule.get("name") if isinstance(rule, dict) else None
    return quoted(name) if isinstance(name, str) else f"number {number + 1}"


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else quoted(key)


def shown(value: object) -> str:
    """A value as the file would have it, on one line."""
    match value:
        case str():
            return quoted(value if len(value) <= 60 else f"{value[:59]}…")
        case bool():
            return str(value).lower()
        case list():
            return "a list" if value else "an empty list"
        case dict():
            return "a table"
    return str(value)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())  # one line, whatever the text holds
