"""A round robin goes round over the whole fleet: every call takes a turn, and no two take the same."""

import json

from tests.integration.workers.bench import accept, incoming, parts, run, until, working
from tests.integration.workers.commits import CALL, call, change, decided
from tests.integration.workers.telnyx import telnyx
from tests.signing import webhook_body
from workers.logic.decision import Turn

MEMBERS = [f"+1312555022{n}" for n in range(3)]
PLAN = f"""
version = 1
timezone = "UTC"
voice = "female"
[groups.partners]
members = {json.dumps(MEMBERS)}
strategy = "round_robin"
[[rules]]
name = "partners"
when = {{ to = "+13125550100" }}
then = {{ do = "ring", group = "partners" }}
[default]
then = {{ do = "reject" }}
"""


def test_a_turn_that_another_call_has_taken_makes_a_commit_decide_again(url, valkey):
    async def scenario():
        async with parts(url, worker="worker-a") as a, parts(url, worker="worker-b") as b:
            before = [await at.store.load_call(call_id) for at, call_id in ((a, CALL), (b, "call-2"))]
            taken = []
            for at, read in zip((a, b), before, strict=True):
                decision = decided(call(read.id), turn=Turn("partners", read.turns.get("partners", 0)))
                taken.append((await at.store.commit(change(read, decision))).verdict)
            again = await b.store.load_call("call-2")
            return taken, again

    taken, again = run(scenario())

    assert taken == ["ok", "stale"]
    assert (again.call, again.turns) == (None, {"partners": 1})
    assert valkey.hgetall("trunkline:turns") == {b"partners": b"1"}


def test_calls_that_come_at_once_to_several_workers_begin_with_every_member_in_equal_shares(url, valkey):
    calls = 9

    def first_dials(there) -> list[str]:
        bodies = [json.loads(asked.body) for asked in there.requests if asked.path.endswith("/calls")]
        return [body["to"] for body in bodies]

    async def scenario():
        async with telnyx() as there, working(url, there.url, plan=PLAN), working(url, there.url, plan=PLAN):
            sessions = [f"session-{n}" for n in range(calls)]
            await accept(url, *(incoming(session) for session in sessions))
            await accept(url, *(_answered(session) for session in sessions))
            await until(lambda: len(first_dials(there)) == calls, "every call rings somebody")
            return first_dials(there)

    dialled = run(scenario())

    assert {member: dialled.count(member) for member in MEMBERS} == dict.fromkeys(MEMBERS, calls // 3)
    assert valkey.hget("trunkline:turns", "partners") == str(calls).encode()


def _answered(session: str) -> bytes:
    ids = {"call_control_id": f"v3:{session}", "call_leg_id": session, "call_session_id": session}
    return webhook_body("call.answered", **ids)
