"""Who may import what, and what a pure module may not touch: the rules, and every place that breaks one."""

import ast
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from tests.imports import House, Module, attributes, names, origin

ROOMS: Final[dict[str, tuple[str, ...]]] = {  # and what each may import of the others
    "ingress": ("shared",),
    "workers": ("shared",),
    "console": ("shared", "workers.logic"),  # pure: it explains a dialplan with it
    "shared": (),
    "simulator": (),  # so that our mistakes cannot agree with each other
}
ROOTS_MAY: Final = {"ingress.__main__": ("console.web", "console.metrics_page")}  # it mounts what operators see
OURS: Final = (*ROOMS, "tests", "bench")


def _of(package: str, names: str) -> tuple[str, ...]:
    return tuple(f"{package}.{name}" for name in names.split())


PURE: Final = (
    *_of(
        "console",
        "anonymous application basic_auth disguise exposition figures parties steps story summary table wanted",
    ),
    *_of("console", "export timeline whatif"),
    *_of("console.dead", "groups job letter masking told"),
    *_of("console.doctor", "check"),
    *_of("console.page", "picture tokens"),
    *_of("ingress", "bad_signatures signature"),
    *_of(
        "shared", "calls client_state commands dialplan errors events ids metrics numbers placing queues recipient"
    ),
    *_of("shared", "timeline"),
    *_of("shared.reconcile", "compare report rows"),
    *_of(
        "shared.telnyx", "answer applications call_events calls lists meanings operations pages recordings results"
    ),
    *_of(
        "simulator", "application applications call_events commands detection json_body leg ledger legs loopback"
    ),
    *_of("simulator", "parameters payloads query refusals scenario sign storage turn wav"),
    *_of("workers.archive", "sources trouble"),
    *_of("workers.delivery", "outbox outcome permitted retry"),
    "workers.logic",
)
READS_THE_FILE: Final = "shared.dialplan.load"  # does I/O in a pure package, and is there for that
OUTSIDE: Final = (
    *("redis", "rq", "hiredis", "httpx", "starlette", "uvicorn", "httptools", "uvloop", "structlog", "logging"),
    *("os", "sys", "io.open", "pathlib", "tempfile", "shutil", "signal", "subprocess", "multiprocessing"),
    *("importlib", "asyncio", "threading", "concurrent", "socket", "ssl", "select", "selectors", "http"),
    *("urllib.request", "time", "random", "secrets", "uuid.uuid1", "uuid.uuid4"),
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
)
BUILTINS: Final = ("open", "input", "print", "exec", "eval", "__import__")

JOBS: Final = "workers.engine.jobs"
OUR_NAME: Final = re.compile(rf"(?:{'|'.join(OURS)})(?:\.\w+)+")
ENVIRONMENT: Final = ("os.environ", "os.environb", "os.getenv")


class Breach(NamedTuple):
    path: str
    line: int
    what: str
    rule: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}: {self.rule}"


def breaches(house: House) -> list[Breach]:
    """Every place that breaks a rule, in order."""
    rules = (_rooms, _purity, _job_names, _environment)
    return sorted({breach for module in house.values() for rule in rules for breach in rule(module, house)})


def is_pure(name: str) -> bool:
    return _within(name, PURE) and name != READS_THE_FILE


def _rooms(module: Module, _house: House) -> Iterator[Breach]:
    room = module.name.partition(".")[0]
    may = (room, *ROOMS[room], *ROOTS_MAY.get(module.name, ()))
    for use in module.imports:
        if _within(use.name, OURS) and not _within(use.name, may):
            rule = f"{module.name} may import of ours only {', '.join(may)}"
            yield Breach(module.path, use.line, use.name, rule)


def _purity(module: Module, house: House) -> Iterator[Breach]:
    if not is_pure(module.name):
        return
    outside = [use for use in (*module.imports, *attributes(module)) if _within(use.name, OUTSIDE)]
    for use in (*outside, *(use for use in names(module) if use.name in BUILTINS)):
        rule = "a pure module does no I/O, asks no clock and draws no lots"
        yield Breach(module.path, use.line, use.name, rule)
    for use in module.imports:
        source = origin(use.name, house)
        if (
            source in house
            and not is_pure(source)
            and (module.name, source) != ("shared.dialplan", READS_THE_FILE)
        ):
            rule = f"a pure module imports pure ones; {source} is not listed as one"
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
    for use in (*module.imports, *attributes(module)):
        if _within(use.name, ENVIRONMENT):
            yield Breach(module.path, use.line, use.name, "only a __main__ reads the environment, into Settings")


def _within(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)
