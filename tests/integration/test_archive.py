"""A recording is archived whole or not at all, over a real connection to a host that misbehaves."""

import json
import time
from datetime import datetime, timedelta

import pytest

from tests.archiving import METADATA, ON_THE_HOST, SOUND, fetch, is_whole
from tests.storage_host import RECORDING_ID, Stall, Trickle, answer, redirect
from workers.engine.job import Done, Park, Retry


def test_a_good_file_is_kept_with_its_metadata(tmp_path):
    outcome = fetch(tmp_path / "new", {"/a.wav": answer(200, SOUND)})

    assert is_whole(outcome)
    about = json.loads(outcome.files[f"{RECORDING_ID}.json"])
    assert about.pop("fetched_at").endswith("+00:00")
    assert about == METADATA | {"delete_after": None}


def test_a_link_is_asked_for_byte_for_byte_and_without_the_key(tmp_path):
    links = {"wav": ON_THE_HOST + "/a%2Fb/../c.wav?X=%7e%2F+&&y"}

    outcome = fetch(tmp_path, {"/a%2Fb/../c.wav": answer(200, SOUND)}, links)

    assert is_whole(outcome)
    assert outcome.requests[0].path == "/a%2Fb/../c.wav?X=%7e%2F+&&y"
    assert outcome.requests[0].headers.keys() == {"host", "accept-encoding", "user-agent"}
    assert outcome.requests[0].headers["accept-encoding"] == "identity"


def test_a_file_in_chunks_is_kept(tmp_path):
    body = b"Transfer-Encoding: chunked\r\n\r\n5\r\nRIFF1\r\n3\r\n234\r\n0\r\n\r\n"

    assert is_whole(fetch(tmp_path, {"/a.wav": b"HTTP/1.1 200 X\r\n" + body}), b"RIFF1234")


LATER = {
    "shorter than announced": answer(200, SOUND, length=len(SOUND) + 1),
    "cut in the middle": answer(200, SOUND[:300_000], length=len(SOUND)),
    "cut in a chunk": b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nRIFF",
    "no length at all": answer(200, SOUND, length=""),
    "two lengths": answer(200, SOUND, "Content-Length: 5"),
    "no number": answer(200, SOUND, length="many"),
    "empty": answer(200, b""),
    "encoded": answer(200, SOUND, "Content-Encoding: gzip"),
    "a part of it": answer(206, SOUND),
    "no content": b"HTTP/1.1 204 X\r\n\r\n",
    "server error": answer(500),
    "overloaded": answer(503),
    "too many requests": answer(429),
    "request timeout": answer(408),
    "not HTTP": b"hello\r\n\r\n",
    "closed at once": b"",
    "a redirect to nowhere": answer(302),
    "a redirect in circles": redirect("/a.wav"),
}


@pytest.mark.parametrize("reply", LATER.values(), ids=LATER.keys())
def test_what_is_not_a_whole_file_is_tried_later_and_leaves_nothing(tmp_path, reply):
    outcome = fetch(tmp_path, {"/a.wav": reply}, attempt=1)

    assert isinstance(outcome.verdict, Retry), outcome.verdict
    assert (outcome.verdict.delay_s, outcome.verdict.counts) == (5.0, True)
    assert outcome.files == {}
    assert set(outcome.paths) == {"/a.wav"}
    assert "recording_waits" in outcome.logs


@pytest.mark.parametrize(
    "stall", [b"", answer(200, b"", length=9), answer(200, SOUND[:300_000], length=len(SOUND))]
)
def test_a_host_that_falls_silent_is_left_at_the_deadline(tmp_path, stall):
    outcome = fetch(tmp_path, {"/a.wav": Stall(stall)}, deadline_s=1.0)

    assert outcome.verdict == Retry(2.0, True, "not done within 1 s")
    assert outcome.files == {}


def test_a_host_that_sends_a_byte_now_and_then_is_left_at_the_deadline(tmp_path):
    outcome = fetch(tmp_path, {"/a.wav": Trickle(answer(200, b"RIFF", length=len(SOUND)))}, deadline_s=1.0)

    assert outcome.verdict == Retry(2.0, True, "not done within 1 s")
    assert outcome.files == {}


