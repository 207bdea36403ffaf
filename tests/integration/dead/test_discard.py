"""Dead letters thrown away."""

import json
import time

from shared import queues
from tests.command import trunkline
from tests.integration.dead.letters import parked, told
from tests.integration.workers.bench import account, noted
from tests.redis_servers import contents


def test_discarded_letters_are_gone_counted_and_stay_parked_in_the_account(dead, redis_url, valkey):
    one, two, three = parked(redis_url, noted("one"), noted("two"), noted("three"))

    by_id = told(dead, "discard", one)
    by_reason = told(dead, "discard", "--reason", "patience after 1 tries")
    everything = told(dead, "discard", "--all", "--yes")

    assert [by_id, by_reason, everything] == [{"discarded": 1}] * 3
    assert valkey.exists(*map(queues.job_key, (one, two, three)), queues.failed_key("routing")) == 0
    assert valkey.hget(queues.STATS, "discarded") == b"3"
    assert account(valkey) == (3, 0, 3, 0)


def test_the_audit_tells_what_was_discarded_beside_an_account_that_adds_up(dead, redis_url, valkey):
    one, _ = parked(redis_url, noted("one"), noted("two"))
    valkey.lpush(queues.PARKED, f"an-id {time.time()} WRONGTYPE")
    told(dead, "discard", one, "an-id")

    table = trunkline("audit", REDIS_URL=redis_url)
    document = json.loads(trunkline("audit", "--json", REDIS_URL=redis_url).stdout)

    assert table.returncode == 0
    assert "discarded    2" in table.stdout.splitlines()
    wanted = {"accepted": 2, "applied": 0, "parked": 2, "pending": 0, "discarded": 2, "balanced": True}
    assert {name: document[name] for name in wanted} == wanted


def test_all_are_not_discarded_without_a_yes(redis_url, valkey):
    parked(redis_url, noted())
    before = contents(valkey)

    done = trunkline("dead", "discard", "--all", REDIS_URL=redis_url)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "trunkline dead discard --all: add --yes to throw every dead letter away\n"
    assert contents(valkey) == before
