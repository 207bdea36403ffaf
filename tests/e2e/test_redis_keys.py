"""Every key of a deployment at work is on the page of keys, of the type and with the end that are told there."""

from tests.redis_keys import Row, row_of
from tests.waiting import wait_until

DESK, PARTNERS, CLINIC, SALES = "+13125550300", "+13125550220", "+13125550100", "+13125550200"


class Keys:
    """Each row's keys that were seen so far, and those that are not as their row says."""

    def __init__(self, client):
        self.client = client
        self.rows: set[str] = set()
        self.odd: set[tuple[str, str, int, Row | None]] = set()

    def look(self):
        keys = list(self.client.scan_iter(count=1000))
        with self.client.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.type(key)
                pipe.ttl(key)
            seen = pipe.execute()
        for key, type_, ttl_s in zip(keys, seen[::2], seen[1::2], strict=True):
            if type_ == b"none" or ttl_s == -2:  # it has gone meanwhile
                continue
            row = row_of(key.decode())
            if row is None or not row.fits(type_.decode(), ttl_s):
                self.odd.add((key.decode(), type_.decode(), ttl_s, row))
            else:
                self.rows.add(row.pattern)


def test_every_key_of_a_running_deployment_is_on_the_page_as_it_is(own_stack):
    stack = own_stack("--speed", "10")
    keys = Keys(stack.redis)
    stack.start("web", "routing", "machine_detection", "recording")
    callers = [stack.sim.ring_in(to) for to in (DESK, PARTNERS, CLINIC, SALES)]
    stack.place_call("reminder", "+13125550142", name="Ana", when="at noon")
    assert stack.post(b'{"data": {"record_type": "event"}}') == 422  # goes to the quarantine
    stack.redis.hset("rq:job:poison", mapping={"data": b"nothing that a job carries", "origin": "routing"})
    stack.redis.rpush("rq:queue:routing", "poison")

    def is_over():
        keys.look()
        return not stack.sim.activity().get("live_legs")

    wait_until(lambda: (keys.look(), len(stack.books.calls()) >= 5)[1], "all calls have begun")
    wait_until(lambda: (keys.look(), stack.books.dead_letters("routing"))[1], "the poison is parked")
    for caller in callers:
        stack.sim.hang_up(caller)
    wait_until(is_over, "all calls are over")
    stack.until_worked_off()
    keys.look()

    assert keys.odd == set()
    assert keys.rows >= {
        *("trunkline:call:CALL", "trunkline:timeline:CALL", "trunkline:leg:LEG", "trunkline:seen:EVENT"),
        *("trunkline:quarantine", "trunkline:outbound:PROFILE", "trunkline:turns", "trunkline:plan:HASH"),
        *("rq:failed:KIND", "rq:job:JOB", "rq:worker:NAME", "trunkline:beat:KIND", "trunkline:stats"),
    }
