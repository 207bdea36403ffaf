"""A call as it stands in Valkey, and many more like it.

To play 100,000 calls takes minutes. So one is played, its keys are read, and copies of them are written with other
ids: byte for byte what `workers/delivery` commits, as every id is as long as the one it stands for.
"""

import os
import time
import uuid
from typing import Any, Final, NamedTuple

import redis

from shared import calls, queues
from shared.ids import CallId

AT_ONCE: Final = 50  # copies, before they are sent


class Stored(NamedTuple):
    """A call's own keys by their type, and the ids in them that are its own."""

    call: CallId
    hashes: dict[bytes, dict[bytes, bytes]]
    sets: dict[bytes, set[bytes]]
    lists: dict[bytes, list[bytes]]
    strings: dict[bytes, bytes]
    ttls: dict[bytes, int]  # seconds, of the keys that end
    own: tuple[bytes, ...]
    is_live: bool


def read(client: redis.Redis, call: CallId, own: tuple[bytes, ...]) -> Stored:
    """`own` are the ids that no other call has: its own one, and those of its events, its leg and its session.

    Raises KeyError or msgspec.MsgspecError when there is no record of the call that a worker could read.
    """
    stored = Stored(call, {}, {}, {}, {}, {}, own, client.zscore(queues.ALIVE, call) is not None)
    readers: dict[bytes, tuple[dict[bytes, Any], Any]] = {
        b"hash": (stored.hashes, client.hgetall),
        b"set": (stored.sets, client.smembers),
        b"list": (stored.lists, lambda key: client.lrange(key, 0, -1)),
        b"string": (stored.strings, client.get),
    }
    for key in client.scan_iter("trunkline:*"):
        if any(one in key for one in stored.own):
            into, read_key = readers[client.type(key)]
            into[key] = read_key(key)
            if (ttl := client.ttl(key)) > 0:
                stored.ttls[key] = ttl
    calls.decode(stored.hashes[queues.call_key(call).encode()][b"record"])
    return stored


def copy(client: redis.Redis, stored: Stored, count: int) -> None:
    """So many more calls like it. Raises RuntimeError when not all of them arrived.

    The commands that write one call are packed once; for each copy the ids in those bytes are replaced.
    """
    before = client.dbsize()
    connection = client.connection_pool.get_connection()
    try:
        commands = b"".join(connection.pack_commands(_writes(stored)))
        connection.send_command("CLIENT", "REPLY", "OFF")
        for begin in range(0, count, AT_ONCE):
            copies = (_other(commands, stored.own) for _ in range(min(AT_ONCE, count - begin)))
            connection.send_packed_command([b"".join(copies)])
        connection.send_command("CLIENT", "REPLY", "ON")
        connection.read_response()
    finally:
        connection.disconnect()
        client.connection_pool.release(connection)
    keys = sum(map(len, (stored.hashes, stored.sets, stored.lists, stored.strings)))
    arrived = client.dbsize() - before
    if arrived < keys * count:
        raise RuntimeError(f"{arrived} keys of {count} calls with {keys} each")


def _writes(stored: Stored) -> list[tuple[object, ...]]:
    """As commands."""
    writes: list[tuple[object, ...]] = []
    for key, fields in stored.hashes.items():
        writes.append(("HSET", key, *(part for pair in fields.items() for part in pair)))
    writes += [("SADD", key, *members) for key, members in stored.sets.items()]
    writes += [("RPUSH", key, *entries) for key, entries in stored.lists.items()]
    writes += [("SET", key, value) for key, value in stored.strings.items()]
    writes += [("EXPIRE", key, seconds) for key, seconds in stored.ttls.items()]
    writes.append(("ZADD", queues.CALLS, time.time(), stored.call))
    if stored.is_live:
        writes.append(("ZADD", queues.ALIVE, time.time(), stored.call))
    return writes


def _other(commands: bytes, own: tuple[bytes, ...]) -> bytes:
    for one in own:
        commands = commands.replace(one, str(uuid.UUID(bytes=os.urandom(16))).encode())
    return commands
