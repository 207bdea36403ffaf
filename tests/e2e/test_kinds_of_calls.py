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
DIALS = [f"dial {ANA}", f"dial {FIRST}", f"dial {SECOND}"]

# Seconds; the stand-in runs ten times as fast.
TAKES_IT = {"answers_after": 1.0, "hangs_up_after": 5.0}
STAYS = {"answers_after": 1.0}  # until somebody else hangs up
BUSY = {"answers_after": 1.0, "busy": True}
NOT_THERE = {"no_answer": True, "gives_up_after": 3.0}
RINGS_ON = {"no_answer": True}
MACHINE = {**STAYS, "as": "machine", "beep_after": 3.0}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    plan = folder / "dialplan.toml"
    patient = "decide_within_secs = 8"
    assert EXAMPLE.read_text().count(patient) == 1
    plan.write_text(EXAMPLE.read_text().replace(patient, "decide_within_secs = 2"))
    with Stack(folder, "--speed", "10", dialplan=plan) as stack:
        yield stack.start(*ALL)


@pytest.fixture
def stack(running):
    """With an empty ledger; whatever command a call did not need would stand in it."""
    running.sim.reset()
    running.sim.config(first_command_timeout_secs=300)
    return running


def play(stack, to, **more):
    """A call to one of our numbers, to its end; its effective commands."""
    session = stack.sim.ring_in(to, **more)
    stack.until_quiet()
    assert stack.sim.without_effect() == []
    return stack.sim.commands(session)


def remind(stack, patient):
    """An outbound call to its end; its effective commands, and what became of it."""
    stack.sim.people(**{PATIENT: patient, DESK: TAKES_IT})
    call_id = stack.place_call("reminder", PATIENT, name="Ana", when="noon")
    wait_until(stack.sim.ledger, "the patient is dialled")
    stack.until_quiet()
    assert stack.sim.without_effect() == []
    call = stack.books.call(call_id)
    assert call.step.at == "over"
    return stack.sim.commands(stack.sim.session_of_dial(PATIENT)), call.outcome


@pytest.mark.parametrize(("caller", "cause"), [("+12025550142", "USER_BUSY"), ("+19005550142", "CALL_REJECTED")])
def test_a_number_without_a_rule_and_an_unwanted_caller_are_rejected(stack, caller, cause):
    assert play(stack, "+13125550999", from_=caller) == ["reject"]

    (entry,) = stack.sim.ledger()
    assert entry.body["cause"] == cause


def test_a_transfer_that_is_taken(stack):
    stack.sim.people(**{DESK: TAKES_IT})

    assert play(stack, CLINIC) == ["answer", "speak", f"transfer {DESK}"]

    assert {leg.hangup_cause for leg in stack.sim.legs()} == {"normal_clearing"}


@pytest.mark.parametrize("desk", [BUSY, NOT_THERE, RINGS_ON], ids=["busy", "gives up", "rings out"])
def test_a_transfer_that_is_not_taken_goes_on_to_otherwise(stack, desk):
    stack.sim.people(**{DESK: desk})

    commands = play(stack, CLINIC)

    assert commands == ["answer", "speak", f"transfer {DESK}", "speak", f"hangup {CLINIC}"]
    assert "cannot take your call" in stack.sim.ledger()[3].body["payload"]


def test_a_caller_who_gives_up_while_it_rings_gets_nothing_more(stack):
    stack.sim.people(**{DESK: RINGS_ON})

    commands = play(stack, CLINIC, hangs_up_after=20.0)

    assert commands == ["answer", "speak", f"transfer {DESK}"]


def test_a_ring_group_has_one_winner_and_the_others_are_hung_up(stack):
    stack.sim.people(**{FIRST: RINGS_ON, SECOND: TAKES_IT, ANA: RINGS_ON})

    commands = play(stack, SALES)

    assert (commands[0], sorted(commands[1:4])) == ("answer", DIALS)
    assert sorted(commands[4:]) == ["bridge", f"hangup {FIRST}", f"hangup {ANA}"]


