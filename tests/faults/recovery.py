"""How long it takes until what a dead worker had in hand is taken up by another one."""

import threading
import time
from typing import Final, NamedTuple

import redis
from rq.executions import WORKER_EXECUTIONS_KEY_TEMPLATE

from shared import queues
from shared.queues import Kind

LOOK_EVERY_S: Final = 0.05
PATIENCE_S: Final = 60.0


class Held(NamedTuple):
    """A leased job (its execution), or a call that was claimed to be sent for (its token)."""

    kind: Kind
    id: str
    by: str
    is_claim: bool


class Death(NamedTuple):
    at: float  # monotonic seconds
    held: set[Held]  # and not taken up so far


class Recovery:
    """Watches every death from a thread of its own; `seconds` has a figure for each that held something."""

    def __init__(self, client: "redis.Redis") -> None:
        self._client = redis.Redis(connection_pool=client.connection_pool)
        self._open: list[Death] = []
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self.seconds: list[float] = []
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self._thread.start()

    def watch(self, kind: Kind, worker: str) -> int:
        """That worker has died just now; call it when the process is gone. How much it held."""
        held = self.held(kind, worker)
        self._add(Death(time.monotonic(), held))
        return len(held)

    def held(self, kind: Kind, worker: str) -> set[Held]:
        """What that worker has in hand."""
        return self._leased(kind, worker) | self._claimed(kind, f"{worker}/")

    def watch_all(self, since: float) -> int:
        """Valkey is back, from `since` (monotonic) on: what anybody held when it went; how many that are."""
        leased = {kind: self._client.zrange(queues.lease_key(kind), 0, -1) for kind in queues.KINDS}
        held = {_lease(kind, member) for kind, members in leased.items() for member in members}
        held |= {claim for kind in queues.KINDS for claim in self._claimed(kind, "")}
        self._add(Death(since, held))
        return len(held)

    def _add(self, death: Death) -> None:
        if death.held:
            with self._lock:
                self._open.append(death)

    def until_all_is_taken_up(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self.still_held():
            assert time.monotonic() < deadline, f"nobody has taken up {self.still_held()} in {PATIENCE_S:g} s"
            self._stopped.wait(LOOK_EVERY_S)

    def still_held(self) -> set[Held]:
        with self._lock:
            return {one for death in self._open for one in death.held}

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _leased(self, kind: Kind, worker: str) -> set[Held]:
        members = self._client.smembers(WORKER_EXECUTIONS_KEY_TEMPLATE.format(worker))
        held = {_lease(kind, member) for member in members}
        return {one for one in held if not self._is_taken_up(one)}

    def _claimed(self, kind: Kind, prefix: str) -> set[Held]:
        calls = [call.decode() for call in self._client.zrange(queues.drain_key(kind), 0, -1)]
        tokens = [(call, (self._client.hget(queues.call_key(call), "token") or b"").decode()) for call in calls]
        return {
            Held(kind, call, token, is_claim=True) for call, token in tokens if token and token.startswith(prefix)
        }

    def _is_taken_up(self, one: Held) -> bool:
        """The lease is gone and the job is not in the queue any more; the call is not claimed by that token."""
        if one.is_claim:
            return self._client.hget(queues.call_key(one.id), "token") != one.by.encode()
        with self._client.pipeline(transaction=True) as pipe:
            pipe.zscore(queues.lease_key(one.kind), f"{one.id}:{one.by}")
            pipe.lpos(queues.queue_key(one.kind), one.id)
            return pipe.execute() == [None, None]

    def _look_on(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_S):
            try:
                self._look()
            except redis.RedisError:
                continue  # the server is away too, which some tests want

    def _look(self) -> None:
        with self._lock:
            deaths = list(self._open)
        for death in deaths:
            taken_up = {one for one in death.held if self._is_taken_up(one)}
            with self._lock:
                death.held.difference_update(taken_up)
                if not death.held:
                    self._open.remove(death)
                    self.seconds.append(time.monotonic() - death.at)


def _lease(kind: Kind, member: bytes) -> Held:
    job, _, execution = member.decode().rpartition(":")
    return Held(kind, job, execution, is_claim=False)
