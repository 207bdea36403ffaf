"""What every test shares: Hypothesis without a clock, as a shared machine stalls, and what shares a process."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from shared import faults
from tests.faults.figures import Collector
from tests.faults.switch import switched_off

settings.register_profile("trunkline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("trunkline"), max_examples=5000)
settings.load_profile("trunkline")


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


class _OneProcessForWhatIsShared(LoadScopeScheduling):
    """Each test goes to whichever process is free, those of tests/contract to one: the SDK takes 3 s to import.

    So do those of tests/unit/order that are about one script: they look at the same orders.

    Not by pytest-xdist's own `xdist_group`, which pytest 9.2 has silently switched off (pytest-xdist issue 1386).
    """

    def _split_scope(self, nodeid):
        if nodeid.startswith("tests/unit/order/"):
            return f"order{nodeid.partition('[')[2]}"
        return "sdk" if nodeid.startswith("tests/contract/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return _OneProcessForWhatIsShared(config, log) if config.getvalue("dist") == "load" else None
