"""Taking and finishing jobs, by the scripts that workers use."""


async def take(one, room=32, among=()):
    return (await one.trip([], 0.0, room, [name.encode() for name in among])).taken


async def finish(one, job, verdict):
    return await one.trip([(job, verdict)], 0.1, 0, [])
