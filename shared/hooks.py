"""The operator's own functions, which a dialplan calls by name as `module:function`."""

import importlib
import inspect
import operator
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from shared.dialplan import HookFunction


class Hooks(msgspec.Struct, frozen=True):
    """Functions by their names, and for each name that gives none one line that says why."""

    functions: dict[str, HookFunction]
    faults: dict[str, str]


def load(names: Iterable[str], folder: Path) -> Hooks:
    """Import each function from the folder of the dialplan, or else from wherever Python finds it."""
    functions: dict[str, HookFunction] = {}
    faults: dict[str, str] = {}
    first = str(folder.resolve())
    for name in sorted(set(names)):
        if sys.path[:1] != [first]:  # also when the hook before has put something before it
            sys.path.insert(0, first)
        try:
            functions[name] = _function(name)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - their code may raise anything while it loads
            faults[name] = f'"{name}" cannot be used: {_told(error)}; hooks are looked for in {first}'
    return Hooks(functions, faults)


def _function(name: str) -> HookFunction:
    module, _, path = name.partition(":")
    function: HookFunction = operator.attrgetter(path)(importlib.import_module(module))
    if not callable(function) or inspect.iscoroutinefunction(function):
        raise TypeError(f"{path} is no plain function")
    try:
        inspect.signature(function).bind("call", "now")
    except TypeError:
        raise TypeError(f"{path} does not take (call, now)") from None
    return function


def _told(error: BaseException) -> str:
    first, *_ = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
