"""Who may import what, and what a pure module may not touch, read from the source with `ast`.

An import inside a function, or under TYPE_CHECKING, counts like one at the top.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

ROOMS: Final[dict[str, tuple[str, ...]]] = {  # and what each may import of the others
    "ingress": ("shared",),
    "workers": ("shared",),
    "console": ("shared", "workers.logic"),  # pure: it explains a dialplan with it
    "shared": (),
    "simulator": (),  # so that our mistakes cannot agree with each other
}
ROOTS_MAY: Final = {"ingress.__main__": ("console.web", "console.metrics_page")}  # it mounts what operators see
OURS: Final = (*ROOMS, "tests", "bench")

PURE: Final = (
    *(
        f"console.{name}"
        for name in ("anonymous", "application", "disguise", "export", "steps", "story", "summary", "table")
    ),
    *(f"console.{name}" for name in ("basic_auth", "exposition", "figures")),
    *(f"console.dead.{name}" for name in ("groups", "job", "letter", "masking", "told")),
    "console.doctor.check",
    *(f"console.page.{name}" for name in ("picture", "tokens")),
    "console.timeline",
    "console.whatif",
    "ingress.bad_signatures",
    "ingress.signature",
    "shared.calls",
    "shared.client_state",
    "shared.commands",
    "shared.dialplan",
    "shared.errors",
    "shared.events",
    "shared.ids",
    "shared.metrics",
    "shared.numbers",
    "shared.placing",
    "shared.queues",
    "shared.recipient",
    *(f"shared.reconcile.{name}" for name in ("compare", "report", "told")),
    *(f"shared.telnyx.{name}" for name in ("answer", "applications", "call_events", "calls", "lists", "meanings")),
    *(f"shared.telnyx.{name}" for name in ("operations", "pages", "recordings", "results")),
    "shared.timeline",
    "simulator.application",
    "simulator.applications",
    "simulator.call_events",
    "simulator.commands",
    "simulator.detection",
    "simulator.json_body",
    "simulator.leg",
    "simulator.ledger",
    "simulator.legs",
    "simulator.loopback",
    "simulator.parameters",
    "simulator.payloads",
    "simulator.query",
    "simulator.refusals",
    "simulator.scenario",
    "simulator.sign",
    "simulator.storage",
    "simulator.turn",
    "simulator.wav",
    "workers.archive.sources",
    "workers.archive.trouble",
    *(f"workers.delivery.{name}" for name in ("outbox", "outcome", "permitted", "retry")),
    "workers.logic",
)
READS_THE_FILE: Final = (
    "shared.dialplan.load"  # the one module of a pure package that does I/O: it is there for that
)
OUTSIDE: Final = (
    *("redis", "rq", "hiredis", "httpx", "starlette", "uvicorn", "httptools", "uvloop", "structlog", "logging"),
    *(
        "os",
        "sys",
        "io.open",
        "pathlib",
        "tempfile",
        "shutil",
        "signal",
        "subprocess",
        "multiprocessing",
        "importlib",
    ),
    *("asyncio", "threading", "concurrent", "socket", "ssl", "select", "selectors", "http", "urllib.request"),
    *("time", "random", "secrets", "uuid.uuid1", "uuid.uuid4"),
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
)
BUILTINS: Final = ("open", "input", "print", "exec", "eval", "__import__")

JOBS: Final = "workers.engine.jobs"
OUR_NAME: Final = re.compile(rf"(?:{'|'.join(OURS)})(?:\.\w+)+")
ENVIRONMENT: Final = ("os.environ", "os.environb", "os.getenv")


class Module(NamedTuple):
    name: str
    path: str
    tree: ast.Module


class Use(NamedTuple):
    """`name` in full, as in `shared.telnyx.Answer`; `bound` is what the importing module calls it."""

    line: int
    name: str
    bound: str = ""


class Breach(NamedTuple):
    path: str
    line: int
    what: str
    rule: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}: {self.rule}"


House = dict[str, Module]


def read_house(root: Path) -> House:
    """Every module of the rooms under `root`."""
    files = sorted(file for room in ROOMS for file in (root / room).rglob("*.py"))
    return house_of({file.relative_to(root).as_posix(): file.read_text(encoding="utf-8") for file in files})


def house_of(texts: Mapping[str, str]) -> House:
    """Modules from path -> source."""
    modules = [Module(_name_of(path), path, ast.parse(text, path)) for path, text in texts.items()]
    return {module.name: module for module in modules}


def breaches(house: House) -> list[Breach]:
    """Every place that breaks a rule, in order."""
    rules = (_rooms, _purity, _job_names, _environment)
    return sorted({breach for module in house.values() for rule in rules for breach in rule(module, house)})


def is_pure(name: str) -> bool:
    return _within(name, PURE) and name != READS_THE_FILE


def _rooms(module: Module, _house: House) -> Iterator[Breach]:
    room = module.name.partition(".")[0]
    may = (room, *ROOMS[room], *ROOTS_MAY.get(module.name, ()))
    for use in _imports(module):
        if _within(use.name, OURS) and not _within(use.name, may):
            yield Breach(
                module.path, use.line, use.name, f"{module.name} may import of ours only {', '.join(may)}"
            )


def _purity(module: Module, house: House) -> Iterator[Breach]:
    if not is_pure(module.name):
        return
    for use in (*_imports(module), *_mentions(module)):
        if _within(use.name, OUTSIDE) or use.name in BUILTINS:
            yield Breach(
                module.path, use.line, use.name, "a pure module does no I/O, asks no clock and draws no lots"
            )
    for use in _imports(module):
        origin = _origin(use.name, house)
        if (
            origin in house
            and not is_pure(origin)
            and (module.name, origin) != ("shared.dialplan", READS_THE_FILE)
        ):
            rule = f"a pure module imports pure ones; {origin} is not listed as one"
            yield Breach(module.path, use.line, use.name, rule)


def _job_names(module: Module, house: House) -> Iterator[Breach]:
    defined = house[JOBS].tree.body if JOBS in house else []
    functions = {f"{JOBS}.{node.name}" for node in defined if isinstance(node, ast.AsyncFunctionDef)}
    for node in ast.walk(module.tree):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str) and OUR_NAME.fullmatch(node.value)):
            continue
        if node.value not in functions:
            yield Breach(module.path, node.lineno, node.value, f"only functions of {JOBS} are named in text")


def _environment(module: Module, _house: House) -> Iterator[Breach]:
    if module.name.endswith(".__main__"):
        return
    for use in (*_imports(module), *_mentions(module)):
        if _within(use.name, ENVIRONMENT):
            yield Breach(module.path, use.line, use.name, "only a __main__ reads the environment, into Settings")


def _imports(module: Module) -> Iterator[Use]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Use(node.lineno, alias.name, alias.asname or alias.name)
        elif isinstance(node, ast.ImportFrom):
            source = _source(module, node)
            for alias in node.names:
                name = source if alias.name == "*" else f"{source}.{alias.name}"
                yield Use(node.lineno, name, alias.asname or alias.name)


def _source(module: Module, node: ast.ImportFrom) -> str:
    """What stands after `from`, with leading dots resolved."""
    package = module.name.split(".") if module.path.endswith("__init__.py") else module.name.split(".")[:-1]
    above = package[: len(package) - node.level + 1] if node.level else []
    return ".".join((*above, *((node.module,) if node.module else ())))


def _mentions(module: Module) -> Iterator[Use]:
    """Names that are looked up: `open`, and chains of attributes by their last two, as `datetime.now`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name):
            if node.id in BUILTINS:
                yield Use(node.lineno, node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, (ast.Name, ast.Attribute)):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            yield Use(node.lineno, f"{owner}.{node.attr}")


def _origin(name: str, house: House) -> str:
    """The module that defines `name`, through what packages re-export; a name from outside stays as it is."""
    if name in house:
        return name
    parent, _, attribute = name.rpartition(".")
    if parent not in house:
        return _origin(parent, house) if parent else name
    exported = [use.name for use in _imports(house[parent]) if use.bound == attribute]
    return _origin(exported[0], house) if exported else parent


def _name_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _within(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)
