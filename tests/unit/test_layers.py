"""The rooms of the house keep to themselves, and its pure modules stay pure."""

import pytest

from tests.imports import house_of, read_house
from tests.layers import JOBS, PURE, READS_THE_FILE, ROOMS, breaches
from tests.processes import ROOT

REACHING_OUTSIDE = {
    "shared/valkey.py": "import redis",
    "shared/telnyx/__init__.py": (
        "from shared.telnyx.answer import Answer\nfrom shared.telnyx.client import Telnyx"
    ),
    "shared/telnyx/answer.py": "import msgspec",
    "shared/telnyx/client.py": "import httpx",
    "shared/dialplan/load.py": "from pathlib import Path",
    "workers/delivery/store.py": "import redis",
}


@pytest.fixture(scope="module")
def house():
    return read_house(ROOT, ROOMS)


def test_the_house_keeps_every_rule(house):
    assert "\n".join(map(str, breaches(house))) == ""


def test_the_rules_are_held_against_modules_that_exist(house):
    missing = {*ROOMS, *PURE, READS_THE_FILE, JOBS, "ingress.__main__"} - set(house)

    assert not missing


@pytest.mark.parametrize(
    ("path", "source", "said"),
    [
        ("ingress/app.py", "from workers.delivery import store", "ingress/app.py:1: workers.delivery.store: "),
        ("ingress/app.py", "def f():\n    import workers", "ingress/app.py:2: workers: "),
        ("ingress/app.py", "from console import web", "ingress/app.py:1: console.web: "),
        ("ingress/__main__.py", "from console import embedded", "ingress/__main__.py:1: console.embedded: "),
        ("workers/archive.py", "import ingress.guard", "workers/archive.py:1: ingress.guard: "),
        ("workers/archive.py", "from console.web import page", "workers/archive.py:1: console.web.page: "),
        ("console/demo.py", "from ingress import app", "console/demo.py:1: ingress.app: "),
        ("console/demo.py", "from workers import engine", "console/demo.py:1: workers.engine: "),
        (
            "console/demo.py",
            "from workers.logic_of_another import x",
            "console/demo.py:1: workers.logic_of_another.x: ",
        ),
        ("console/demo.py", "import simulator", "console/demo.py:1: simulator: "),
        ("simulator/app.py", "from shared.events import Envelope", "simulator/app.py:1: shared.events.Envelope: "),
        ("shared/log.py", "from workers.logic import decide", "shared/log.py:1: workers.logic.decide: "),
        ("shared/log.py", "from ..ingress import app", "shared/log.py:1: ingress.app: "),
        ("shared/log.py", "from tests import builders", "shared/log.py:1: tests.builders: "),
        ("shared/log.py", "if TYPE_CHECKING:\n    import bench.load", "shared/log.py:2: bench.load: "),
    ],
)
def test_an_import_of_another_room_is_told_with_file_line_and_rule(path, source, said):
    [breach] = breaches(house_of({path: source}))

    assert str(breach).startswith(said)
    assert "may import of ours only" in str(breach)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("ingress/__main__.py", "from console import web"),
        ("ingress/__main__.py", "import os\nos.environ"),
        ("ingress/app.py", "from shared import valkey\nfrom . import guard\nimport redis, os, time"),
        ("console/explain.py", "from workers.logic.decide import decide\nfrom workers import logic"),
        ("simulator/app.py", "import asyncio\nfrom simulator import legs"),
        ("shared/dialplan/load.py", "from pathlib import Path"),
        ("shared/dialplan/__init__.py", "from shared.dialplan.load import load"),
        (
            "workers/logic/decide.py",
            "from datetime import UTC, datetime\nimport uuid\ndatetime(2026, 1, 1), uuid.uuid5",
        ),
    ],
)
def test_what_the_rules_allow_is_no_breach(path, source):
    assert breaches(house_of({path: source, "shared/dialplan/load.py": "import pathlib"})) == []


@pytest.mark.parametrize(
    "source",
    [
        *("import redis", "import rq", "import httpx", "from starlette.types import Scope", "import uvicorn"),
        *(
            "import os.path",
            "import time",
            "import random",
            "import asyncio",
            "import socket",
            "import subprocess",
        ),
        *("import threading", "from pathlib import Path", "from urllib import request", "import structlog"),
        *("from uuid import uuid4", "import uuid\nuuid.uuid4()", "def f():\n    from time import monotonic"),
        *("from datetime import datetime\ndatetime.now()", "import datetime\ndatetime.datetime.now()"),
        *("open('x')", "print('x')", "__import__('os')"),
    ],
)
def test_a_pure_module_that_reaches_outside_is_told(source):
    [breach] = breaches(house_of({"workers/logic/decide.py": source}))

    assert "a pure module does no I/O" in str(breach)


@pytest.mark.parametrize("name", PURE)
def test_every_pure_module_is_held_to_it(name):
    [breach] = breaches(house_of({f"{name.replace('.', '/')}.py": "import time"}))

    assert breach.what == "time"


@pytest.mark.parametrize(
    "source",
    [
        "from shared import valkey",
        "from shared.valkey import connect",
        "from shared.telnyx import Telnyx",
        "from shared.dialplan import load",
        "from workers.delivery import store",
    ],
)
def test_a_pure_module_may_not_reach_outside_through_another(source):
    [breach] = breaches(house_of({**REACHING_OUTSIDE, "workers/logic/decide.py": source}))

    assert "is not listed as one" in str(breach)


def test_a_pure_module_may_import_a_pure_part_of_a_package_that_is_not():
    source = "from shared.telnyx import Answer"

    assert breaches(house_of({**REACHING_OUTSIDE, "workers/logic/decide.py": source})) == []


@pytest.mark.parametrize(
    "source", ["import os\nos.environ['X']", "import os\nos.getenv('X')", "from os import environ"]
)
def test_the_environment_is_read_at_the_roots_only(source):
    [breach] = breaches(house_of({"workers/archive.py": source}))

    assert "only a __main__ reads the environment" in str(breach)


@pytest.mark.parametrize(
    ("named", "ok"),
    [
        ("workers.engine.jobs.apply_webhook", True),
        ("workers.engine.jobs.sweep_the_floor", False),
        ("workers.engine.jobs._decode", False),
        ("workers.archive.fetch", False),
        ("console.operate.drain", False),
    ],
)
def test_a_job_names_only_a_function_of_the_job_module(named, ok):
    jobs = "async def apply_webhook(): ...\ndef _decode(): ..."

    found = breaches(house_of({"workers/engine/jobs.py": jobs, "shared/queues.py": f"NAME = {named!r}"}))

    assert [breach.what for breach in found] == ([] if ok else [named])
