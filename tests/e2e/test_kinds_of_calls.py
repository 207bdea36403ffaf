"""Calls through the example dialplan: exactly the commands they call for, each once, in order, to the right party.

What each kind of call comes to, faults or none, is in test_scenarios.py.
"""

import hashlib
import json
import wave

import pytest

from shared.ids import SessionId, inbound_call_id
from tests.e2e.stack import ALL, EXAMPLE, Stack
from tests.waiting import wait_until

CLINIC, DESK = "+13125550100", "+13125550111"
SALES, FIRST, SECOND, ANA = "+13125550200", "+13125550211", "+13125550213", "sip:ana@sales.sip.telnyx.com"
PARTNERS, MEMBERS = "+13125550220", ("+13125550221", "+13125550222", "+13125550223")
BACK_OFFICE, CALLED_BACK, PATIENT = "+13125550299", "+13125550300", "+12025550171"
GOLD = {"custom_headers": [{"name": "X-Tier", "value": "gold"}]}
LATE = {("hangup", "90018")}  # of a caller who is gone: the end of what was going on may be known before
DIALS = [f"dial {FIRST}", f"dial {SECOND}", f"dial {ANA}"]
TALK = ["speak", f"transfer {DESK}"]
MESSAGE = ["speak", f"hangup {PATIENT}"]

# Seconds; the stand-in runs SPEED times as fast.
SPEED = "20"
STAYS = {"answers_after": 1.0}  # until somebody else hangs up
BUSY = {"answers_after": 1.0, "busy": True}
NOT_THERE = {"no_answer": True, "gives_up_after": 3.0}
RINGS_ON = {"no_answer": True}
# The group rings for long: a machine that stands still for a second is not to let its losers ring out.
PATIENCE = {"decide_within_secs = 8": "decide_within_secs = 2", "ring_secs = 20": "ring_secs = 60"}
MACHINE = {**STAYS, "as": "machine", "beep_after": 3.0}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    plan = folder / "dialplan.toml"
    text = EXAMPLE.read_text()
    for theirs, ours in PATIENCE.items():
        assert text.count(theirs) == 1
        text = text.replace(theirs, ours)
    plan.write_text(text)
    with Stack(folder, "--speed", SPEED, dialplan=plan) as stack:
        yield stack.start(*ALL)


@pytest.fixture
def stack(running):
    """With an empty ledger, in which every command would stand that a call had no need of."""
    running.sim.reset()
    running.sim.config(first_command_timeout_secs=300)
    return running


def ring_in(stack, to, **more):
    """A call to one of our numbers, of which we know by now: its session, and our id of it."""
    session = stack.sim.ring_in(to, **more)
    wait_until(stack.sim.ledger, "it has got its first command")
    return session, inbound_call_id(SessionId(session))


def played(stack, session):
    """The effective commands of a call that comes to its end by itself; none other was sent."""
    stack.until_quiet()
    assert stack.sim.without_effect() == []
    return stack.sim.commands(session)


def talk(stack, session, call_id):
    """As `played`, of a call where somebody hangs up once two are connected and whoever else rang is let go."""
    wait_until(lambda: stack.books.call(call_id).step.at == "connected", "the call is connected")
    stack.until_worked_off()
    stack.sim.hang_up(session)
    return played(stack, session)


def bodies(stack, verb):
    return [entry.body for entry in stack.sim.ledger() if entry.verb == verb]


@pytest.mark.parametrize(
    ("to", "caller", "cause"),
    [
        ("+13125550999", {}, "USER_BUSY"),
        (CLINIC, {"from_": "anonymous", "attestation": "none"}, "CALL_REJECTED"),
    ],
)
def test_a_number_without_a_rule_and_an_unwanted_caller_are_rejected(stack, to, caller, cause):
    session, _ = ring_in(stack, to, **caller)

    assert played(stack, session) == ["reject"]
    assert bodies(stack, "reject")[0]["cause"] == cause


