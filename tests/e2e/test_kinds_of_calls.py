"""Every kind of call through the example dialplan: exactly the commands it calls for, each once."""

import hashlib
import json
import wave

import pytest

from shared.ids import SessionId, inbound_call_id
from tests.e2e.stack import ALL, EXAMPLE, Stack
from tests.e2e.waiting import wait_until

CLINIC, DESK = "+13125550100", "+13125550111"
SALES, FIRST, SECOND, ANA = "+13125550200", "+13125550211", "+13125550213", "sip:ana@sales.sip.telnyx.com"
BACK_OFFICE, BAKERY, PATIENT = "+13125550299", "+13125550400", "+12025550171"
DIALS = [f"dial {FIRST}", f"dial {SECOND}", f"dial {ANA}"]
TALK = ["speak", f"transfer {DESK}"]

# Seconds; the stand-in runs SPEED times as fast.
SPEED = "20"
STAYS = {"answers_after": 1.0}  # until somebody else hangs up
BUSY = {"answers_after": 1.0, "busy": True}
NOT_THERE = {"no_answer": True, "gives_up_after": 3.0}
RINGS_ON = {"no_answer": True}
MACHINE = {**STAYS, "as": "machine", "beep_after": 3.0}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    plan = folder / "dialplan.toml"
    patience = "decide_within_secs = 8"
    assert EXAMPLE.read_text().count(patience) == 1
    plan.write_text(EXAMPLE.read_text().replace(patience, "decide_within_secs = 2"))
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
    """As `played`, of a call where somebody hangs up as soon as two are connected."""
    wait_until(lambda: stack.books.call(call_id).step.at == "connected", "the call is connected")
    stack.sim.hang_up(session)
    return played(stack, session)


@pytest.mark.parametrize(("caller", "cause"), [("+12025550142", "USER_BUSY"), ("+19005550142", "CALL_REJECTED")])
def test_a_number_without_a_rule_and_an_unwanted_caller_are_rejected(stack, caller, cause):
    session, _ = ring_in(stack, "+13125550999", from_=caller)

    assert played(stack, session) == ["reject"]
    assert stack.sim.ledger()[0].body["cause"] == cause


def test_a_transfer_that_is_taken(stack):
    stack.sim.people(**{DESK: STAYS})

    assert talk(stack, *ring_in(stack, CLINIC)) == ["answer", "speak", f"transfer {DESK}"]
    assert {leg.hangup_cause for leg in stack.sim.legs()} == {"normal_clearing"}


@pytest.mark.parametrize("desk", [BUSY, NOT_THERE, RINGS_ON], ids=["busy", "gives up", "rings out"])
def test_a_transfer_that_is_not_taken_goes_on_to_otherwise(stack, desk):
    stack.sim.people(**{DESK: desk})
    session, _ = ring_in(stack, CLINIC)

    commands = played(stack, session)

    assert commands == ["answer", "speak", f"transfer {DESK}", "speak", f"hangup {CLINIC}"]
    assert "cannot take your call" in stack.sim.ledger()[3].body["payload"]


def test_a_caller_who_gives_up_while_it_rings_gets_nothing_more(stack):
    stack.sim.people(**{DESK: RINGS_ON})
    commands = ["answer", "speak", f"transfer {DESK}"]
    session, call_id = ring_in(stack, CLINIC)
    wait_until(lambda: stack.sim.commands(session) == commands, "it rings")

    stack.sim.hang_up(session)
    stack.until_quiet()

    assert stack.sim.commands(session) == commands
    assert set(stack.sim.without_effect()) <= {("hangup", "90018")}  # its end may be known before the desk's
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


def test_an_announcement(stack):
    session, _ = ring_in(stack, BAKERY)

    assert played(stack, session) == ["answer", "speak", f"hangup {BAKERY}"]


OUTBOUND = {
    "a human is spoken to and transferred": (STAYS, TALK, "human"),
    "who is perhaps a human counts as one": ({**STAYS, "as": "not_sure"}, TALK, "not_sure"),
    "no verdict comes and the timer decides": ({**STAYS, "no_verdict": True}, TALK, "not_sure"),
    "a machine is hung up": (MACHINE, [f"hangup {PATIENT}"], "machine"),
    "a beep before any verdict is a machine": ({**MACHINE, "early_beep": True}, [f"hangup {PATIENT}"], "machine"),
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
    stack.sim.people(**{DESK: STAYS})
    session, call_id = ring_in(stack, CLINIC)
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