def test_nobody_listening_is_tried_later(tmp_path):
    outcome = fetch(tmp_path, {}, {"wav": "http://127.0.0.1:1/a.wav"})

    assert outcome.verdict == Retry(2.0, True, "127.0.0.1: ConnectError")


def test_the_eighth_failure_parks_the_job_with_the_reason(tmp_path):
    outcome = fetch(tmp_path, {"/a.wav": answer(503)}, attempt=7)

    assert outcome.verdict == Park("recording not fetched in 8 attempts: 127.0.0.1 answered 503")


TOO_LARGE = {
    "announced": Stall(answer(200, b"", length=2001)),
    "in chunks": Stall(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n" + SOUND[:500_000]),
}


@pytest.mark.parametrize("reply", TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_a_file_over_the_cap_is_parked_without_reading_on(tmp_path, reply):
    outcome = fetch(tmp_path, {"/a.wav": reply}, max_bytes=2000)

    assert outcome.verdict == Park("recording is over 0.002 MB")
    assert outcome.files == {}


@pytest.mark.parametrize(
    "fields",
    [
        *({"recording_id": name} for name in ("", "../a", "a/b", ".", "a\0b", "a.wav", "é", "a" * 101)),
        *({"format": kind} for kind in ("", "json", "../x", "WAV", "exe")),
    ],
    ids=str,
)
def test_names_that_are_not_ours_are_parked_and_nobody_is_asked(tmp_path, fields):
    outcome = fetch(tmp_path / "folder", {"/a.wav": answer(200, SOUND)}, fields=fields)

    assert isinstance(outcome.verdict, Park)
    assert (outcome.requests, outcome.files) == ([], {})


def test_a_rerun_of_what_is_there_asks_nobody(tmp_path):
    first = fetch(tmp_path, {"/a.wav": answer(200, SOUND)})

    second = fetch(tmp_path, {})

    assert (second.verdict, second.requests) == (Done(), [])
    assert second.files == first.files


def test_a_rerun_over_a_harmed_file_fetches_it_again(tmp_path):
    fetch(tmp_path, {"/a.wav": answer(200, SOUND)})
    (tmp_path / f"{RECORDING_ID}.wav").write_bytes(SOUND[:100])

    assert is_whole(fetch(tmp_path, {"/a.wav": answer(200, SOUND)}))


ENDS = {  # the recording's end, as events tell it -> two days later
    "2026-11-20T15:06:41Z": "2026-11-22T15:06:41Z",
    "2026-11-20T09:06:41.250000-06:00": "2026-11-22T15:06:41.250000Z",
    "2026-11-20 15:06:41": "2026-11-22T15:06:41Z",
}


@pytest.fixture
def far_from_utc(monkeypatch):
    """A machine with a clock on local time."""
    monkeypatch.setenv("TZ", "America/Chicago")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("far_from_utc")
@pytest.mark.parametrize(("ended_at", "due"), ENDS.items())
def test_the_metadata_say_when_the_recording_is_to_be_deleted(tmp_path, ended_at, due):
    fields = {"ended_at": ended_at, "keep_days": 2}

    outcome = fetch(tmp_path, {"/a.wav": answer(200, SOUND)}, fields=fields)

    assert json.loads(outcome.files[f"{RECORDING_ID}.json"])["delete_after"] == due


@pytest.mark.parametrize("ended_at", ["", "soon", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_an_end_that_is_no_time_counts_as_the_moment_it_was_fetched(tmp_path, ended_at):
    fields = {"ended_at": ended_at, "keep_days": 2}

    outcome = fetch(tmp_path, {"/a.wav": answer(200, SOUND)}, fields=fields)

    about = json.loads(outcome.files[f"{RECORDING_ID}.json"])
    after = datetime.fromisoformat(about["delete_after"]) - datetime.fromisoformat(about["fetched_at"])
    assert timedelta(days=2) <= after < timedelta(days=2, seconds=1)


def test_days_past_the_end_of_the_calendar_are_for_ever(tmp_path):
    outcome = fetch(tmp_path, {"/a.wav": answer(200, SOUND)}, fields={"keep_days": 10**7})

    assert json.loads(outcome.files[f"{RECORDING_ID}.json"])["delete_after"] is None
