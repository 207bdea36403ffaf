"""Calls that we begin: a dialplan with one profile, whoever takes its dials, and what became of them."""

import json
import time
import uuid

from redis.asyncio import Redis

from shared import calls, placing, queues
from shared.calls import Call
from shared.enqueue import enqueue
from shared.ids import CallId
from shared.placing import CallRequest
from tests.integration.workers.bench import loaded_plan
from tests.integration.workers.telnyx import Telnyx, reply, response
from tests.signing import webhook_body

PLAN = """
version = 1
timezone = "UTC"
voice = "female"
[limits]
allow = ["+1*"]
{limits}
[outbound.reminder]
from = "+13125550300"
human = {{ do = "say", text = "Hello." }}
{profile}
[default]
then = {{ do = "reject" }}
"""


def plan(profile: str = "", limits: str = "", more: str = "") -> str:
    return PLAN.format(profile=profile, limits=limits) + more


def number(n: int) -> str:
    return f"+1202555{n:04}"


async def place(url: str, text: str, *to: str) -> list[CallId]:
    """Ask for calls as `POST /calls` does; their ids."""
    loaded = loaded_plan(text)
    ids = [CallId(str(uuid.uuid4())) for _ in to]
    entries = [
        placing.entry_of(str(uuid.uuid4()), CallRequest("reminder", one), loaded, call, time.time())
        for one, call in zip(to, ids, strict=True)
    ]
    async with Redis.from_url(url) as client:
        await enqueue(client, entries)
    return ids


async def dialled(asked) -> bytes:
    """Telnyx takes a dial, and names its leg after the number."""
    body = json.loads(asked.body or b"{}")
    if "to" not in body:
        return reply()
    leg = f"leg-{body['to']}-{body['command_id']}"
    data = {"call_control_id": f"v3:{leg}", "call_leg_id": leg, "call_session_id": f"session-{leg}"}
    return response(json.dumps({"data": data}).encode())


def dials(there: Telnyx) -> list[str]:
    return [json.loads(asked.body)["to"] for asked in there.requests if asked.path.endswith("/calls")]


def hangup_of(there: Telnyx, to: str, cause: str = "user_busy") -> bytes:
    """The newest dial of a number has ended."""
    bodies = [json.loads(asked.body) for asked in there.requests if asked.path.endswith("/calls")]
    body = next(body for body in reversed(bodies) if body["to"] == to)
    leg = f"leg-{to}-{body['command_id']}"
    return webhook_body(
        "call.hangup",
        call_control_id=f"v3:{leg}",
        call_leg_id=leg,
        call_session_id=f"session-{leg}",
        client_state=body["client_state"],
        hangup_cause=cause,
    )


def record(valkey, call_id: str) -> Call | None:
    data = valkey.hget(queues.call_key(call_id), "record")
    return calls.decode(data) if data else None


def outcome(valkey, call_id: str) -> str:
    call = record(valkey, call_id)
    return call.outcome if call and call.step.at == "over" else ""


def live(valkey) -> int:
    return int(valkey.scard(queues.live_key("reminder")))