def test_of_a_ring_group_that_answers_all_at_once_one_is_bridged(stack):
    stack.sim.people(**{member: STAYS for member in (FIRST, SECOND, ANA)})

    session = stack.sim.ring_in(SALES, hangs_up_after=20.0)
    stack.until_quiet()

    commands = stack.sim.commands(session)
    assert sorted(commands[1:4]) == DIALS
    assert sorted(command.split()[0] for command in commands[4:]) == ["bridge", "hangup", "hangup"]


def test_a_ring_group_where_nobody_answers_goes_on_to_otherwise(stack):
    stack.sim.people(**{FIRST: BUSY, SECOND: NOT_THERE, ANA: RINGS_ON, BACK_OFFICE: TAKES_IT})

    commands = play(stack, SALES)

    assert (commands[0], sorted(commands[1:4]), commands[4:]) == ("answer", DIALS, [f"transfer {BACK_OFFICE}"])


def test_a_ring_group_and_a_back_office_that_do_not_answer_end_in_a_kind_word(stack):
    stack.sim.people(**{member: BUSY for member in (FIRST, SECOND, ANA, BACK_OFFICE)})

    commands = play(stack, SALES)

    assert commands[4:] == [f"transfer {BACK_OFFICE}", "speak", f"hangup {SALES}"]


def test_an_announcement(stack):
    assert play(stack, BAKERY) == ["answer", "speak", f"hangup {BAKERY}"]


OUTBOUND = {
    "a human is spoken to and transferred": (STAYS, ["speak", f"transfer {DESK}"], "human"),
    "nobody knows who it is, which counts as human": (
        {**STAYS, "as": "not_sure"},
        ["speak", f"transfer {DESK}"],
        "not_sure",
    ),
    "no verdict comes and the timer decides": (
        {**STAYS, "no_verdict": True},
        ["speak", f"transfer {DESK}"],
        "not_sure",
    ),
    "a machine is hung up": (MACHINE, [f"hangup {PATIENT}"], "machine"),
    "a beep before any verdict is a machine": ({**MACHINE, "early_beep": True}, [f"hangup {PATIENT}"], "machine"),
    "a fax is hung up": ({**STAYS, "as": "fax"}, [f"hangup {PATIENT}"], "fax"),
    "busy": (BUSY, [], "busy"),
    "nobody answers": (NOT_THERE, [], "no_answer"),
}


@pytest.mark.parametrize(("patient", "after_the_dial", "outcome"), OUTBOUND.values(), ids=OUTBOUND)
def test_an_outbound_call(stack, patient, after_the_dial, outcome):
    assert remind(stack, patient) == ([f"dial {PATIENT}", *after_the_dial], outcome)


def archived(stack, session):
    """The metadata of the one recording of a call, once it is there."""
    call_id = inbound_call_id(SessionId(session))
    told = (json.loads(path.read_text()) for path in stack.recordings.glob("*.json"))
    return [about for about in told if about["call"] == call_id]


def test_a_recorded_call_is_archived_with_its_hash_and_what_is_known_of_it(stack):
    stack.sim.people(**{DESK: TAKES_IT})
    session = stack.sim.ring_in(CLINIC)
    stack.until_quiet()

    (about,) = wait_until(lambda: archived(stack, session), "the recording is archived")

    served = stack.sim.recording(about["recording_id"])
    file = stack.recordings / f"{about['recording_id']}.{about['format']}"
    assert file.read_bytes() == served
    assert (about["length"], about["sha256"]) == (len(served), hashlib.sha256(served).hexdigest())
    assert (about["channels"], about["source"]) == ("dual", "127.0.0.1")
    with wave.open(str(file)) as sound:
        assert sound.getnchannels() == 2
    assert [path for path in stack.recordings.iterdir() if path.suffix == ".part"] == []
