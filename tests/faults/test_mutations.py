"""Without any one mechanism a named test fails, by its own assertion: the tests test what they say they do."""

import os
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from shared.faults import MECHANISMS
from tests.faults.mechanisms import TABLE
from tests.faults.switch import SWITCH
from tests.processes import ROOT

ENDS_WITHIN_S = 60.0
ITS_OWN = ("AssertionError", "assert ")  # how a failure begins that is no mere error


def test_the_table_has_every_mechanism():
    assert sorted(mechanism.name for mechanism in TABLE) == sorted(MECHANISMS)


def guards():
    """One quick test for each mechanism, and the others in the long set: fleets, and seconds."""
    for name, _, test, also in TABLE:
        for n, guard in enumerate((test, *also)):
            told = f"no_{name}: {guard.rpartition('::test_')[2]}"
            yield pytest.param(name, guard, id=told, marks=[pytest.mark.long_only] if n else [])


@pytest.mark.parametrize(("mechanism", "guard"), list(guards()))
def test_without_a_mechanism_its_test_fails(mechanism, guard, tmp_path):
    report = tmp_path / "report.xml"
    told = ("-x", "-q", "-p", "no:cacheprovider", "-o", "junit_family=xunit1", f"--junitxml={report}")
    env = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *told, guard],
        cwd=ROOT,
        env={**env, SWITCH: f"no_{mechanism}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # they take a second
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN_S,
        check=False,
    )

    assert ran.returncode == 1, ran.stdout + ran.stderr
    (suite,) = ET.parse(report).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "1", "0"), ran.stdout
    (failure,) = suite.iter("failure")
    assert failure.get("message", "").startswith(ITS_OWN), ran.stdout
