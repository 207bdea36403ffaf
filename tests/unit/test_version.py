"""The version that processes tell of is that of the package."""

import tomllib
from pathlib import Path

from shared.version import VERSION


def test_the_version_is_that_of_pyproject():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["version"] == VERSION
