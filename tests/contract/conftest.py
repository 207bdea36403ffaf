"""The official SDK, imported once, which takes 3 s: `tests/conftest.py` keeps these tests in one process."""

import importlib

import pytest


@pytest.fixture(scope="session")
def sdk():
    """The package. Its `lib` must stay out: importing that replaces the strict verifier."""
    return importlib.import_module("telnyx")
