"""Recordings: begun with the answer or the bridge, announced, and asked for once they are saved."""

import msgspec

from shared import commands, events
from shared.calls import Request
from tests.builders import CALL, PLAN_HASH, Told, answered, initiated, plan, rule, spoken, webhook
from workers.logic.happened import CallRequested, CommandFailed

TRANSFER = '{ do = "transfer", to = "+13125550111" }'
RECORDED = """
[recording.all]
start = "answer"
channels = "dual"
format = "wav"
[recording.talk]
start = "bridge"
announce = "This call may be recorded."
"""


def test_a_saved_recording_is_asked_for_once() -> None:
    urls = events.RecordingUrls(mp3="https://storage.example.com/a.mp3")
    payload = events.RecordingSaved(recording_id="11111111-2222", recording_urls=urls, format="mp3")
    told = Told(rule(TRANSFER)).tell(webhook(payload), webhook(payload))

    downloads = [decision.download for decision in told.decisions if decision.download]
    assert [(d.recording_id, d.urls) for d in downloads] == [("11111111-2222", {"mp3": urls.mp3})]


def test_a_recording_from_the_answer_begins_with_it_wherever_in_the_chain_it_is_asked_for() -> None:
    told = Told(
        rule(
            '{ do = "say", text = "Hi.", then = { do = "transfer", to = "+13125550111", record = "all" } }',
            RECORDED,
        )
    )

    told.tell(initiated(), answered(), spoken())

    answer, transfer = told.sent[0].command, told.sent[-1].command
    assert isinstance(answer, commands.Answer)
    assert isinstance(transfer, commands.Transfer)
    assert (answer.record, answer.record_channels, answer.record_format) == ("record-from-answer", "dual", "wav")
    assert transfer.record is msgspec.UNSET


def test_a_recording_of_the_talk_is_announced_first_and_begins_with_the_transfer() -> None:
    told = Told(rule('{ do = "transfer", to = "+13125550111", record = "talk" }', RECORDED))

    told.tell(initiated(), answered())
    assert told.verbs == ["answer", "speak"]
    told.tell(spoken())

    answer, transfer = told.sent[0].command, told.sent[-1].command
    assert isinstance(answer, commands.Answer)
    assert isinstance(transfer, commands.Transfer)
    assert answer.record is msgspec.UNSET
    assert (transfer.record, transfer.record_format) == ("record-from-answer", "mp3")


def test_an_announcement_that_cannot_be_spoken_is_followed_by_no_recording() -> None:
    told = Told(rule('{ do = "transfer", to = "+13125550111", record = "talk" }', RECORDED))
    told.tell(initiated(), answered())

    told.tell(CommandFailed(told.row("speak"), 0.0, "10015"))

    assert told.verbs == ["answer", "speak", "hangup caller"]


def test_an_outbound_call_is_recorded_from_its_answer_where_a_branch_wants_it() -> None:
    profile = """
[limits]
allow = ["+1*"]
[outbound.reminder]
from = "+13125550300"
human = { do = "transfer", to = "+13125550111", record = "all" }
"""
    request = Request(CALL, "reminder", "+13125550777", {}, PLAN_HASH)

    told = Told(plan(more=RECORDED + profile)).tell(CallRequested(request, 0.0))

    dial = told.sent[0].command
    assert isinstance(dial, commands.Dial)
    assert (dial.record, dial.record_format) == ("record-from-answer", "wav")
