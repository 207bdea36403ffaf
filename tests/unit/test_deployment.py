"""What a platform reads of this repository says what the processes need: app.json, compose file, image, units."""

import ast
import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.settings import Settings
from tests import image
from tests.e2e.process import ROOT, procfile

HEROKU = {"name", "description", "keywords", "addons", "formation", "env"}
APP = json.loads((ROOT / "app.json").read_bytes())
DOKKU = ROOT / "docs" / "deploy" / "dokku"
UNITS = sorted((ROOT / "docs" / "deploy" / "systemd").glob("*.service"))


def test_the_manifest_fits_herokus_schema_in_what_it_uses():
    assert APP.keys() == HEROKU
    assert len(APP["name"]) <= 30
    assert len(APP["description"]) <= 140
    for settings in APP["env"].values():
        assert settings["description"].endswith(".")
        assert settings.keys() <= {"description", "required", "value", "generator"}


def test_the_manifest_runs_every_line_of_the_procfile_that_keeps_running():
    assert list(APP["formation"]) == [name for name in procfile() if name != "release"]
    assert all(line["quantity"] >= 1 for line in APP["formation"].values())


def test_dokku_gets_the_same_lines_under_names_that_it_takes():
    """A DNS label each: https://github.com/dokku/procfile-util/blob/main/PROCFILE_FORMAT.md, strict mode."""
    lines = procfile(DOKKU / "Procfile")
    formation = json.loads((DOKKU / "app.json").read_bytes())["formation"]

    assert [*lines.values()] == [*procfile().values()]
    assert all(re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", name) for name in lines)
    assert list(formation) == [name for name in lines if name != "release"]


def test_the_manifest_asks_for_what_the_processes_cannot_start_without():
    given = {"REDIS_URL": "rediss://h:6380"}  # by the add-on
    made_up = {"TELNYX_PUBLIC_KEY": "A" * 43 + "=", "TELNYX_API_KEY": "KEY"}
    for name, settings in APP["env"].items():
        if settings.get("required", True):
            given[name] = settings.get("value") or made_up.get(name, "any")

    assert Settings.for_ingress(given).telnyx_public_keys == (bytes(32),)
    assert Settings.for_worker(given).telnyx_api_key == "KEY"


def test_the_manifest_names_nothing_that_is_not_read():
    known = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))

    assert APP["env"].keys() <= known


def test_the_compose_file_is_one_by_the_specification():
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]

    done = subprocess.run([*check, ROOT / "docker-compose.yml"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_everything_that_the_image_copies_exists_and_is_let_through():
    copied = [shlex.split(argument)[:-1] for step, argument in image.steps() if step == "COPY"]

    named = [name for names in copied for name in names if name != "."]

    assert named
    assert [name for name in image.let_through() if not (ROOT / name).exists()] == []
    assert set(named) <= set(image.let_through())


def test_the_image_installs_only_what_is_pinned_by_its_hash_and_compiles_nothing():
    (install,) = [argument for step, argument in image.steps() if step == "RUN" and "pip install" in argument]

    assert {"--require-hashes", "--only-binary=:all:"} <= set(shlex.split(install))
    assert next(image.steps())[1].startswith("python:3.")


def test_what_the_image_holds_runs_every_process_without_being_installed(tmp_path):
    """In a folder with what .dockerignore lets through and nothing else in reach, as in an image."""
    image.copy(image.let_through(), tmp_path)
    alone = (
        "import sys; sys.meta_path = [one for one in sys.meta_path if 'editable' not in repr(one).lower()]; "
        f"sys.path = [path for path in sys.path if path != {str(ROOT)!r}]"
    )
    rooms = "; ".join(f"import {room}.__main__" for room in ("ingress", "workers", "console"))
    where = (
        "print({m.__file__ for n, m in sys.modules.items() if n in ('ingress', 'workers', 'console', 'shared')})"
    )

    done = subprocess.run(
        [sys.executable, "-c", f"{alone}; {rooms}; {where}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    rooms_found = {Path(file).parent for file in ast.literal_eval(done.stdout)}
    assert rooms_found == {tmp_path / room for room in ("ingress", "workers", "console", "shared")}


@pytest.mark.parametrize("unit", UNITS, ids=[unit.name for unit in UNITS])
def test_a_unit_runs_a_line_of_the_procfile_and_leaves_it_the_time_to_end(unit):
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str
    read.read_string(unit.read_text(encoding="utf-8"))
    service = read["Service"]
    lines = {" ".join(argv[1:]) for argv in procfile().values()}

    command = service["ExecStart"].replace("%i", "routing").split(None, 1)[1]

    assert command in lines
    assert int(service["TimeoutStopSec"]) > 20
    assert service["Restart"] == "always"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_units(tmp_path):
    """With a program that this machine has: that of the units is another machine's."""
    for unit in UNITS:
        here = unit.read_text(encoding="utf-8").replace("/opt/trunkline/.venv/bin/python", sys.executable)
        (tmp_path / unit.name.replace("@", "@routing")).write_text(here)

    verify = ["systemd-analyze", "verify", "--man=no", *tmp_path.iterdir()]
    done = subprocess.run(verify, capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, [line for line in done.stderr.splitlines() if "trunkline" in line]) == (0, [])


def test_the_servers_settings_in_the_guide_are_those_of_the_compose_file():
    lines = (UNITS[0].parent / "valkey.conf").read_text(encoding="utf-8").splitlines()
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")

    settings = [f"--{line}" for line in lines if not line.startswith("#")]

    assert " ".join(settings) in compose
