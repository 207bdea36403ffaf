"""A 200 means on disk: the server's own syncs, counted by a shim, stand between each event and its answer.

`WAITAOF` is no proof, and under `everysec` a 200 is given before the sync: the control shows that the count tells
the two apart.
"""

import time
from typing import NamedTuple

import pytest

from tests import signing
from tests.syncs import watched_valkey
from tests.waiting import wait_until

POSTS = 40


class Post(NamedTuple):
    """From begin to its 200, in nanoseconds of the monotonic clock."""

    begin: int
    end: int


@pytest.fixture
def watched_stack(own_stack, tmp_path):
    """A web process on a server whose syncs are written down; `begin("everysec")` starts them."""

    def begin(appendfsync):
        server = watched_valkey(tmp_path, appendfsync=appendfsync)
        server.start()
        stack = own_stack(valkey=server.valkey)
        stack.start("web")
        wait_until(lambda: stack.redis.keys("trunkline:plan:*"), "the ingress has left its plan")
        return stack, server.syncs

    return begin


def post_one_after_another(stack):
    """Nothing else writes meanwhile: no worker runs, and the plan was left before."""
    spans = []
    for _ in range(POSTS):
        body = signing.webhook_body()
        begin = time.monotonic_ns()
        assert stack.post(body) == 200
        spans.append(Post(begin, time.monotonic_ns()))
    return spans


def unproven(posts, syncs):
    """Posts that were acknowledged without a sync from begin to end within them."""
    return [post for post in posts if not any(post.begin <= sync.begin and sync.end <= post.end for sync in syncs)]


def test_with_appendfsync_always_every_200_comes_after_a_sync_of_its_own(watched_stack):
    stack, syncs = watched_stack("always")
    before = len(syncs())

    posts = post_one_after_another(stack)

    after = syncs()
    assert len(after) - before >= POSTS
    assert unproven(posts, after) == []
    assert stack.http.get("/ready").json()["durability"]["may_lose"] == "nothing"


def test_control_with_appendfsync_everysec_most_are_acknowledged_before_any_sync(watched_stack):
    stack, syncs = watched_stack("everysec")
    before = len(syncs())

    posts = post_one_after_another(stack)

    after = syncs()
    assert len(after) - before < POSTS / 2
    assert len(unproven(posts, after)) > POSTS / 2
    assert stack.http.get("/ready").json()["durability"]["may_lose"] == "up to 2 s on power failure"
