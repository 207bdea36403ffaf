"""The official SDK, imported once: it takes 3 s, so all tests of this folder run in one process."""

import importlib

import pytest


@pytest.fixture(scope="session")
def sdk():
    """The package. Its `lib` must stay out: importing that replaces the strict verifier (facts.md section 2)."""
    return importlib.import_module("telnyx")


def pytest_itemcollected(item):
    if item.path.is_relative_to(__file__.rpartition("/")[0]):
        item.add_marker(pytest.mark.xdist_group("sdk"))
