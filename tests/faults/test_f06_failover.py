"""F6: a replica takes over, the old primary comes back as its replica, and so on.

Once, in a few seconds: tests/integration/test_redis_failover.py (also with sentinels) and test_redis_losses.py.
"""

import time
from contextlib import ExitStack

import pytest
import redis

from shared import queues
from tests.caller import Caller
from tests.relay import Relay
from tests.replicas import replica_of, until_it_follows, until_promoted
from tests.waiting import wait_until

ROUNDS = 3
BETWEEN = 200  # events that are accepted before the next round
CUT_OFF = 10  # answers while the replica receives nothing
PROMISED_S = 5.0  # twice that is allowed to a busy machine


class Pair:
    """A primary and its replica, the fleet's link to whoever is primary, and the replica's own link to it."""

    def __init__(self, fleet, tmp_path):
        self._ends = ExitStack()
        self._link = fleet.link
        self._follow = Relay(fleet.valkey.port)
        self._ends.callback(self._follow.close)
        other = self._ends.enter_context(replica_of(fleet.redis, self._follow.port, tmp_path / "other"))
        self.servers = [fleet.valkey, other]  # the primary first
        self._clients = {
            one: self._ends.enter_context(redis.Redis.from_url(one.connection_url)) for one in self.servers
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ends.close()

    @property
    def primary(self):
        return self._clients[self.servers[0]]

    @property
    def replica(self):
        return self._clients[self.servers[1]]

    def part(self):
        """The replica receives nothing more, and neither side notices at once."""
        self._follow.hold()

    def kill_and_promote(self):
        self.servers[0].terminate()
        self._follow.reset()
        self._follow.heal()
        self.replica.replicaof("no", "one")
        self._swap()

    def ask_to_fail_over(self):
        """Those who are connected to the old primary stay there."""
        self.primary.execute_command("FAILOVER")
        until_promoted(self.replica)
        self._swap()

    def _swap(self):
        self.servers.reverse()
        self._link.targets = self._follow.targets = [self.servers[0].port]

    def bring_back(self):
        """The other one, as a replica that reaches the primary by the link that can be parted."""
        if self.servers[1]._process is None:
            self.servers[1].start()
        self.primary.config_set("repl-diskless-sync-delay", 0)
        self.replica.replicaof("127.0.0.1", self._follow.port)
        until_it_follows(self.replica)


def seen(client, ids):
    """Those of the ids that a server has."""
    with client.pipeline(transaction=False) as pipe:
        for one in ids:
            pipe.exists(queues.seen_key(one))
        return {one for one, there in zip(ids, pipe.execute(), strict=True) if there}


def is_worked_off(client):
    return client.zcard(queues.pending_key("routing")) == 0


def until_it_runs(caller):
    wanted = len(caller.accepted()) + BETWEEN
    wait_until(lambda: len(caller.accepted()) >= wanted, "events are accepted")


@pytest.mark.long_only
def test_a_failover_that_was_asked_for_loses_nothing_and_the_demoted_primary_is_left(fleet, figures, tmp_path):
    running = fleet()
    with Pair(running, tmp_path) as pair:
        running.start("web", "routing")
        recovery = []
        with Caller(running.where.web, threads=4) as caller:
            for _ in range(ROUNDS):
                until_it_runs(caller)
                begun = time.monotonic()
                pair.ask_to_fail_over()
                wait_until(lambda since=begun: caller.accepted_again(since), "an event is accepted again")
                recovery.append(caller.accepted_again(begun))
                pair.bring_back()
        wait_until(lambda: is_worked_off(pair.primary), "all are applied")
        accepted = caller.accepted()
        lost = set(accepted) - seen(pair.primary, accepted)

    figures(
        "F6",
        what="FAILOVER, to and fro; connections stay with the demoted primary",
        events=len(accepted),
        faults=ROUNDS,
        lost=len(lost),
        recovery=recovery,
    )
    assert lost == set()
    assert all(second < 2 * PROMISED_S for second in recovery), recovery
    assert len(running.alive()) == 2


@pytest.mark.long_only
@pytest.mark.parametrize("mode", ["auto", "replica"])
def test_when_the_primary_dies_cut_off_from_its_replica_what_it_alone_had_acknowledged_is_lost_and_no_more(
    fleet, figures, tmp_path, mode
):
    running = fleet()
    with Pair(running, tmp_path) as pair:
        running.start("web", "routing", DURABILITY=mode)
        recovery, predicted, lost, before = [], set(), set(), set()
        with Caller(running.where.web, threads=4) as caller:
            for _ in range(ROUNDS):
                until_it_runs(caller)
                pair.part()
                parted, answers = time.monotonic(), len(caller.answers)
                wait_until(lambda n=answers: len(caller.answers) >= n + CUT_OFF, "it goes on")
                pair.kill_and_promote()
                begun = time.monotonic()
                accepted = set(caller.accepted()) - before
                before |= accepted
                lost |= accepted - seen(pair.primary, list(accepted))
                predicted |= set(caller.accepted(parted)) & accepted
                pair.bring_back()
                wait_until(lambda since=begun: caller.accepted_again(since), "an event is accepted again")
                recovery.append(caller.accepted_again(begun))
        wait_until(lambda: is_worked_off(pair.primary), "all are applied")
        later = set(caller.accepted()) - before
        lost |= later - seen(pair.primary, list(later))

    figures(
        "F6",
        what=f"the primary cut off from its replica, then killed; the replica promoted; DURABILITY={mode}",
        events=len(caller.accepted()),
        faults=ROUNDS,
        lost=len(lost),
        recovery=recovery,
        note=f"{len(predicted)} were acknowledged while the replica was cut off",
    )
    assert lost <= predicted
    assert bool(lost) == (mode == "auto")
    assert all(second < 2 * PROMISED_S for second in recovery), recovery
    assert len(running.alive()) == 2
