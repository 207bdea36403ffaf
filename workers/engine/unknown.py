"""Leases that are this worker's without its knowing: the reply that told of them was lost with the connection."""

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from workers.engine.job import Job


async def leases(client: Redis, executions_key: str, known: list[str]) -> list[Job]:
    """Jobs to be given back at once, which would else wait for the end of their lease; `known` as `Crew.held`.

    To be asked while no START is on its way. Raises redis.exceptions.RedisError.
    """
    try:
        members: set[bytes] = await client.smembers(executions_key)  # type: ignore[assignment] # nothing is decoded
    except ResponseError:
        return []  # a key of a wrong type, or a busy server: the leases end by themselves
    lost = {member.decode(errors="replace") for member in members} - set(known)
    pairs = (member.rpartition(":") for member in sorted(lost))
    return [
        Job(job, execution, b"", queued_at=0.0, exceptions=0, lost_leases=0, forbidden="")
        for job, _, execution in pairs
    ]
