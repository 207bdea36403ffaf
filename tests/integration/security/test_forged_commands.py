"""Commands that somebody has written into Valkey, and a dialplan that allows them: our own file bounds them."""

import msgspec

from shared import queues
from shared.commands import Request
from tests.integration.workers.bench import loaded_plan, parts, run, until
from tests.integration.workers.commits import CALL, call, change, decided, outgoing
from tests.integration.workers.telnyx import telnyx
from workers.delivery import outbox

HEAD = 'version = 1\ntimezone = "UTC"\nvoice = "female"\n'
END = '[default]\nthen = { do = "reject" }\n'
OWN = f'{HEAD}[limits]\nallow = ["+1*"]\n{END}'
FORGED = f'{HEAD}[limits]\nallow = ["*"]\n{END}'


def sent_after_forging(url, valkey, verb, request):
    """What goes out, and the state of the command, when a call under a forged dialplan has this in its outbox."""
    dialplan = loaded_plan(FORGED)

    async def scenario():
        async with telnyx() as there, parts(url, there.url, plan=FORGED, own=OWN) as at:
            await at.plans.publish()
            before = await at.store.load_call(CALL)
            decision = decided(call(plan=dialplan.hash), outgoing(1, verb))
            committed = await at.store.commit(change(before, decision))
            forged = msgspec.structs.replace(committed.claim.waiting[1].command, request=request)
            valkey.hset(queues.outbox_key(CALL), "1", outbox.encode(forged))
            valkey.zadd(queues.drain_key("routing"), {CALL: 1.0})
            (claim,) = await at.store.claim(1)
            at.drains.start(claim, frozenset())
            await until(lambda: not valkey.exists(queues.outbox_key(CALL)), "it is settled")
            record = (await at.store.load_call(CALL)).call
            return [asked.path for asked in there.requests], record.sent[1].state

    return run(scenario())


def test_a_forged_dial_beyond_the_limits_of_our_own_file_is_never_sent(url, valkey):
    request = Request("POST", "/calls", b'{"connection_id":"29","from":"+13125550300","to":"+882160000000"}')

    paths, state = sent_after_forging(url, valkey, "dial", request)

    assert paths == []
    assert state in {"unknown", "failed"}


def test_a_forged_dial_within_them_is_sent(url, valkey):
    """So the test above fails for its own reason; and SECURITY.md says that this is possible."""
    request = Request("POST", "/calls", b'{"connection_id":"29","from":"+13125550300","to":"+13125550199"}')

    paths, _ = sent_after_forging(url, valkey, "dial", request)

    assert paths == ["/calls"]


def test_our_key_is_used_for_nothing_but_the_commands_of_a_call(url, valkey):
    paths, _ = sent_after_forging(url, valkey, "hangup", Request("DELETE", "/call_control_applications/29"))

    assert paths == []
