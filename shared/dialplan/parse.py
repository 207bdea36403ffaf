"""From the text of a dialplan to a plan that may run; pure."""

import re
import tomllib
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from shared.dialplan.check import faults
from shared.dialplan.explain import explain
from shared.dialplan.faults import describe_fault
from shared.dialplan.schema import Plan
from shared.errors import DialplanError

_TOML_PLACE: Final = re.compile(
    r"(?P<problem>.*) \(at (?:line (?P<line>[0-9]+), column [0-9]+|end of document)\)", re.DOTALL
)


def parse(text: str, name: str = "dialplan.toml") -> Plan:
    """Raises DialplanError with one line: file, line, table and key, what is allowed."""
    try:
        document = _read(text, name)
        fault = explain(document)
        if fault is None:
            plan = msgspec.convert(document, Plan)
            fault = next(faults(plan), None)
        if fault is None:
            return plan
        raise DialplanError(describe_fault(fault, document, text, name))
    except RecursionError:
        raise DialplanError(f"{name}:1: tables are nested too deeply") from None


def _read(text: str, name: str) -> dict[str, Any]:
    try:
        document = tomllib.loads(text)
    except ValueError as error:  # also numbers and dates that Python cannot hold
        place = _TOML_PLACE.fullmatch(str(error))
        line = (place and place["line"]) or (text.count("\n") + 1 if place else 1)
        problem = place["problem"] if place else str(error)
        raise DialplanError(f"{name}:{line}: this is not TOML: {problem}") from None
    _listed(document)
    return document


def _listed(document: dict[str, Any]) -> None:
    """`when`, and `header` inside it, take one value or a list of them; from here on it is always a list."""
    rules = document.get("rules")
    for rule in rules if isinstance(rules, list) else ():
        when = rule.get("when") if isinstance(rule, dict) else None
        if isinstance(when, dict):
            _wrap(when, when.keys() - {"header"})
            header = when.get("header")
            if isinstance(header, dict):
                _wrap(header, header.keys())


def _wrap(table: dict[str, Any], keys: Iterable[str]) -> None:
    for key in keys:
        if isinstance(table[key], str):
            table[key] = [table[key]]
