"""Two dialplans, calls that began under the older one, and what `trunkline dialplan` says of them."""

import time

import pytest

from shared import queues
from shared.calls import Request
from shared.ids import CallId
from tests.command import trunkline
from tests.integration.workers.bench import CLINIC, DESK, loaded_plan, parts, run, until
from tests.integration.workers.telnyx import accepts, telnyx
from workers.delivery.entries import Times
from workers.delivery.store import Where
from workers.logic.happened import CallRequested, TimerFired

SHOP = "+13125550200"
OLD = f"""
version = 1
timezone = "America/Chicago"
voice = "female"
[limits]
allow = ["+1*"]
[[rules]]
name = "hidden"
when = {{ from = "anonymous" }}
then = {{ do = "reject" }}
[[rules]]
name = "clinic"
when = {{ to = "{CLINIC}" }}
then = {{ do = "transfer", to = "{DESK}" }}
[[rules]]
name = "shop"
when = {{ to = "{SHOP}" }}
then = {{ do = "say", text = "We are closed." }}
[outbound.reminder]
from = "+13125550300"
human = {{ do = "say", text = "Hello {{name}}." }}
[default]
then = {{ do = "reject" }}
"""
ELSEWHERE = (
    OLD.replace(DESK, "+13125550112").replace('"shop"', '"the shop"').replace("+13125550300", "+13125550301")
)


def calls_out(url, valkey, *numbers):
    """Begin calls of ours, each in its turn; their ids."""
    ids = [CallId(f"call-to-{number}") for number in numbers]

    async def scenario():
        async with telnyx(accepts) as there, parts(url, there.url, plan=OLD) as at:
            for call_id, number in zip(ids, numbers, strict=True):
                where, now = Where(None, None, None, call_id), time.time()
                asked = Request(call_id, "reminder", number, {"name": "Ana"}, loaded_plan(OLD).hash)
                times = Times(now, now, now, now)
                await at.handler.apply(CallRequested(asked, now), where, "call.requested", times, event=call_id)
                await at.handler.apply(TimerFired("2:turn", 1, now), where, "timer 2:turn", times)
                await until(lambda: not valkey.keys(queues.outbox_key("*")), "all is settled")

    run(scenario())
    return ids


@pytest.fixture
def dialplan(redis_url):
    """`dialplan("diff", "--against", …)`: the exit code, and what was printed."""

    def ask(*words):
        done = trunkline("dialplan", *map(str, words), REDIS_URL=redis_url)
        return done.returncode, done.stdout + done.stderr

    return ask


@pytest.fixture
def elsewhere(tmp_path):
    """Another dialplan in a file, or whatever text is given."""

    def write(text=ELSEWHERE):
        (tmp_path / "new.toml").write_text(text)
        return tmp_path / "new.toml"

    return write
