"""What every test shares: Hypothesis without a clock, as a shared machine stalls, and one process for the SDK."""

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("trunkline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("trunkline"), max_examples=5000)
settings.load_profile("trunkline")


class _OneProcessForTheSdk(LoadScopeScheduling):
    """Each test goes to whichever process is free, those of tests/contract to one: the SDK takes 3 s to import.

    Not by pytest-xdist's own `xdist_group`, which pytest 9.2 has silently switched off (pytest-xdist issue 1386).
    """

    def _split_scope(self, nodeid):
        return "sdk" if nodeid.startswith("tests/contract/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return _OneProcessForTheSdk(config, log) if config.getvalue("dist") == "load" else None
