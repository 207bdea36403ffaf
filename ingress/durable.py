"""Writing so that it survives: a script on one connection and, with DURABILITY=replica, its arrival on a replica.

`appendfsync always` needs nothing here: the server syncs before it replies.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from ingress.ready import DurabilityWatch
from shared.errors import Unavailable
from shared.scripts import Script

Argument = str | bytes | int

DEADLINE_S: Final = 1.0  # what is not durable by then is answered 503
REPLICA_WITHIN_MS: Final = 800


class DurableWrites:
    """Runs scripts of which every write is durable when the reply is handed back."""

    def __init__(self, client: Redis, watch: DurabilityWatch) -> None:
        self._client = client
        self._watch = watch

    def check(self) -> None:
        """Raises Unavailable while the server keeps less than DURABILITY asks for."""
        if not self._watch.is_enough:
            raise Unavailable("the server's persistence is not what DURABILITY asks for, or is not known yet")

    @asynccontextmanager
    async def connection(self, *scripts: Script) -> AsyncIterator[AbstractConnection]:
        """A connection that knows the scripts; any error within drops it. Raises RedisError or OSError."""
        pool = self._client.connection_pool
        async with asyncio.timeout(DEADLINE_S):
            connection = await pool.get_connection()  # type: ignore[no-untyped-call] # redis-py leaves it so
        try:
            async with asyncio.timeout(DEADLINE_S):
                for script in scripts:
                    await connection.send_command("SCRIPT LOAD", script.text)
                    await connection.read_response()
            yield connection
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        finally:
            await pool.release(connection)

    async def run(
        self, connection: AbstractConnection, script: Script, keys: Sequence[str], args: Sequence[Argument]
    ) -> Any:
        """The script's reply. Raises Unavailable, RedisError or OSError, after which its outcome is unknown."""
        self.check()
        command = _pack("EVALSHA", script.sha, len(keys), *keys, *args)
        to_replica = self._watch.wanted == "replica"
        if to_replica:
            command += _pack("WAIT", 1, REPLICA_WITHIN_MS)
        async with asyncio.timeout(DEADLINE_S):
            await connection.send_packed_command(command)
            reply = await connection.read_response()
            if to_replica and await connection.read_response() < 1:
                raise Unavailable(f"no replica has received it within {REPLICA_WITHIN_MS} ms")
        return reply

    async def run_once(self, script: Script, keys: Sequence[str], args: Sequence[Argument]) -> Any:
        """For what is rare: the script on a connection from the pool. Raises Unavailable."""
        try:
            async with asyncio.timeout(DEADLINE_S), self.connection(script) as connection:
                return await self.run(connection, script, keys, args)
        except (RedisError, OSError) as reason:
            raise Unavailable(f"Redis did not accept it: {reason}") from reason


def _pack(*command: Argument) -> bytes:
    """As RESP, at a fraction of what redis-py's own packing costs."""
    return hiredis.pack_command(command)  # type: ignore[arg-type,no-any-return] # its stub knows tuples of one only
