"""A sentinel of a server of Redis or Valkey, and what a database holds."""

import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis

from tests.ports import free_port
from tests.processes import server_binary
from tests.waiting import wait_until


def contents(client: redis.Redis) -> dict[bytes, Any]:
    """Every key with what it holds. DUMP has a large hash in an order that reading alone may change."""
    read = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"set": client.smembers,
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
    }
    return {key: read[client.type(key)](key) for key in client.scan_iter()}


class Sentinel:
    """One sentinel, which decides alone; it stays patient until `watch`."""

    def __init__(self, folder: Path, primary: int) -> None:
        folder.mkdir()
        self.port = free_port()
        config = folder / "sentinel.conf"  # which it writes itself, too
        config.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {folder}\nlogfile {folder}/log\n"
            f"sentinel monitor calls 127.0.0.1 {primary} 1\n"
            "sentinel down-after-milliseconds calls 60000\nsentinel failover-timeout calls 5000\n"
        )
        self._process = subprocess.Popen([server_binary(), config, "--sentinel"])
        self.client = redis.Redis(port=self.port, decode_responses=True)
        wait_until(self._knows_a_replica, "the sentinel knows the replica")
        # After a stall of 2 s it would do nothing for 30 s, and on a busy machine there are many.
        self.client.execute_command("SENTINEL", "DEBUG", "tilt-trigger", 60_000)

    def _knows_a_replica(self) -> bool:
        with suppress(redis.RedisError):
            return any(
                one["is_slave"] and not one["is_disconnected"] for one in self.client.sentinel_slaves("calls")
            )
        return False

    def watch(self) -> None:
        """From now on half a second of silence is death; before, a busy machine would suffice."""
        self.client.sentinel_set("calls", "down-after-milliseconds", 500)

    def stop(self) -> None:
        self.client.close()
        self._process.kill()
        self._process.wait()
