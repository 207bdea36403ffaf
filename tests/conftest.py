"""What every test shares: Hypothesis without a clock, as a shared machine stalls, and whose turn it is."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from shared import faults
from tests.faults.figures import Collector
from tests.faults.switch import switched_off

settings.register_profile("trunkline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("trunkline"), max_examples=5000)
# In CI the same examples each time: it judges a change, and whoever works here looks for new ones.
settings.register_profile("ci", settings.get_profile("trunkline"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "trunkline")


def pytest_addoption(parser):
    faults = parser.getgroup("the fault plan (tests/faults)")
    faults.addoption("--faults", choices=("short", "long"), default="short", help="how much is broken")
    faults.addoption("--seed", type=int, default=7, help="of everything that is drawn there")
    faults.addoption("--faults-report", type=Path, help="a JSON file for the figures that are left there")


def pytest_configure(config):
    faults.arm(faults.parse(switched_off()))
    path = config.getoption("--faults-report")
    if path is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collector(path))


class _FleetsFirst(LoadScopeScheduling):
    """A module to a process, in the order of the folders: the long ones of e2e and faults first, unit last.

    So nobody waits for a fleet at the end. All of tests/contract count as one module: the SDK takes 3 s to import.
    """

    def _split_scope(self, nodeid):
        return "sdk" if nodeid.startswith("tests/contract/") else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    if config.getvalue("dist") != "loadscope":
        return None
    config.option.loadscopereorder = False  # by the number of tests: of fleets there is one test in a module
    return _FleetsFirst(config, log)
