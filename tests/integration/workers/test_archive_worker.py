"""The archive in real worker processes: what SIGTERM gives back, and what its troubles leave alone."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from shared import queues
from tests.integration.workers.bench import account, noted, run, until, working
from tests.integration.workers.queued import put, put_recording
from tests.integration.workers.telnyx import in_turn, telnyx
from tests.s3_server import Box, s3_server
from tests.waiting import wait_until
from workers.archive.store import Recording, write_about

JOB = queues.job_key("recording-file")


def told_of(box: Box, **env: str) -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": "AKCANARY", "AWS_SECRET_ACCESS_KEY": "secret-canary", "AWS_SESSION_TOKEN": ""}
    place = {"RECORDINGS_URL": box.url, "AWS_ENDPOINT_URL": box.aws.endpoint, "AWS_ALLOW_HTTP": "true"}
    return {**keys, **place, "AWS_ENDPOINT": "", **env}


def is_queued(valkey) -> bool:
    """As if it had never been taken."""
    waiting = valkey.lrange(queues.queue_key("recording"), 0, -1), valkey.hget(JOB, "status")
    return waiting == ([b"recording-file"], b"queued") and not valkey.zcard(queues.lease_key("recording"))


def test_a_download_that_a_stop_interrupts_is_given_back_and_reaches_the_bucket_later(url, valkey, tmp_path):
    """In its second half: what came is on this machine's disk, in a file without a name."""
    half = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\nRIFF"

    async def scenario(box: Box) -> tuple[bool, dict[str, bytes]]:
        async with telnyx(in_turn(half)) as there:
            put_recording(valkey, "file", there.url)
            to = {"kind": "recording", "bucket": box.store(), "hosts": (there.url.removeprefix("http://"),)}
            async with working(url, there.url, **to, stop_within_s=1.0) as at:
                await until(lambda: there.requests, "the download is under way")
                at.worker.stop()
                await at.task
            given_back = is_queued(valkey), box.objects
            async with working(url, there.url, **to):
                await until(lambda: not valkey.exists(JOB), "the next worker has archived it")
            return given_back

    with s3_server(tmp_path) as port:
        box = Box(port).made()
        given_back = run(scenario(box))
        kept = box.objects

    assert given_back == (True, {})
    assert kept.keys() == {"calls/file.wav", "calls/file.json"}
    assert json.loads(kept["calls/file.json"])["length"] == len(kept["calls/file.wav"])


def test_a_bucket_that_is_away_holds_up_recordings_and_nothing_else(valkey, start_worker):
    away = told_of(Box(1, "away"))
    put_recording(valkey, "file", "http://127.0.0.1:1")
    put(valkey, noted())

    recording, routing = start_worker("recording", **away), start_worker("routing", **away)
    wait_until(lambda: "cannot be reached" in recording.output, "the recording waits for its bucket")
    wait_until(lambda: account(valkey).applied == 1, "the event is applied")

    assert account(valkey).balanced
    assert valkey.zscore(queues.schedule_key("recording"), "recording-file") is not None
    assert "recordings" not in routing.output
    assert (recording.stop(), routing.stop()) == (0, 0)


def test_recordings_that_are_due_are_deleted_by_a_worker_of_their_kind_alone(valkey, start_worker, tmp_path):
    folder = tmp_path / "recordings"
    folder.mkdir()
    past = datetime.now(UTC) - timedelta(days=3)
    ids = {
        "recording_id": "old",
        "call": "call-1",
        "format": "wav",
        "channels": "",
        "started_at": "",
        "ended_at": "",
    }
    rest = {"length": 4, "sha256": "", "source": "", "fetched_at": "", "delete_after": past}
    (folder / "old.wav").write_bytes(b"RIFF")
    (folder / "old.json").write_bytes(write_about(Recording(**ids, **rest)))
    os.utime(folder / "old.json", times=(past.timestamp(),) * 2)

    put(valkey, noted())
    start_worker("routing", RECORDINGS_URL=f"file://{folder}")
    wait_until(lambda: account(valkey).applied == 1, "the other kind is at work")
    there = sorted(path.name for path in folder.iterdir())
    recording = start_worker("recording", RECORDINGS_URL=f"file://{folder}")
    wait_until(lambda: not list(folder.iterdir()), "it is deleted")
    wait_until(lambda: '"recordings_deleted"' in recording.output, "it is told")

    assert there == ["old.json", "old.wav"]


@pytest.mark.parametrize("kind", ["recording", "routing"])
def test_a_bucket_without_keys_stops_the_start_with_one_line(start_worker, kind):
    process = start_worker(kind, RECORDINGS_URL="s3://recordings", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")

    assert process.wait() == 2
    (line,) = process.output.splitlines()
    assert "AWS_ACCESS_KEY_ID" in line
