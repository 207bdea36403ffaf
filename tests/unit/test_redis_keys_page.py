"""docs/redis-keys.md has every name that the code can make of a key."""

import inspect
import re

import pytest

from shared import queues
from tests.processes import ROOT
from tests.redis_keys import row_of, rows

ARGUMENTS = {"kind": "routing"}
MADE = {
    name: make(*(ARGUMENTS.get(argument, "x1") for argument in inspect.signature(make).parameters))
    for name, make in inspect.getmembers(queues, inspect.isfunction)
    if name.endswith("_key")
}
CONSTANTS = {
    name: value
    for name, value in vars(queues).items()
    if isinstance(value, str) and value.startswith(("trunkline:", "rq:")) and not value.endswith(":")
}
LITERAL = re.compile(r"'((?:trunkline|rq):[a-z:_]*)'")


@pytest.mark.parametrize("key", [*MADE.values(), *CONSTANTS.values()], ids=[*MADE, *CONSTANTS])
def test_every_key_of_the_code_has_a_row(key):
    assert row_of(key) is not None


def test_every_key_that_a_script_names_has_a_row():
    scripts = [
        file for room in ("ingress", "workers", "shared", "console") for file in (ROOT / room).rglob("*.lua")
    ]
    named = {name for file in scripts for name in LITERAL.findall(file.read_text(encoding="utf-8"))}
    named -= {"trunkline:nudge:", "rq:execution:"}  # a channel; and a key with two more parts

    assert len(named) > 15
    assert [name for name in named if row_of(f"{name}x1" if name.endswith(":") else name) is None] == []


def test_no_row_stands_twice():
    patterns = [row.pattern for row in rows()]

    assert len(patterns) == len(set(patterns)) > 40
