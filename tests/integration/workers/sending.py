"""Letting a worker send the commands of a call, and what has become of them."""

from shared import queues
from tests.integration.workers.bench import until
from tests.integration.workers.commits import CALL, committed


async def send(at, *sent, **more):
    """Commit these commands and let this worker send them."""
    result = await committed(at.store, *sent, **more)
    if result.claim is not None:
        at.drains.start(result.claim, result.sending)
    return result


async def states(at, call_id=CALL):
    loaded = await at.store.load_call(call_id)
    return {row: sent.state for row, sent in loaded.call.sent.items()}


async def finished(at, valkey, call_id=CALL):
    """What became of each command, once the outbox of the call is empty."""
    await until(lambda: not valkey.exists(queues.outbox_key(call_id)), "everything is settled")
    return await states(at, call_id)
