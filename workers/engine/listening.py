"""What a running worker hears through Redis: of commands that others have left for it to send, and to stop."""

import time
from collections.abc import Callable
from typing import Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Away

from shared import queues
from shared.valkey import COMMAND_TIMEOUT_S

LOOK_AGAIN_S: Final = 1.0


class _Command(msgspec.Struct):
    command: str


async def listen(
    client: Redis, worker: str, on_nudge: Callable[[str], None], on_shutdown: Callable[[], None]
) -> None:
    """Until cancelled. `on_nudge` gets a call's id. Raises redis.exceptions.RedisError.

    In silence the server is asked for an answer: who only listens would not notice that the connection is dead. Of
    RQ's own commands only `shutdown` means anything here: the others are about a worker that has one job.
    """
    commands = queues.rq_command_channel(worker)
    async with client.pubsub() as pubsub:
        await pubsub.subscribe(queues.nudge_channel(worker), commands)
        heard_at = time.monotonic()
        while True:
            message = await pubsub.get_message(timeout=LOOK_AGAIN_S)
            if message is not None:
                heard_at = time.monotonic()
            elif time.monotonic() - heard_at < COMMAND_TIMEOUT_S:
                await pubsub.ping()
            else:
                raise Away("the server is silent, to a ping as well")
            if message is None or message["type"] != "message":
                continue
            if message["channel"] != commands.encode():
                on_nudge(message["data"].decode(errors="replace"))
            elif _is_shutdown(message["data"]):
                on_shutdown()


def _is_shutdown(data: bytes) -> bool:
    """Whether it is what rq.command.send_shutdown_command publishes; anybody may publish anything."""
    try:
        return msgspec.json.decode(data, type=_Command).command == "shutdown"
    except (msgspec.MsgspecError, RecursionError):
        return False
