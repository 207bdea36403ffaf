"""A call as a document: everything that happened, what came of it, and nothing that cannot be replayed."""

import msgspec
import pytest

from console import export
from console.export import Answer, Command, Found, NotWhole, Request, Timer, Webhook, document
from shared import calls
from shared.calls import Call
from shared.ids import CallId
from shared.timeline import AnswerEntry, CommandEntry, EventEntry, OverEntry

CALL = Call(CallId("call-1"), plan="0123", connection="29")
ASKED = calls.Request(CALL.id, "reminder", "+12025550171", {"name": "Ana"}, "0123")
PLACED = EventEntry("call.requested", 2.0, "noted", 1, received=1.0, started=1.5, request=ASKED, state="place")
DIAL = CommandEntry(1, "dial", 2.0, "/calls", b'{"command_id":"c","to":"+12025550171"}')
TOLD = EventEntry(
    "call.answered", 4.0, "noted", 2, "e", 3.0, 3.25, 3.5, 3.75, b'{"data":{}}', state="ring", turn=("sales", 4)
)
FIRED = EventEntry("timer decide", 6.0, "timer 'decide'", 3, started=5.5, timer="decide", set_by=2, state="say")
REFUSED = AnswerEntry(1, "dial", "failed", 2.5, 7.0, 1, 429, "10011", version=4, again=True, again_in_s=2.0)
TAKEN = AnswerEntry(1, "dial", "succeeded", 2.5, 7.0, 1, 200, version=4, data=b'{"call_leg_id":"x"}')


def exported(*entries):
    return document(CALL, "version = 1", entries)


def test_a_step_holds_what_happened_and_the_commands_that_came_of_it_without_their_ids():
    placed, told = exported(PLACED, DIAL, TOLD).steps

    assert placed.happened == Request(1.0, ASKED)
    assert placed.commands == (Command(1, "dial", "/calls", {"to": "+12025550171"}),)
    assert (told.happened, told.commands) == (Webhook(3.25, 3.75, {"data": {}}, 3.0), ())
    assert (told.version, told.note, told.state, told.turn) == (2, "noted", "ring", ("sales", 4))


@pytest.mark.parametrize(
    ("entry", "happened"),
    [
        (REFUSED, Answer(1, "failed", 7.0, code="10011", again=True, again_in_s=2.0)),
        (TAKEN, Answer(1, "succeeded", 7.0, {"call_leg_id": "x"})),
    ],
)
def test_an_answer_holds_all_that_was_decided_about(entry, happened):
    *_, last = exported(PLACED, DIAL, TOLD, FIRED, entry).steps

    assert last.happened == happened


def test_a_timer_names_the_version_that_had_set_it():
    *_, last = exported(PLACED, TOLD, FIRED, OverEntry(b"a record")).steps

    assert last.happened == Timer("decide", 2, 5.5)


def test_a_leg_that_was_found_ended_is_told_with_its_time():
    found = EventEntry("leg found ended", 9.0, "noted", 3, occurred=8.0, ended="leg-1")

    *_, last = exported(PLACED, TOLD, found).steps

    assert last.happened == Found("leg-1", 8.0)


@pytest.mark.parametrize(
    ("entries", "missing"),
    [
        ([], "does not begin with its first event"),
        ([TOLD], "does not begin with its first event"),
        ([PLACED, FIRED], "does not begin with its first event"),
        ([PLACED, None], "only a newer version can read"),
        ([EventEntry("timer decide", 6.0, "", 1)], "'timer decide' was written by an older version"),
        ([PLACED, AnswerEntry(1, "dial", "failed", 2.5, 7.0, 1)], "was begun by an older version"),
    ],
)
def test_what_could_not_be_replayed_is_not_exported(entries, missing):
    with pytest.raises(NotWhole, match=missing):
        exported(*entries)


def test_a_document_is_read_as_it_was_written_a_line_for_each_thing():
    whole = exported(PLACED, DIAL, TOLD, FIRED, TAKEN)

    data = export.encode(whole)

    assert export.decode(data) == whole
    assert data.count(b"\n") > 50
    assert msgspec.json.decode(data)["format"] == 1
