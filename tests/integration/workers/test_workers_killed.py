"""Real worker processes that are killed: their jobs run again elsewhere, and a job that kills is found out."""

import time

import pytest

from shared import queues
from tests.integration.workers.bench import account, incoming, noted
from tests.integration.workers.queued import let_leases_run_out, put, put_recording, reason_of
from tests.integration.workers.telnyx import in_thread, in_turn
from tests.waiting import wait_until

RERUN_WITHIN_S = 10.0  # the promise is 5 s; a shared machine may stall


def lives(valkey, kind, count=1):
    return lambda: valkey.zcard(queues.beat_key(kind)) >= count


def test_a_killed_workers_job_runs_again_at_another_within_5_s(valkey, start_worker):
    with in_thread(in_turn(b"", b"")) as there:
        hosts = {"RECORDING_HOSTS": there.url.removeprefix("http://")}
        first = start_worker("recording", **hosts)
        wait_until(lives(valkey, "recording"), "the first worker lives")
        put_recording(valkey, "file", there.url)
        wait_until(lambda: len(there.requests) == 1, "its download is under way")
        start_worker("recording", **hosts)
        wait_until(lives(valkey, "recording", 2), "the second worker lives")

        begun = time.monotonic()
        first.kill()
        wait_until(lambda: len(there.requests) == 2, "the second worker downloads it")

        assert time.monotonic() - begun < RERUN_WITHIN_S
    assert valkey.hget(queues.job_key("recording-file"), "lost_leases") == b"1"


def test_a_job_that_ends_its_workers_is_parked_alone_and_its_neighbour_is_applied(valkey, start_worker):
    """It has lost two leases beside a neighbour; the third worker runs it alone, and dies of it too."""
    killer = put(valkey, incoming(), lost_leases=2)
    neighbour = put(valkey, noted("neighbour"), lost_leases=2)

    victim = start_worker("routing", TRUNKLINE_TEST_FAULT="after_start")
    assert victim.wait() == -9
    alone = [valkey.hget(queues.job_key(job_id), "alone") for job_id in (killer, neighbour)]
    let_leases_run_out(valkey)
    start_worker("routing")
    wait_until(lambda: account(valkey) == (2, 1, 1, 0), "one is parked, the other applied")
    wait_until(lambda: not valkey.exists(queues.job_key(neighbour)), "the other is finished")

    assert alone == [b"1", None]
    assert reason_of(valkey, killer).startswith("lost its lease while it ran alone")


def test_a_worker_alone_that_is_killed_beside_others_is_no_reason_to_park_any_of_them(valkey, start_worker):
    jobs = [put(valkey, noted(f"session-{n}")) for n in range(5)]

    for _ in range(2):
        assert start_worker("routing", TRUNKLINE_TEST_FAULT="after_start:3").wait() == -9
        let_leases_run_out(valkey)
        valkey.delete(queues.patience_key("routing"))
    start_worker("routing")
    wait_until(lambda: account(valkey) == (len(jobs), len(jobs), 0, 0), "all are applied")

    assert valkey.zcard(queues.failed_key("routing")) == 0


def test_a_worker_that_is_told_to_stop_exits_with_0(valkey, start_worker):
    process = start_worker("routing")
    wait_until(lives(valkey, "routing"), "the worker lives")

    begun = time.monotonic()
    code = process.stop()

    assert code == 0, process.output
    assert time.monotonic() - begun < 5
    assert valkey.zcard(queues.beat_key("routing")) == 0
    assert valkey.scard("rq:workers") == 0


def test_a_worker_that_is_told_to_stop_while_valkey_is_away_exits_with_0(start_worker):
    process = start_worker("routing", REDIS_URL="redis://127.0.0.1:1/0")
    wait_until(lambda: "redis_unreachable" in process.output, "it tries")

    assert process.stop() == 0


def test_a_kind_that_does_not_exist_is_bad_usage(start_worker):
    assert start_worker("reception").wait() == 2


@pytest.mark.parametrize(
    ("ago_s", "code"), [(0.0, 0), (1.0, 0), (6.0, 1), (None, 1)], ids=["now", "1 s ago", "6 s ago", "never"]
)
def test_the_probe_tells_whether_a_worker_of_the_kind_beat_within_5_s(valkey, start_worker, ago_s, code):
    now = valkey.time()[0]
    if ago_s is not None:
        valkey.zadd(queues.beat_key("routing"), {"a-worker": now - ago_s})
    valkey.zadd(queues.beat_key("recording"), {"another": now})

    assert start_worker("--check", "routing").wait() == code


def test_the_probe_of_a_server_that_does_not_answer_fails_with_one_line(start_worker):
    process = start_worker("--check", "routing", REDIS_URL="redis://127.0.0.1:1/0")

    assert process.wait() == 1
    (line,) = process.output.splitlines()
    assert "REDIS_URL" in line
