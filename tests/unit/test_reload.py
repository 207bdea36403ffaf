"""Which processes `trunkline dev` starts anew for which file."""

from pathlib import Path

import pytest

from console.reload import Watched

WORKERS = {"routing", "machine_detection", "recording"}
PLAN = """version = 1
timezone = "UTC"
[default]
then = { do = "hook", call = "mine.hooks:where" }
"""


@pytest.fixture
def root(tmp_path: Path):
    for room in ("ingress", "workers", "shared", "console", "simulator", "plans/mine"):
        (tmp_path / room).mkdir(parents=True)
        (tmp_path / room / "one.py").write_text("")
    (tmp_path / "plans" / "dialplan.toml").write_text(PLAN)
    return tmp_path


def after(root, change):
    watched = Watched(root / "plans" / "dialplan.toml", root)
    change()
    found = watched.changed()
    assert watched.changed() == []
    return watched.lines(found)


@pytest.mark.parametrize(
    ("file", "lines"),
    [
        ("ingress/new.py", {"web"}),
        ("workers/new.lua", WORKERS),
        ("shared/new.py", {"web", *WORKERS}),
        ("plans/dialplan.toml", {"web", *WORKERS}),
        ("plans/mine/new.py", {"web", *WORKERS}),
        ("plans/other.py", set()),
        ("workers/notes.txt", set()),
        ("console/new.py", set()),
        ("simulator/new.py", set()),
    ],
)
def test_a_file_that_is_written_begins_the_processes_anew_that_it_belongs_to(root, file, lines):
    assert after(root, lambda: (root / file).write_text("# something else")) == lines


def test_a_file_that_is_gone_counts_as_changed(root):
    assert after(root, (root / "ingress" / "one.py").unlink) == {"web"}


def test_nothing_changed_is_nothing_to_do(root):
    assert after(root, lambda: None) == set()


def test_the_dialplan_and_its_hooks_are_known_as_such(root):
    watched = Watched(root / "plans" / "dialplan.toml", root)

    assert watched.is_plan(root / "plans" / "dialplan.toml")
    assert watched.is_plan(root / "plans" / "mine" / "one.py")
    assert not watched.is_plan(root / "shared" / "one.py")
