"""A 200 means on disk: the server's own syncs, counted by a shim, stand between each event and its answer.

`WAITAOF` is no proof, and under `everysec` a 200 is given before the sync: the control shows that the count tells
the two apart.
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import signing
from tests.e2e.waiting import wait_until
from tests.processes import embedded_valkey

POSTS = 40
SHIM = Path(__file__).with_name("fsync_shim.c")


class Span(NamedTuple):
    """From begin to end, in nanoseconds of the monotonic clock: of a sync, or of a post and its 200."""

    begin: int
    end: int


@pytest.fixture
def shim(tmp_path):
    """The built shim; skips where none can be built."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("the shim needs a C compiler (cc) and LD_PRELOAD")
    library = tmp_path / "fsync_shim.so"
    built = subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", library, SHIM, "-ldl"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return library


@pytest.fixture
def watched_stack(own_stack, shim, tmp_path, monkeypatch):
    """A web process on a server whose syncs are written down; `begin("everysec")` starts them."""
    log = tmp_path / "syncs"

    def begin(appendfsync):
        server = embedded_valkey(tmp_path / "valkey", appendfsync=appendfsync)
        with monkeypatch.context() as env:
            env.setenv("LD_PRELOAD", str(shim))
            env.setenv("SYNC_LOG", str(log))
            server.start()
        stack = own_stack(valkey=server)
        if not log.exists():
            pytest.skip("LD_PRELOAD has no effect on this server binary")
        stack.start("web")
        wait_until(lambda: stack.redis.keys("trunkline:plan:*"), "the ingress has left its plan")
        return stack, lambda: read_syncs(log)

    return begin


def read_syncs(log):
    loaded, *lines = log.read_text().splitlines()
    assert loaded == "loaded"
    return [Span(*map(int, line.split())) for line in lines]


def post_one_after_another(stack):
    """Nothing else writes meanwhile: no worker runs, and the plan was left before."""
    spans = []
    for _ in range(POSTS):
        body = signing.webhook_body()
        begin = time.monotonic_ns()
        assert stack.post(body) == 200
        spans.append(Span(begin, time.monotonic_ns()))
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
