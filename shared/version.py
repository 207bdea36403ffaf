"""The version of Trunkline, as in pyproject.toml: an image runs the sources and is no installed package."""

from typing import Final

VERSION: Final = "0.1.0"
