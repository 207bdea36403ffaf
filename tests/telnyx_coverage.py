"""Makes docs/telnyx-coverage.md from the contract, our types and the source: `python -m tests.telnyx_coverage`."""

import ast
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from shared.commands import wire_fields
from shared.events import PAYLOADS
from shared.telnyx import OPERATIONS as OURS
from tests.processes import ROOT
from tests.telnyx_contract import EVENTS, OBJECTS, OPERATIONS, wire_paths

PAGE: Final = ROOT / "docs" / "telnyx-coverage.md"
TEXT: Final = Path(__file__).with_suffix(".txt")

_ROOMS: Final = ("ingress", "workers", "shared", "console")
_TESTS: Final = ("tests/unit", "tests/integration", "tests/e2e", "tests/contract", "tests/faults")
_DEFINE_THEM: Final = ("shared/commands/", "shared/telnyx/", "shared/events/")
_TEST_THEM_ALL: Final = frozenset(  # a row names what tests an operation besides these
    {
        "contract/sdk_requests",
        "unit/commands_decoding",
        "unit/telnyx_api",
        "unit/telnyx_contract",
        "unit/telnyx_limits",
        "unit/telnyx_operations",
    }
)
_LOOKS: Final = {  # operations for which workers have a request of their own
    "retrieve_call": "look_at_call",
    "list_active_calls": "look_at_active_calls",
    "retrieve_recording": "retrieve_recording",
}

Sources = dict[str, frozenset[str]]  # a file, and what its source names


def page() -> str:
    """The whole page."""
    code = {file: names for file, names in _sources(_ROOMS).items() if not file.startswith(_DEFINE_THEM)}
    tests = {
        file.removeprefix("tests/").replace("/test_", "/"): names
        for file, names in _sources(_TESTS).items()
        if "/test_" in file
    }
    rules = [rule for operation in OPERATIONS.values() for rule in operation["sends"].values()]
    return TEXT.read_text(encoding="utf-8").format(
        seed_parameters=sum(rule.get("seed", False) for rule in rules),
        parameters=len(rules),
        objects=len(OBJECTS),
        object_fields=sum(map(len, OBJECTS.values())),
        seed_fields=sum(len(event["seed"]) for event in EVENTS.values()),
        tests_of_all=", ".join(f"`{name}`" for name in sorted(_TEST_THEM_ALL)),
        seed_operations="\n".join(_operations(True, code, tests)),
        neighbours="\n".join(_operations(False, code, tests)),
        seed_events="\n".join(_events(True, code, tests)),
        other_events="\n".join(_events(False, code, tests)),
    )


def _operations(in_seed: bool, code: Sources, tests: Sources) -> Iterator[str]:
    more_tests = {file: names for file, names in tests.items() if file not in _TEST_THEM_ALL}
    played = {file for file in more_tests if not file.startswith("unit/")}  # there a verb's name is that command
    for name, documented in OPERATIONS.items():
        if documented["in_seed"] != in_seed:
            continue
        ours, sends = OURS[name], documented["sends"]
        have = {*wire_fields(ours.takes), "command_id"} if ours.takes else set()
        used = {f"operation {name}", _LOOKS.get(name, ""), f"commands.{ours.takes.__name__}" if ours.takes else ""}
        yield _row(
            f"`{name}`",
            f"`{ours.method} {ours.path}`",
            f"`{ours.takes.__name__}`" if ours.takes else "",
            _share([key for key, rule in sends.items() if rule.get("seed")], have),
            _share(sends, have),
            _share(documented["gives"], wire_paths(ours.gives)),
            _where(used, code) or f"`Api.{name}`",
            _where(used, more_tests, played, f"text {name}") or "those",
        )


def _events(in_seed: bool, code: Sources, tests: Sources) -> Iterator[str]:
    for event_type, documented in EVENTS.items():
        if documented["in_seed"] != in_seed:
            continue
        kind: type[Struct] = PAYLOADS[event_type]
        have = list(wire_paths(kind))
        yield _row(
            f"`{event_type}`",
            f"`{kind.__name__}`",
            _share(documented["seed"], have),
            _share([*documented["seed"], *documented["more"]], have),
            _where({f"text {event_type}", f"events.{kind.__name__}"}, code),
            _where({f"text {event_type}", f"events.{kind.__name__}"}, tests),
        )


def _share(documented: Iterable[str], have: Iterable[str]) -> str:
    names = set(documented)
    return f"{len(names & set(have))}/{len(names)}" if names else ""


def _where(words: set[str], sources: Sources, played: Collection[str] = (), word_there: str = "") -> str:
    """The files that name one of `words`, and those `played` that name `word_there`."""
    found = [
        file for file, names in sources.items() if words & names - {""} or (file in played and word_there in names)
    ]
    return ", ".join(f"`{file}`" for file in sorted(found))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _sources(folders: tuple[str, ...]) -> Sources:
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    return {
        file.relative_to(ROOT).with_suffix("").as_posix(): frozenset(_names(ast.parse(file.read_bytes())))
        for file in files
    }


def _names(tree: ast.AST) -> Iterator[str]:
    """What a source names: our types as `commands.Dial`, requests, texts, and operations of the table."""
    nodes = list(ast.walk(tree))
    modules = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    by_table = any(module.startswith("shared.telnyx") for module in modules)
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            package = (node.module or "").removeprefix("shared.").partition(".")[0]
            yield from (f"{package}.{alias.name}" for alias in node.names)
            yield from (alias.name for alias in node.names if alias.name in _LOOKS.values())
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{'commands' if node.value.id == 'c' else node.value.id}.{node.attr}"
            yield node.attr if node.attr in _LOOKS.values() else ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield f"text {node.value}"
            yield f"operation {node.value}" if by_table else ""


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
