"""The line of a key, found again in the text of a dialplan; only asked once something is wrong."""

import tomllib
from collections.abc import Iterator
from typing import Any

from shared.dialplan.walk import KeyPath


def line_of(text: str, path: KeyPath) -> int:
    """The line (from 1) of the statement that holds the key, or comes nearest; `text` must be valid TOML."""
    best_line, best_depth = 1, 0
    for line, base, content in _statements(text):
        depth = _depth(path, base, content)
        if depth > best_depth:
            best_line, best_depth = line, depth
    return best_line


def _statements(text: str) -> Iterator[tuple[int, KeyPath, dict[str, Any]]]:
    """Each `key = value` with the table it stands in, and each header with nothing in it."""
    lines = text.replace("\r\n", "\n").split("\n")
    table: KeyPath = ()
    tables_of: dict[KeyPath, int] = {}  # how many [[headers]] were seen
    start = 0
    for end in range(1, len(lines) + 1):
        statement = "\n".join(lines[start:end])
        try:
            content = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue  # a value over several lines goes on
        if statement.lstrip().startswith("["):
            table = _header(content, tables_of)
            yield start + 1, table, {}
        elif content:
            yield start + 1, table, content
        start = end


def _header(content: dict[str, Any], tables_of: dict[KeyPath, int]) -> KeyPath:
    path: KeyPath = ()
    node: Any = content
    while node:
        (key, node), *_ = node.items()
        path = (*path, key)
        if isinstance(node, list):
            tables_of[path] = tables_of.get(path, 0) + 1
            node = node[0]
        if path in tables_of:
            path = (*path, tables_of[path] - 1)
    return path


def _depth(path: KeyPath, base: KeyPath, content: Any) -> int:
    """How many steps of the path this statement shares."""
    shared = 0
    while shared < min(len(path), len(base)) and path[shared] == base[shared]:
        shared += 1
    if shared < len(base):
        return shared
    for step in path[shared:]:
        found = isinstance(content, dict) and step in content
        if not found and not (isinstance(content, list) and isinstance(step, int) and step < len(content)):
            break
        content = content[step]
        shared += 1
    return shared
