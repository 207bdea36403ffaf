"""The files around the code say the same as the code and as each other."""

import os
import re
import shutil
import subprocess
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

from shared import queues
from shared.settings import Settings
from tests.processes import ROOT

PIN = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ;]+)(?: ; [^-]+?)?(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})+)"
)
SECRETS = (
    *("TELNYX_API_KEY", "TELNYX_PUBLIC_KEY", "TRUNKLINE_API_TOKEN", "CONSOLE_PASSWORD"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
)
OUTSIDE_THE_TREE = {"__pycache__", "build", "recordings"}
DOT_FILES = {".ci", ".dockerignore", ".env.example", ".gitignore", ".python-version"}


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def pins(name):
    """Name -> version of a requirement file; fails on any line that is not a pin with hashes."""
    lines = [line for line in text(name).replace("\\\n", " ").splitlines() if not line.lstrip().startswith("#")]
    found = [PIN.fullmatch(" ".join(line.split())) for line in lines]
    assert all(found), [line for line, pin in zip(lines, found, strict=True) if not pin]
    return {pin["name"]: pin["version"] for pin in found}


def processes():
    return dict(line.split(": ", 1) for line in text("Procfile").splitlines())


def files_of_the_tree():
    tops = [top for top in ROOT.iterdir() if not top.name.startswith(".") or top.name in DOT_FILES]
    inside = [file for top in tops for file in (top.rglob("*") if top.is_dir() else (top,))]
    return [
        file
        for file in inside
        if file.is_file()
        and not OUTSIDE_THE_TREE.intersection(file.relative_to(ROOT).parts)
        and ".egg-info" not in str(file)
    ]


class Asked(dict):
    """An environment that remembers what was asked of it."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def get(self, name, default=None):
        self.names.add(name)
        return default


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.glob("requirements*.txt")))
def test_requirements_are_pins_with_hashes_and_nothing_else(name):
    assert len(pins(name)) > 5
    assert "://" not in text(name)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("requirements.txt", ("project", "dependencies")),
        ("requirements-dev.txt", ("dependency-groups", "dev")),
    ],
)
def test_pins_are_within_the_ranges_of_the_project(name, wanted):
    table, key = wanted
    asked = [Requirement(line) for line in tomllib.loads(text("pyproject.toml"))[table][key]]

    pinned = pins(name)

    assert [str(one) for one in asked if not one.specifier.contains(pinned.get(one.name, "0"))] == []


def test_both_requirement_files_pin_what_they_share_alike():
    runtime, dev = pins("requirements.txt"), pins("requirements-dev.txt")

    assert {name for name in runtime.keys() & dev.keys() if runtime[name] != dev[name]} == set()


def test_the_procfile_names_the_processes_of_the_contract():
    workers = {kind: f"python -m workers {kind}" for kind in queues.KINDS}

    assert processes() == {"release": "python -m console release", "web": "python -m ingress", **workers}


def test_compose_runs_the_processes_of_the_procfile_on_a_durable_valkey():
    services = yaml.safe_load(text("docker-compose.yml"))["services"]

    valkey = services.pop("valkey")

    assert {
        "release": processes()["release"],
        **{name: one["command"] for name, one in services.items()},
    } == processes()
    assert "--appendonly yes --appendfsync always --maxmemory-policy noeviction" in valkey["command"]
    assert all(one["environment"]["DURABILITY"] == "fsync" for one in services.values())


def test_compose_waits_for_valkey_and_probes_every_process():
    services = yaml.safe_load(text("docker-compose.yml"))["services"]
    probes = {kind: ["CMD", "python", "-m", "workers", "--check", kind] for kind in queues.KINDS}

    tested = {name: one["healthcheck"]["test"] for name, one in services.items()}

    assert {kind: tested[kind] for kind in queues.KINDS} == probes
    assert "/health" in tested["web"][-1]
    assert tested["valkey"][-1] == "ping"
    waits = [one["depends_on"]["valkey"]["condition"] for name, one in services.items() if name != "valkey"]
    assert waits == ["service_healthy"] * 4


def test_the_image_has_the_rooms_that_its_processes_need_and_no_secret():
    kept = {line.strip("!/") for line in text(".dockerignore").splitlines() if line.startswith("!")}
    run = {command.split()[2] for command in processes().values()}

    assert "*" in text(".dockerignore").splitlines()
    assert kept == {*run, "shared", "dialplan.toml", "requirements.txt"}
    assert re.search(r"^USER (?!0|root)", text("Dockerfile"), re.MULTILINE)


def test_the_environment_page_lists_what_is_read():
    asked = Asked()
    Settings.for_console(asked)

    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", text("docs/environment.md")))

    of_the_tests = {"TEST_REDIS_URL", "TEST_REDIS_SERVER"}
    assert documented - {"DEBUG", "INFO", "WARNING", "ERROR"} - of_the_tests == asked.names


def test_the_example_environment_shows_the_defaults_and_no_secret():
    asked = Asked()
    defaults = Settings.for_console(asked)

    example = dict(re.findall(r"^([A-Z_]+)=(.*)$", text(".env.example"), re.MULTILINE))

    assert example.keys() == asked.names
    assert [name for name in SECRETS if example[name]] == []
    shown = Settings.for_console(example)
    unlike = [name for name in defaults.__struct_fields__ if getattr(shown, name) != getattr(defaults, name)]
    # no default, by the terminal, and a key without a value is not the same as no key
    assert set(unlike) <= {"redis_url", "log_format", "aws"}


def test_no_file_names_a_path_of_the_machine_it_was_written_on():
    paths = [f"/{folder}/" for folder in ("work", "root")]

    naming = [
        (str(file.relative_to(ROOT)), path)
        for file in files_of_the_tree()
        for path in paths
        if path in file.read_text(encoding="utf-8", errors="replace")
    ]

    assert naming == []


def test_every_lua_script_begins_by_saying_what_it_does():
    scripts = [file for file in files_of_the_tree() if file.suffix == ".lua"]

    assert scripts
    assert [str(file) for file in scripts if not file.read_text(encoding="utf-8").startswith("-- ")] == []


def test_every_make_target_that_a_page_names_exists():
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    pages = "".join(text(file) for file in files_of_the_tree() if file.suffix == ".md")

    assert {"setup", "demo", "dev", "test", "lint", "lock"} <= targets
    named = re.findall(r"(?:`|\$ )make ([a-z]+)|^make ([a-z]+)(?=\s*(?:$|#|[A-Z]+=))", pages, re.MULTILINE)
    assert {quoted or alone for quoted, alone in named} <= targets


def test_ci_runs_what_a_developer_runs():
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").splitlines()[-1] == "exec make test"


@pytest.mark.parametrize(
    "there",
    [{"redis-server", "chromium"}, {"redis-server", "google-chrome"}, {"redis-server"}, {"chromium"}, set()],
    ids=lambda there: " ".join(sorted(there)) or "neither",
)
def test_ci_installs_redis_and_a_browser_where_there_is_none(there, tmp_path):
    for name in ("bash", "dirname", "env"):
        (tmp_path / name).symlink_to(shutil.which(name))
    stands_in = {name: f'echo "CI=${{CI:-}} {name} $*"' for name in ("apt-get", "make", *there)}
    for name, does in {**stands_in, "sudo": 'exec env "$@"'}.items():
        (tmp_path / name).write_text(f"#!/usr/bin/env bash\n{does}\n")
        (tmp_path / name).chmod(0o755)
    missing = [name for name in ("redis-server", "chromium") if name not in there]
    if "google-chrome" in there:
        missing.remove("chromium")

    done = subprocess.run(
        [ROOT / ".ci" / "run"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )

    names = " ".join(missing)
    installs = ["CI= apt-get update -qq", f"CI= apt-get install -qq -y --no-install-recommends {names}"]
    assert done.stdout.splitlines() == [*(installs if missing else []), "CI=true make test"]


def test_all_tests_are_followed_by_those_on_redis_and_chosen_ones_are_not():
    def commands(*arguments):
        command = ["make", "--dry-run", "test", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True
        )
        return [
            line.partition("-m ")[2]
            for line in done.stdout.splitlines()
            if "ruff" not in line and "mypy" not in line
        ]

    assert commands("JOBS=3")[-2:] == ["pytest -n 3 --dist loadscope ", "tests.on_redis --if-found 3"]
    assert commands("JOBS=3", "ARGS=-k one")[-1:] == ["pytest -n 3 --dist loadscope -k one"]