def test_a_transfer_that_is_taken(stack):
    stack.sim.people(**{ANA: STAYS})

    assert talk(stack, *ring_in(stack, SALES, **GOLD)) == ["answer", "speak", f"transfer {ANA}"]
    assert bodies(stack, "speak")[0]["payload"] == "This call may be recorded."
    assert {leg.hangup_cause for leg in stack.sim.legs()} == {"normal_clearing"}


@pytest.mark.parametrize("ana", [BUSY, NOT_THERE, RINGS_ON], ids=["busy", "gives up", "rings out"])
def test_a_transfer_that_is_not_taken_goes_on_to_the_group_and_that_to_the_voicemail(stack, ana):
    stack.sim.people(**{ANA: ana, FIRST: BUSY, SECOND: BUSY})
    session, _ = ring_in(stack, SALES, **GOLD, hangs_up_after=2.0, hangs_up_from="beep")

    stack.until_quiet()

    commands = stack.sim.commands(session)
    assert set(stack.sim.without_effect()) <= LATE
    assert commands[:3] == ["answer", "speak", f"transfer {ANA}"]
    assert (sorted(commands[3:6]), commands[6:]) == (DIALS, ["speak", "record_start"])
    assert "our sales team" in bodies(stack, "speak")[1]["payload"]


def test_a_voicemail_message_begins_with_a_beep_has_an_end_and_is_archived(stack):
    stack.sim.people(**dict.fromkeys((ANA, FIRST, SECOND), BUSY))
    session, call_id = ring_in(stack, SALES, **GOLD)

    commands = played(stack, session)

    assert commands[-2:] == ["record_start", f"hangup {SALES}"]  # it was full
    (asked,) = bodies(stack, "record_start")
    assert (asked["play_beep"], asked["max_length"], asked["channels"], asked["format"]) == (
        True,
        30,
        "single",
        "mp3",
    )
    (about,) = archived(stack, call_id)
    assert about["channels"] == "single"


def test_a_caller_who_gives_up_while_it_rings_gets_nothing_more(stack):
    stack.sim.people(**{ANA: RINGS_ON})
    commands = ["answer", "speak", f"transfer {ANA}"]
    session, call_id = ring_in(stack, SALES, **GOLD, hangs_up_after=1.0, hangs_up_from="ringing")

    stack.until_quiet()

    assert stack.sim.commands(session) == commands
    assert set(stack.sim.without_effect()) <= LATE
    assert stack.books.call(call_id).step.at == "over"


def test_a_ring_group_has_one_winner_and_the_others_are_hung_up(stack):
    stack.sim.people(**{FIRST: RINGS_ON, SECOND: STAYS, ANA: RINGS_ON})

    commands = talk(stack, *ring_in(stack, SALES))

    assert (commands[0], sorted(commands[1:4])) == ("answer", DIALS)
    assert sorted(commands[4:]) == ["bridge", f"hangup {FIRST}", f"hangup {ANA}"]


def test_of_a_ring_group_that_answers_all_at_once_one_is_bridged(stack):
    stack.sim.people(**dict.fromkeys((FIRST, SECOND, ANA), STAYS))

    commands = talk(stack, *ring_in(stack, SALES))

    assert (commands[0], sorted(commands[1:4])) == ("answer", DIALS)
    assert sorted(command.split()[0] for command in commands[4:]) == ["bridge", "hangup", "hangup"]


def test_a_ring_group_where_nobody_answers_goes_on_to_otherwise(stack):
    stack.sim.people(**{FIRST: BUSY, SECOND: NOT_THERE, ANA: RINGS_ON, BACK_OFFICE: STAYS})

    commands = talk(stack, *ring_in(stack, SALES))

    assert (commands[0], sorted(commands[1:4]), commands[4:]) == ("answer", DIALS, [f"transfer {BACK_OFFICE}"])


