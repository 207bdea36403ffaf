"""The test switch: which names it has, what each switches off, and that our code asks for these and no other."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared import faults
from shared.errors import ConfigError
from shared.faults import CRASH_POINTS, MECHANISMS
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
NEEDED = {"REDIS_URL": "redis://127.0.0.1:1", "TELNYX_API_KEY": "the-key"}


def asked(function):
    """The names that our code asks this function for."""
    files = [file for room in ("ingress", "shared", "workers") for file in (ROOT / room).rglob("*.py")]
    calls = (re.findall(rf"\b{function}\((.*?)\)", file.read_text(encoding="utf-8")) for file in files)
    return {argument.strip('"') for found in calls for argument in found if argument.startswith('"')}


def test_every_name_is_asked_for_and_none_that_is_unknown():
    assert asked("crash_point") == CRASH_POINTS
    assert asked("is_off") == MECHANISMS


@pytest.mark.parametrize(
    ("text", "armed"),
    [
        ("", {}),
        ("no_sweep", {"no_sweep": 1}),
        (" no_sweep ,, after_write:2,no_outbox", {"no_sweep": 1, "after_write": 2, "no_outbox": 1}),
    ],
)
def test_mechanisms_and_crash_points_are_named_together(text, armed):
    assert faults.parse(text) == armed


@pytest.mark.parametrize("text", ["sweep", "no_", "no_such", "no_after_start", "no_sweep:2", "NO_SWEEP"])
def test_what_is_no_fault_is_refused(text):
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        faults.parse(text)


def test_what_is_armed_is_off_and_nothing_else():
    """In a process of its own: what is armed stays so."""
    tell = (
        "from shared import faults; faults.arm(faults.parse('no_sweep,after_start:9'));"
        "print(*(name for name in sorted(faults.MECHANISMS) if faults.is_off(name)))"
    )

    ran = subprocess.run([sys.executable, "-c", tell], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ran.stdout.split() == ["sweep"]


def test_no_mechanism_is_switched_off_where_calls_are_real():
    with pytest.raises(ConfigError, match="TRUNKLINE_TEST_FAULT"):
        Settings.for_worker(NEEDED | {"TRUNKLINE_TEST_FAULT": "no_sweep"})
