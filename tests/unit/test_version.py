"""The version that processes tell of is that of the package."""

import tomllib

from shared.version import VERSION
from tests.processes import ROOT


def test_the_version_is_that_of_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["version"] == VERSION