def test_a_ring_group_and_a_back_office_that_do_not_answer_end_in_a_kind_word(stack):
    stack.sim.people(**dict.fromkeys((FIRST, SECOND, ANA, BACK_OFFICE), BUSY))
    session, _ = ring_in(stack, SALES)

    assert played(stack, session)[4:] == [f"transfer {BACK_OFFICE}", "speak", f"hangup {SALES}"]


def test_partners_are_asked_one_by_one_and_a_voicemail_that_presses_nothing_is_hung_up(stack):
    turn = int(stack.redis.hget("trunkline:turns", "partners") or 0) % len(MEMBERS)
    one, other, third = (*MEMBERS[turn:], *MEMBERS[:turn])
    stack.sim.people(**{one: STAYS, other: {**STAYS, "presses": ["2"]}, third: {**STAYS, "presses": ["1"]}})

    commands = talk(stack, *ring_in(stack, PARTNERS))

    assert commands[:3] == ["answer", f"dial {one}", "gather_using_speak"]
    assert sorted(commands[3:5]) == [f"dial {other}", f"hangup {one}"]
    assert sorted(commands[5:8]) == [f"dial {third}", "gather_using_speak", f"hangup {other}"]
    assert commands[8:] == ["gather_using_speak", "bridge"]


def test_an_announcement(stack):
    session, _ = ring_in(stack, CALLED_BACK)

    assert played(stack, session) == ["answer", "speak", f"hangup {CALLED_BACK}"]


OUTBOUND = {
    "a human is spoken to and transferred": (STAYS, TALK, "human"),
    "who is perhaps a human is told in short": ({**STAYS, "as": "not_sure"}, MESSAGE, "not_sure"),
    "no verdict comes and the timer decides": ({**STAYS, "no_verdict": True}, MESSAGE, "not_sure"),
    "a machine gets a message": (MACHINE, MESSAGE, "machine"),
    "a beep before any verdict is a machine": ({**MACHINE, "early_beep": True}, MESSAGE, "machine"),
    "a fax is hung up": ({**STAYS, "as": "fax"}, [f"hangup {PATIENT}"], "fax"),
    "busy": (BUSY, [], "busy"),
    "nobody answers": (NOT_THERE, [], "no_answer"),
}


@pytest.mark.parametrize(("patient", "after_the_dial", "outcome"), OUTBOUND.values(), ids=OUTBOUND)
def test_an_outbound_call(stack, patient, after_the_dial, outcome):
    stack.sim.people(**{PATIENT: patient, DESK: STAYS})
    call_id = stack.place_call("reminder", PATIENT, name="Ana", when="noon")
    wait_until(stack.sim.ledger, "the patient is dialled")
    session = stack.sim.session_of_dial(PATIENT)

    commands = talk(stack, session, call_id) if after_the_dial == TALK else played(stack, session)

    assert commands == [f"dial {PATIENT}", *after_the_dial]
    call = stack.books.call(call_id)
    assert (call.outcome, call.step.at) == (outcome, "over")


def archived(stack, call_id):
    """The metadata of the recordings of a call."""
    told = (json.loads(path.read_text()) for path in stack.recordings.glob("*.json"))
    return [about for about in told if about["call"] == call_id]


def test_a_recorded_call_is_archived_with_its_hash_and_what_is_known_of_it(stack):
    stack.sim.people(**{ANA: STAYS})
    session, call_id = ring_in(stack, SALES, **GOLD)
    talk(stack, session, call_id)

    (about,) = wait_until(lambda: archived(stack, call_id), "the recording is archived")

    served = stack.sim.recording(about["recording_id"])
    file = stack.recordings / f"{about['recording_id']}.{about['format']}"
    assert file.read_bytes() == served
    assert (about["length"], about["sha256"]) == (len(served), hashlib.sha256(served).hexdigest())
    assert (about["channels"], about["source"]) == ("dual", "127.0.0.1")
    with wave.open(str(file)) as sound:
        assert sound.getnchannels() == 2
    assert [path for path in stack.recordings.iterdir() if path.suffix == ".part"] == []
