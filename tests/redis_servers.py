"""Around a server of Redis or Valkey: the address that a platform puts in front, its sentinel, its failover."""

import asyncio
import ssl
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

import redis

from tests.processes import free_port, server_binary, wait_until


class Relay:
    """One address: new connections go to `target` (a port), those that are there stay where they are."""

    def __init__(self, target: int, tls: ssl.SSLContext | None = None) -> None:
        self.target = target
        self._ends: set[asyncio.StreamWriter] = set()
        self._joins: set[asyncio.Task[None] | None] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._join, "127.0.0.1", 0, ssl=tls))
        self.port = int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """End every connection, and take no more."""
        self._do(self._cut())

    def close(self) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _cut(self) -> None:
        self._server.close()
        for end in self._ends:
            end.transport.abort()
        await asyncio.gather(*self._joins)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        here = asyncio.current_task()
        self._joins.add(here)
        ends = {writer}
        self._ends.add(writer)
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            ends.add(far_writer)
            self._ends.add(far_writer)
            await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        for end in ends:
            end.transport.abort()
        self._ends -= ends
        self._joins.discard(here)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until either side ends, which ends the other direction too."""
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


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
