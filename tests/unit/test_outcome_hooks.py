"""The hook that is told how an outbound call has ended: whatever it raises is an exception of its job."""

import asyncio
import sys
import time

import msgspec
import pytest

from shared import queues
from shared.dialplan import HookCall
from workers.engine import jobs
from workers.engine.job import Done, Job, Park, Retry
from workers.logic.decision import Told

CALL = HookCall(call="call-1", direction="outgoing", from_="+13125550300", to="+12025550142", outcome="busy")


def fails(_call, _now):
    raise OSError


def leaves(_call, _now):
    sys.exit("nobody to tell")


def gives_up(_call, _now):
    raise asyncio.CancelledError  # as asyncio.run does whose task was cancelled


def verdict(hook, exceptions=0):
    now = time.time()
    data = queues.job_data(queues.TELL_OUTCOME, now, msgspec.json.encode(Told("hooks:told", CALL)))
    job = Job("outcome-call-1-7", "execution", data, now, exceptions, lost_leases=0, forbidden="")
    desk = jobs.Desk(None, None, {"hooks:told": hook})
    return asyncio.run(jobs.run(desk, job, now, deadline_s=30.0))


def test_a_hook_that_returns_has_been_told():
    assert verdict(lambda _call, _now: None) == Done()


@pytest.mark.parametrize("hook", [fails, leaves, gives_up])
def test_a_hook_is_told_again_after_anything_that_it_raises(hook):
    told = verdict(hook)

    assert isinstance(told, Retry)
    assert told.counts


@pytest.mark.parametrize("hook", [fails, leaves, gives_up])
def test_a_hook_that_raises_every_time_is_told_three_times_and_then_parked(hook):
    assert isinstance(verdict(hook, exceptions=2), Park)
