"""Hooks are functions in files beside the dialplan; one that cannot be used is told in one line."""

import itertools
import sys

import pytest

from shared import hooks
from shared.dialplan import HookCall, Transfer

_numbers = itertools.count(1)

GOOD = """\
from shared.dialplan import Transfer


def overflow(call, now):
    return Transfer("+13125550298") if "vip" in call.tags else None


class Sales:
    @staticmethod
    def overflow(call, now, greeting="Hello."):
        return None


async def later(call, now): ...
def alone(): ...
text = "no function"
"""


@pytest.fixture(autouse=True)
def _path_of_its_own(monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])


@pytest.fixture
def module(tmp_path):
    """Writes a module beside the dialplan, under a name that no other test has imported."""

    def write(source):
        name = f"hooks_{next(_numbers)}"
        (tmp_path / f"{name}.py").write_text(source)
        return name

    return write


def test_a_function_is_loaded_from_the_folder_of_the_dialplan(module, tmp_path):
    name = f"{module(GOOD)}:overflow"

    loaded = hooks.load([name, name], tmp_path)

    call = HookCall(call="1", direction="incoming", from_="", to="", tags=("vip",))
    assert loaded.faults == {}
    assert loaded.functions[name](call, None) == Transfer("+13125550298")


def test_a_function_may_stand_in_a_class_or_a_package(module, tmp_path):
    (tmp_path / "pack_of_hooks").mkdir()
    (tmp_path / "pack_of_hooks" / "sales.py").write_text(GOOD)

    loaded = hooks.load([f"{module(GOOD)}:Sales.overflow", "pack_of_hooks.sales:overflow"], tmp_path)

    assert len(loaded.functions) == 2


@pytest.mark.parametrize(
    ("function", "source", "why"),
    [
        ("missing", GOOD, "AttributeError: module '{module}' has no attribute 'missing'"),
        ("text", GOOD, "TypeError: text is no plain function"),
        ("later", GOOD, "TypeError: later is no plain function"),
        ("alone", GOOD, "TypeError: alone does not take (call, now)"),
        ("f", "import no_such_module_at_all", "ModuleNotFoundError: No module named 'no_such_module_at_all'"),
        ("f", "raise ValueError('two\\nlines')", "ValueError: two"),
        ("f", "raise RuntimeError", "RuntimeError"),
        ("f", "import sys\nsys.exit(3)", "SystemExit: 3"),
    ],
)
def test_a_hook_that_cannot_be_used_is_told_and_the_others_load(function, source, why, module, tmp_path):
    broken, good = module(source), f"{module(GOOD)}:overflow"

    loaded = hooks.load([f"{broken}:{function}", good], tmp_path)

    told = why.format(module=broken)
    assert list(loaded.functions) == [good]
    assert loaded.faults == {
        f"{broken}:{function}": (
            f'"{broken}:{function}" cannot be used: {told}; hooks are looked for in {tmp_path.resolve()}'
        )
    }


def test_a_module_that_is_nowhere_is_told(tmp_path):
    loaded = hooks.load(["no_hooks_here:f"], tmp_path)

    assert "ModuleNotFoundError: No module named 'no_hooks_here'" in loaded.faults["no_hooks_here:f"]


def test_a_syntax_error_is_told_on_one_line_with_its_place(module, tmp_path):
    broken = module("def f(:\n")

    [told] = hooks.load([f"{broken}:f"], tmp_path).faults.values()

    assert f"SyntaxError: invalid syntax ({broken}.py, line 1)" in told
    assert len(told.splitlines()) == 1


def test_without_hooks_nothing_is_looked_for(tmp_path):
    before = [*sys.path]

    assert hooks.load([], tmp_path) == hooks.Hooks({}, {})
    assert sys.path == before
