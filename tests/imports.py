"""What each module of ours imports and looks up, read from its source with `ast`.

An import inside a function, or under TYPE_CHECKING, counts like one at the top.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple


class Use(NamedTuple):
    """`name` in full, as in `shared.telnyx.Answer`; `bound` is what the importing module calls it."""

    line: int
    name: str
    bound: str = ""


class Module(NamedTuple):
    name: str
    path: str
    tree: ast.Module
    imports: tuple[Use, ...]


House = dict[str, Module]


def read_house(root: Path, rooms: Mapping[str, object]) -> House:
    """Every module of these rooms under `root`."""
    files = sorted(file for room in rooms for file in (root / room).rglob("*.py"))
    return house_of({file.relative_to(root).as_posix(): file.read_text(encoding="utf-8") for file in files})


def house_of(texts: Mapping[str, str]) -> House:
    """Modules by name, from path -> source."""
    modules = [_module(path, text) for path, text in texts.items()]
    return {module.name: module for module in modules}


def names(module: Module) -> Iterator[Use]:
    """Names that are looked up by themselves: `open`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name):
            yield Use(node.lineno, node.id)


def attributes(module: Module) -> Iterator[Use]:
    """Chains of attributes, by their last two: `datetime.now`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, (ast.Name, ast.Attribute)):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            yield Use(node.lineno, f"{owner}.{node.attr}")


def origin(name: str, house: House) -> str:
    """The module that defines `name`, through what packages re-export; a name from outside stays as it is."""
    if name in house:
        return name
    parent, _, attribute = name.rpartition(".")
    if parent not in house:
        return origin(parent, house) if parent else name
    exported = [use.name for use in house[parent].imports if use.bound == attribute]
    return origin(exported[0], house) if exported else parent


def _module(path: str, text: str) -> Module:
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    tree = ast.parse(text, path)
    package = name.split(".") if path.endswith("__init__.py") else name.split(".")[:-1]
    return Module(name, path, tree, tuple(_imports(tree, package)))


def _imports(tree: ast.Module, package: list[str]) -> Iterator[Use]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Use(node.lineno, alias.name, alias.asname or alias.name)
        elif isinstance(node, ast.ImportFrom):
            source = _source(node, package)
            for alias in node.names:
                name = source if alias.name == "*" else f"{source}.{alias.name}"
                yield Use(node.lineno, name, alias.asname or alias.name)


def _source(node: ast.ImportFrom, package: list[str]) -> str:
    """What stands after `from`, with leading dots resolved."""
    above = package[: len(package) - node.level + 1] if node.level else []
    return ".".join((*above, *((node.module,) if node.module else ())))
