"""F14: every event comes one to five times, in any order, up to 20 s late, one copy in twenty under another id.

Every caller and callee is patient enough that what causes a command comes before they go: then each call gets the
commands that it gets by itself (`tests/alone.py`), each once, and comes to the same end. Calls that end in the
middle of it all, in every order of up to seven events: tests/unit/order.
"""

import time
from collections import Counter, defaultdict
from functools import cache

import msgspec
import pytest

from shared.dialplan import load
from shared.ids import SessionId, inbound_call_id
from simulator.scenario import Habits
from tests.alone import Alone, came_to
from tests.faults.calls import NEVER_S, ask_for
from tests.faults.checker import doubled

DIALPLAN = """
version = 1
timezone = "UTC"
voice = "female"
[limits]
allow = ["+1*"]
[groups.sales]
members = ["+13125550211", "+13125550212", "+13125550213"]
ring_secs = 120
[voicemail.box]
greeting = { say = "Leave a message." }
[outbound.reminder]
from = "+13125550300"
ring_secs = 60
amd = { mode = "premium", decide_within_secs = 30, greeting_within_secs = 60 }
human = { do = "transfer", to = "+13125550111", ring_secs = 60 }
machine = { do = "leave_message", text = "A reminder." }
[[rules]]
name = "taken"
when = { to = "+13125550100" }
then = { do = "transfer", to = "+13125550111", ring_secs = 60 }
[[rules]]
name = "not taken"
when = { to = "+13125550120" }
[rules.then]
do = "transfer"
to = "+13125550121"
ring_secs = 60
otherwise = { do = "say", text = "Call again." }
[[rules]]
name = "group"
when = { to = "+13125550200" }
then = { do = "ring", group = "sales" }
[[rules]]
name = "message"
when = { to = "+13125550500" }
then = { do = "voicemail", box = "box" }
[[rules]]
name = "announcement"
when = { to = "+13125550400" }
then = { do = "answer", then = { do = "say", text = "We are closed.", then = { do = "hangup" } } }
[default]
then = { do = "reject" }
"""
NUMBERS = {
    "taken": "+13125550100",
    "not taken": "+13125550120",
    "group": "+13125550200",
    "message": "+13125550500",
    "announcement": "+13125550400",
    "rejected": "+13125550999",
}
KINDS = (*NUMBERS, "human", "machine")
SOME_TUESDAY = 1_795_600_800.0  # 2026-11-24
LONGEST_CHAIN = 3.0  # events, each as late as can be, from a call's beginning to its last command
WORK_S = 6.0  # for what a busy machine needs besides


def people(stays_s):
    """Who answers stays until the other one goes, after `stays_s`."""
    return {
        "*": {"answers_after": 0.2},
        "+13125550121": {"answers_after": 0.2, "busy": True},
        "+13125550211": {"answers_after": 0.2, "busy": True},
        "+13125550212": {"answers_after": 0.4},
        "+13125550213": {"no_answer": True},
        "human": {"answers_after": 0.2, "hangs_up_after": stays_s},
        "machine": {"answers_after": 0.2, "as": "machine", "beep_after": 0.4},
    }


class Placed(msgspec.Struct, frozen=True):
    kind: str
    to: str
    call: str
    session: str = ""  # of an inbound one


class Place:
    """Places calls, in turn of each kind."""

    def __init__(self, running, stays_s):
        self.running, self.stays_s = running, stays_s
        self.placed = []

    def next(self):
        number = len(self.placed)
        kind = KINDS[number % len(KINDS)]
        if kind in NUMBERS:
            session = self.running.sim.ring_in(NUMBERS[kind], hangs_up_after=self.stays_s)
            call = inbound_call_id(SessionId(session))
            self.placed.append(Placed(kind, NUMBERS[kind], call, session))
            return
        to = f"+1202555{number:04}"
        self.running.sim.people(**{to: people(self.stays_s)[kind]})
        self.placed.append(Placed(kind, to, ask_for(self.running.where.web, "reminder", to)))


def by_itself(plan, kind, stays_s):
    """What a call comes to, and its commands."""
    callees = msgspec.convert(people(stays_s), dict[str, Habits])
    if kind in NUMBERS:
        caller = {"from": "+12025550142", "to": NUMBERS[kind], "hangs_up_after": stays_s}
        came = Alone(plan, callees, SOME_TUESDAY).ring_in(caller)
    else:
        to = "+12025559999"
        came = Alone(plan, callees | {to: callees[kind]}, SOME_TUESDAY).ask_for("reminder", to, {})
    return came_to(came.call), came.commands


@pytest.fixture
def running(fleet, tmp_path, is_long):
    path = tmp_path / "dialplan.toml"
    path.write_text(DIALPLAN)
    lines = ("web", "routing", "routing", "machine_detection", "recording")
    running = fleet(dialplan=path).start(*lines, *(("routing", "web") if is_long else ()))
    running.sim.config(first_command_timeout_secs=NEVER_S)
    running.plan = load(path).plan
    return running


def test_whatever_comes_of_events_on_their_way_each_call_gets_what_it_gets_by_itself(
    running, figures, is_long, seed
):
    count, per_s, late_s = (1_000, 25.0, 20.0) if is_long else (32, 20.0, 0.8)
    stays_s = LONGEST_CHAIN * late_s + WORK_S
    running.sim.people(**{to: one for to, one in people(stays_s).items() if to[0] in "+*"})
    running.sim.faults({"fault": "scatter", "secs": late_s}, seed=seed)

    place = Place(running, stays_s)
    while len(place.placed) < count:
        place.next()
        time.sleep(1 / per_s)
    running.stack.until_quiet(stays_s + 5 * late_s + 60)

    ledger = running.sim.ledger()
    webhooks = running.sim.webhooks()
    audit = running.books.audit()
    twice = doubled(ledger)
    alone = cache(lambda kind: by_itself(running.plan, kind, stays_s))
    expected = {one: alone(one.kind) for one in place.placed}
    came = ends(running, place.placed, ledger)
    wrong = {one: (end, expected[one]) for one, end in came.items() if end != expected[one]}
    renamed = len(webhooks) - len({(one.call_control_id, one.event_type, one.occurred_at) for one in webhooks})
    applied = Counter(event.id for one in place.placed for event in running.books.events(one.call) if event.raw)
    figures(
        "F14",
        what=f"each event told 1 to 5 times, up to {late_s:g} s late, 5 % of the copies under another id",
        events=audit.accepted,
        faults=sum(one.copies for one in webhooks),
        lost=len({one.id for one in webhooks} - applied.keys()),
        doubled=len(twice) + sum(times > 1 for times in applied.values()),
        note=f"{count} calls, {renamed} copies under another id, {audit.duplicates} duplicates answered",
    )
    assert renamed > 0
    assert audit.duplicates > 0
    assert wrong == {}
    assert twice == []
    assert applied == Counter(one.id for one in webhooks)
    assert (audit.applied, audit.parked, audit.is_balanced) == (audit.accepted, 0, True)
    assert len(list(running.stack.recordings.glob("*.mp3"))) == sum(one.kind == "message" for one in place.placed)


def ends(running, placed, ledger):
    """Call -> what it came to, and its commands, each as often as it took effect."""
    session = {one.body["to"]: one.session_id for one in ledger if one.effective and one.verb == "dial"}
    commands = defaultdict(Counter)
    for entry in ledger:
        if entry.effective:
            commands[entry.session_id][entry.verb] += 1
    return {
        one: (came_to(running.books.call(one.call)), commands[one.session or session.get(one.to)])
        for one in placed
    }
