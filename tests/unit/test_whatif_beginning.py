"""How a recorded call began: its request or its caller's call.initiated, and the first commands that it got."""

import pytest

from console.whatif.beginning import beginning_of, first_commands
from shared.calls import Call, Leg, Request
from shared.ids import LegId
from shared.timeline import AnswerEntry, CommandEntry, EventEntry, OverEntry
from tests.builders import CALL, CALLER, CLINIC
from tests.signing import webhook_body
from workers.logic.happened import CallRequested, Webhook
from workers.logic.routing_rules import Incoming

REQUEST = Request(CALL, "reminder", CALLER, {"name": "Ana"}, "a-hash")
ASKED = EventEntry("call.requested", 5.0, "noted", 1, received=4.0, request=REQUEST)
MAIN = Leg(from_=CALLER, to=CLINIC, connection_id="29", initiated_at=7.0, tags=("vip",))
INCOMING = Call(CALL, rule="clinic", main=LegId("caller"), legs={LegId("caller"): MAIN})


def webhook(leg, event_type="call.initiated", occurred=7.0, received=8.0):
    raw = webhook_body(event_type, call_leg_id=leg, direction="incoming")
    return EventEntry(event_type, 9.0, "rule 'clinic'", 1, occurred=occurred, received=received, raw=raw)


def command(verb, body=b'{"to":"+13125550111","command_id":"x","client_state":"y"}'):
    return CommandEntry(1, verb, 9.0, "/calls/v3:x/actions/answer", body)


def test_an_incoming_call_begins_with_the_call_initiated_of_its_caller():
    entries = [None, webhook("caller", "call.hangup"), webhook("another"), webhook("caller"), webhook("caller")]

    began = beginning_of(INCOMING, entries)

    assert isinstance(began.event, Webhook)
    assert (began.rule, began.event.at, began.event.ids.call_leg_id) == ("clinic", 7.0, "caller")
    assert began.looked_at == Incoming(CLINIC, CALLER, "29", 7.0, tags=("vip",))


def test_an_event_that_does_not_say_when_it_was_began_when_it_was_received():
    assert beginning_of(INCOMING, [webhook("caller", occurred=0.0)]).event.at == 8.0


def test_a_call_of_ours_begins_with_its_request():
    began = beginning_of(Call(CALL, request=REQUEST), [ASKED])

    assert began.event == CallRequested(REQUEST, 4.0)
    assert (began.rule, began.looked_at.to) == ("[outbound.reminder]", CALLER)


@pytest.mark.parametrize(
    ("record", "entries"),
    [
        (INCOMING, []),
        (INCOMING, [webhook("another")]),
        (INCOMING, [EventEntry("call.initiated", 9.0, "", 1, raw=b"{")]),
        (Call(CALL), [webhook("caller")]),  # nothing was decided about it
        (Call(CALL, request=REQUEST), [webhook("caller")]),
    ],
)
def test_a_call_whose_beginning_is_not_there_has_none(record, entries):
    assert beginning_of(record, entries) is None


def answer(verb):
    return AnswerEntry(1, verb, "succeeded", 9.0, 9.1, 1)


@pytest.mark.parametrize(
    ("entries", "verbs"),
    [
        ([ASKED], None),
        ([webhook("caller"), command("answer"), answer("answer"), command("speak")], ["answer"]),
        ([webhook("caller"), command("look_at_leg", b""), answer("look_at_leg"), command("answer")], ["answer"]),
        ([webhook("caller"), command("dial"), command("dial"), OverEntry(b"")], ["dial", "dial"]),
    ],
)
def test_the_first_commands_are_those_of_the_first_decision_that_moved_it(entries, verbs):
    found = first_commands(entries)

    assert (None if found is None else [command.verb for command in found]) == verbs
    assert not found or found[0].fields == {"to": "+13125550111"}
