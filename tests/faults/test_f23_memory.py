"""F23: very many events, and what is left of them: in the memory of each process, and in Valkey.

What each key is for and how long it stays: docs/redis-keys.md, in the short set tests/e2e/test_redis_keys.py.
"""

import os
import statistics
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.e2e.stack import Stack
from tests.faults.crowd import Crowd
from tests.ports import free_port
from tests.processes import embedded_valkey

MANY, SECONDS = 100_000, 150.0
FIRST = 1_000  # before anything is compared
FEWEST = 10_000  # on a machine that is busy with other things
CALLERS = 60
REJECTED = "+13125550999"
LINES = ("web", "routing", "routing", "machine_detection", "recording")
WARM = 0.4  # of the events: until then caches fill, and the allocator finds its size
LOOK_EVERY_S = 0.2
BEHIND = 500  # events
MB = 1_000_000
GROWS_MB = 8.0  # in 100,000 events, at most: 80 bytes an event; one body of an event is 1 KB
OF_A_CALL = (
    "trunkline:call:",
    "trunkline:applied:",
    "trunkline:leg:",
    "trunkline:session:",
    "trunkline:timeline:",
)
SEEN = "trunkline:seen:"  # an event
INDEX = "trunkline:calls"  # for HISTORY_DAYS
FEW = 64  # keys, or members of one: counters that begin later, figures of a minute
SIZE = {"zset": "zcard", "hash": "hlen", "set": "scard", "list": "llen", "string": "strlen"}


class Look(NamedTuple):
    """Events told so far, and the resident memory of each process in bytes."""

    told: int
    resident: dict[str, int]


def resident(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def look(stack, told):
    return Look(told, {name: resident(one.popen.pid) for name, one in stack.running.items()})


def growth(looks):
    """Of each process, in MB for 100,000 events: the slope of a straight line through the later looks."""
    warm = [one for one in looks if one.told >= WARM * looks[-1].told]
    told = [one.told for one in warm]
    return {
        name: statistics.linear_regression(told, [one.resident[name] for one in warm]).slope * 100_000 / MB
        for name in looks[0].resident
    }


class Left(NamedTuple):
    """What is in Valkey: how many keys are kept on purpose, by their beginning; the size of each other key."""

    kept: Counter[str]
    without_end: list[str]  # of the former
    others: dict[str, int]


def left_in(client):
    names = [name.decode() for name in client.scan_iter(count=5_000)]
    with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.ttl(name)
            pipe.type(name)
        told = pipe.execute()
    kept, without_end, others = Counter(), [], {}
    for name, ttl_s, type_ in zip(names, told[::2], told[1::2], strict=True):
        family = next((one for one in (*OF_A_CALL, SEEN) if name.startswith(one)), "")
        if not family:
            others[name] = client.execute_command(SIZE[type_.decode()], name) if type_ != b"none" else 0
        elif ttl_s == -1:
            without_end.append(name)
        kept[family] += bool(family)
    return Left(+kept, without_end, others)


def more(before, after):
    """The other keys that are larger now by more than 2 % and a few, and their sizes then and now."""
    then = before.others
    return {
        name: (then.get(name, 0), size)
        for name, size in after.others.items()
        if name != INDEX and size > 1.02 * then.get(name, 0) + FEW
    }


def some(stack, events, seconds=60.0):
    return Crowd(stack.http.base_url.port, REJECTED, callers=CALLERS, events=events, seconds=seconds)


@pytest.mark.long_only
def test_after_very_many_events_no_process_has_grown_and_valkey_keeps_what_it_is_to_keep(tmp_path, figures):
    server = embedded_valkey(tmp_path / "valkey", port=free_port())
    server.start()
    with Stack(tmp_path, "--adopt", valkey=server) as stack:
        stack.start(*LINES)
        with some(stack, FIRST) as first:
            pass
        stack.until_quiet(60)
        before, looks = left_in(stack.redis), []

        with some(stack, MANY, SECONDS) as crowd:
            while crowd.wait(LOOK_EVERY_S):
                looks.append(look(stack, crowd.told))
                crowd.waits = stack.books.audit().pending > BEHIND
        stack.until_quiet(120)
        after, audit = left_in(stack.redis), stack.books.audit()

    told, calls, grown = first.told + crowd.told, first.calls + crowd.calls, growth(looks)
    figures(
        "F23",
        what=f"{calls:,} calls, as fast as they are taken by one web process and {len(LINES) - 1} workers",
        events=told,
        lost=told - audit.applied,
        note="growth in MB for 100,000 events: "
        + ", ".join(f"{name} {mb:.1f}" for name, mb in grown.items())
        + f"; keys kept {sum(after.kept.values()):,}, others {len(before.others)}, then {len(after.others)}",
    )
    assert told >= FEWEST
    assert (audit.accepted, audit.applied, audit.is_balanced) == (told, told, True)
    assert after.kept == dict.fromkeys(OF_A_CALL, calls) | {SEEN: told}
    assert after.without_end == []
    assert after.others[INDEX] == calls
    assert more(before, after) == {}
    assert len(after.others) <= 1.02 * len(before.others) + FEW
    assert {name: mb for name, mb in grown.items() if mb > GROWS_MB} == {}
