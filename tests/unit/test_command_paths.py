"""Ids in paths: whatever an id holds, it stays one segment, or is refused."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import commands as c
from shared.errors import BadInput
from shared.ids import ControlId


@pytest.mark.parametrize(
    ("hostile", "segment"),
    [
        ("../../x?y", "..%2F..%2Fx%3Fy"),
        ("a/b", "a%2Fb"),
        ("a#b", "a%23b"),
        ("a%2Fb", "a%252Fb"),
        ("a b\r\n", "a%20b%0D%0A"),
        ("é", "%C3%A9"),
        ("a\\b", "a%5Cb"),
    ],
)
def test_a_hostile_id_stays_one_segment(hostile, segment):
    assert c.request(c.Hangup(), ControlId(hostile), None).path == f"/calls/{segment}/actions/hangup"


@given(st.text(min_size=1).filter(lambda text: text not in {".", ".."}))
def test_any_id_stays_one_segment_and_reads_back(text):
    path = c.look_at_call(ControlId(text)).path

    assert path.isascii()
    assert path.startswith("/calls/")
    assert unquote(path.removeprefix("/calls/")) == text
    assert not set(path.removeprefix("/calls/")) & set("/?#")


@pytest.mark.parametrize("unusable", ["", ".", "..", "\ud800"])
def test_an_id_that_no_encoding_keeps_in_its_place_is_refused(unusable):
    with pytest.raises(BadInput, match="id"):
        c.request(c.Hangup(), ControlId(unusable), None)
