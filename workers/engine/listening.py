"""What a running worker hears through Redis: of commands that others have left for it to send, and to stop."""

from collections.abc import Callable
from typing import Final

import msgspec
from redis.asyncio import Redis

from shared import queues

LOOK_AGAIN_S: Final = 1.0


class _Command(msgspec.Struct):
    command: str


async def listen(
    client: Redis, worker: str, on_nudge: Callable[[str], None], on_shutdown: Callable[[], None]
) -> None:
    """Until cancelled. `on_nudge` gets a call's id. Raises redis.exceptions.RedisError.

    Of RQ's own commands only `shutdown` means anything here: the others are about a worker that has one job.
    """
    asked = queues.rq_command_channel(worker)
    async with client.pubsub() as pubsub:
        await pubsub.subscribe(queues.nudge_channel(worker), asked)
        while True:
            message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=LOOK_AGAIN_S)
            if message is None:
                continue
            if message["channel"] != asked.encode():
                on_nudge(message["data"].decode(errors="replace"))
            elif _is_shutdown(message["data"]):
                on_shutdown()


def _is_shutdown(data: bytes) -> bool:
    """Whether it is what rq.command.send_shutdown_command publishes; anybody may publish anything."""
    try:
        return msgspec.json.decode(data, type=_Command).command == "shutdown"
    except (msgspec.MsgspecError, RecursionError):
        return False
