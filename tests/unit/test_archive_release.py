"""A release to a platform that forgets its files warns of a folder for recordings."""

import argparse

import pytest

from console import release

WARNING = (
    "warning: RECORDINGS_URL names a folder, and a dyno's files are gone when it restarts; use s3://bucket/prefix"
)


@pytest.mark.parametrize(
    ("env", "warned"),
    [
        ({"DYNO": "release.1"}, True),
        ({"DYNO": "release.1", "RECORDINGS_URL": "file:///app/recordings"}, True),
        ({"DYNO": "release.1", "RECORDINGS_URL": "s3://bucket/calls"}, False),
        ({"RECORDINGS_URL": "file:///var/recordings"}, False),
    ],
    ids=str,
)
def test_a_folder_is_warned_of_where_files_do_not_last(tmp_path, capsys, env, warned):
    dialplan = tmp_path / "dialplan.toml"
    dialplan.write_text('version = 1\ntimezone = "UTC"\n[default]\nthen = { do = "reject" }\n')

    code = release.run(argparse.Namespace(), {**env, "DIALPLAN": str(dialplan)})

    assert code == 0
    assert (WARNING in capsys.readouterr().err.splitlines()) is warned
