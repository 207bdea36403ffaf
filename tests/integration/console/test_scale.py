"""A hundred thousand calls make no screen read more: what it asks of Valkey is counted, not timed."""

import time

import pytest

from console.page.listing import PER_PAGE, WINDOW
from console.paging import PAGE
from shared import calls, queues
from shared.calls import Call
from shared.ids import CallId

MANY = 100_000
# what a screen reads calls by; the health line and what runs beside it are the same whatever there is
READS = ("zrange", "hget", "lindex", "hmget", "lrange", "zscore", "exists", "get")
ALL_OF_IT = ("keys", "scan", "hscan", "sscan", "zscan", "sort")


@pytest.fixture(scope="module")
def many(redis_url):
    """What fills the index: the newest have a record, as the older ones have been forgotten."""
    record = calls.encode(Call(CallId("a call"), rule="clinic"))

    def fill(valkey, count):
        now = time.time()
        names = [f"call-{n}" for n in range(count)]
        for at in range(0, count, 10_000):
            pipe = valkey.pipeline(transaction=False)
            pipe.zadd(queues.CALLS, {name: now - at - n for n, name in enumerate(names[at : at + 10_000])})
            for name in names[at : min(at + 10_000, WINDOW + PAGE)]:
                pipe.hset(queues.call_key(name), "record", record)
            pipe.execute()

    return fill


def asked(valkey, look):
    """How often each command ran while somebody looked."""
    before = valkey.info("commandstats")
    look()
    after = valkey.info("commandstats")
    return {
        name.removeprefix("cmdstat_"): told["calls"] - before.get(name, {"calls": 0})["calls"]
        for name, told in after.items()
    }


SCREENS = {
    "newest": (lambda page: page.text(), PAGE),
    "live": (lambda page: page.text(state="live"), 0),
    "by rule": (lambda page: page.text(rule="nobody's"), WINDOW + PAGE),
    "by number": (lambda page: page.post("", q="+13125550100"), WINDOW + PAGE),
    "by control id": (lambda page: page.post("", q="v3:nobody"), 2 * WINDOW + PAGE),
    "queues": (lambda page: page.text("queues"), 0),
    "dead": (lambda page: page.text("dead"), 0),
    "outbound": (lambda page: page.text("outbound"), 0),
}


def test_screens_read_a_page_or_a_window_of_a_hundred_thousand_calls(page, valkey, many):
    many(valkey, MANY)
    page.token()

    counts = {name: asked(valkey, lambda look=look: look(page)) for name, (look, _) in SCREENS.items()}

    for name, (_, most) in SCREENS.items():
        told = counts[name]
        assert [command for command in ALL_OF_IT if told.get(command)] == [], name
        form = 1 if name in {"by number", "by control id"} else 0  # its token is read from the list of calls
        calls_read = most + form * PAGE
        assert told.get("hget", 0) <= calls_read + 100, (name, told)
        assert sum(told.get(command, 0) for command in READS) <= 2.1 * calls_read + 100, (name, told)


def test_a_search_says_how_far_it_went_and_goes_on_from_there(page, valkey, many):
    many(valkey, MANY)
    valkey.hset(queues.call_key(f"call-{WINDOW + 9}"), "record", calls.encode(Call(CallId("x"), rule="rare")))

    first = page.text(rule="rare")
    after = first.partition("after=")[2].partition('"')[0]
    second = page.text(rule="rare", after=after)

    assert f"Searched the newest {WINDOW} calls: 0 found, and there are older ones." in first
    assert f"Searched further {WINDOW} calls: 1 found, and there are older ones." in second
    assert f"call?id=call-{WINDOW + 9}" in second


def test_a_page_of_the_list_is_as_long_as_it_says(page, valkey, many):
    many(valkey, PER_PAGE + 1)

    assert page.text().count("call?id=") == PER_PAGE
