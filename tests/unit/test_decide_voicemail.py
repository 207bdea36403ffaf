"""Voicemail: the greeting, the beep, the recording, and the end."""

import msgspec
import pytest

from shared import commands, events
from shared.dialplan import Plan
from tests.builders import Told, answered, hung_up, initiated, plan, played, recorded, rule, spoken, webhook
from workers.logic.happened import CommandFailed

SAID = 'greeting = { say = "Please leave a message." }'


def box(greeting: str = SAID, more: str = "", before: str = "", then: str = "") -> Plan:
    action = then or '{ do = "voicemail", box = "clinic" }'
    return rule(action, f"{before}\n[voicemail.clinic]\n{greeting}\nmax_secs = 60\n{more}")


def greeted(under: Plan) -> Told:
    return Told(under).tell(initiated(), answered(), spoken())


def recording(told: Told) -> commands.StartRecording:
    command = next(out.command for out in told.sent if out.verb == "record_start")
    assert isinstance(command, commands.StartRecording)
    return command


def test_a_caller_is_answered_greeted_and_recorded_after_the_beep() -> None:
    told = Told(box()).tell(initiated())
    assert told.verbs == ["answer"]

    told.tell(answered())
    assert told.verbs == ["answer", "speak"]

    told.tell(spoken())
    assert told.verbs == ["answer", "speak", "record_start"]
    sent = recording(told)
    assert (sent.play_beep, sent.max_length, sent.format, sent.channels) == (True, 60, "mp3", "single")


def test_a_greeting_may_be_a_file() -> None:
    told = Told(box('greeting = { play = "https://example.com/hello.mp3" }')).tell(initiated(), answered())
    assert told.verbs == ["answer", "playback_start"]

    told.tell(played())

    assert told.verbs[-1] == "record_start"


def test_a_box_may_name_a_policy_for_its_recording() -> None:
    policy = '[recording.kept]\nstart = "answer"\nchannels = "dual"\nformat = "wav"\nkeep_days = 30'

    told = greeted(box(more='record = "kept"', before=policy))

    assert (recording(told).channels, recording(told).format) == ("dual", "wav")


def test_the_caller_is_hung_up_when_the_recording_is_full() -> None:
    told = greeted(box()).accept("record_start")

    told.tell(recorded())

    assert told.verbs[-1] == "hangup caller"
    assert told.decisions[-1].download is not None


def test_a_caller_who_hangs_up_after_the_message_needs_nothing_more() -> None:
    told = greeted(box()).accept("record_start")

    told.tell(hung_up(at=30.0), recorded(at=31.0))

    assert told.verbs == ["answer", "speak", "record_start"]
    assert told.decisions[-1].download is not None
    assert told.call.step.at == "over"


def test_a_recording_whose_end_is_never_told_ends_the_call_in_time() -> None:
    told = greeted(box()).accept("record_start")

    told.fire("1:record")

    assert told.verbs[-1] == "hangup caller"
    assert told.call.timers == {}


def test_a_recording_that_telnyx_could_not_store_ends_the_call() -> None:
    told = greeted(box()).accept("record_start")

    told.tell(webhook(events.RecordingFailed(reason="Internal server error"), at=9.0))

    assert told.verbs[-1] == "hangup caller"


def test_an_error_of_one_recording_that_is_told_twice_is_not_the_end_of_the_message() -> None:
    told = Told(box(before=ALL, then=OVERFLOW)).tell(initiated(), answered())
    told.tell(CommandFailed(told.row("transfer"), 1.0, "10016"), spoken())
    not_stored = events.RecordingFailed(reason="Internal server error")

    told.tell(webhook(not_stored, at=5.0), webhook(not_stored, at=5.0))
    assert told.verbs[-1] == "record_start"

    told.tell(webhook(not_stored, at=60.0))
    assert told.verbs[-1] == "hangup caller"


def test_a_greeting_that_cannot_be_spoken_is_left_out() -> None:
    told = Told(box()).tell(initiated(), answered())

    told.tell(CommandFailed(told.row("speak"), 1.0, "10015"))

    assert told.verbs[-1] == "record_start"


def test_a_recording_that_comes_too_early_is_tried_again_and_ends_the_call_at_last() -> None:
    told = greeted(box())

    for _ in range(5):
        told.tell(CommandFailed(told.row("record_start"), 1.0, "90020", again=True, again_in_s=1.0))

    assert told.verbs == ["answer", "speak", *["record_start"] * 5, "hangup caller"]


OVERFLOW = (
    '{ do = "transfer", to = "+13125550111", record = "all", otherwise = { do = "voicemail", box = "clinic" } }'
)
ALL = '[recording.all]\nstart = "answer"\nkeep_days = 7'


def test_a_recording_that_began_with_the_answer_ends_before_the_message() -> None:
    told = Told(box(before=ALL, then=OVERFLOW)).tell(initiated(), answered())
    told.tell(CommandFailed(told.row("transfer"), 1.0, "10016"), spoken())
    assert told.verbs == ["answer", "transfer", "speak", "record_stop", "record_start"]

    told.tell(recorded(at=5.0, recording_id="whole-call"))
    assert told.verbs[-1] == "record_start"  # that was not the message

    told.tell(recorded(at=60.0, recording_id="message"))
    assert told.verbs[-1] == "hangup caller"


@pytest.mark.parametrize(
    ("policy", "record", "days"),
    [("", "", None), ('[recording.kept]\nstart = "answer"\nkeep_days = 30', 'record = "kept"', 30)],
)
def test_a_message_is_kept_as_long_as_its_policy_says(policy: str, record: str, days: int | None) -> None:
    told = greeted(box(more=record, before=policy)).accept("record_start")

    told.tell(recorded())

    download = told.decisions[-1].download
    assert download is not None
    assert download.keep_days == days


def test_a_call_that_is_not_recorded_by_any_policy_of_ours_is_kept_for_ever() -> None:
    told = Told(plan()).tell(initiated(to="+19995550000"), recorded())

    assert told.decisions[-1].download == msgspec.structs.replace(told.decisions[-1].download, keep_days=None)
