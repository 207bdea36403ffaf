"""Voicemail: greet the caller, record after the beep, hang up when the recording has ended."""

from typing import Final

from shared import commands, dialplan
from shared.calls import Call, Sent, Step
from shared.ids import Row
from workers.logic.caller import TAKEN, Ready, answered, play, speak
from workers.logic.draft import Draft
from workers.logic.steps import do, give_up, purpose

RECORDED_GRACE_S: Final = 15.0  # beyond max_secs: a recording whose end is not told by then was lost on its way
UNNAMED: Final = dialplan.RecordingPolicy(start="answer", channels="single", format="mp3")


def voicemail(draft: Draft, action: dialplan.Voicemail) -> Step | None:
    """A greeting that cannot be heard is left out: the caller may still speak after the beep."""
    box = draft.plan.voicemail[action.box]
    match answered(draft):
        case "never":
            return give_up(draft, "the call could not be answered")
        case "not yet":
            return None
    if _greeted(draft, box.greeting) == "not yet":
        return None
    _stop_others(draft)
    row, sent = _recorded(draft, box)
    if sent.state in {"failed", "void"}:
        return give_up(draft, "the message could not be recorded")
    if len(draft.main.recorded_as) >= len(_begun(draft.call, row)):
        return do(draft, dialplan.Hangup())
    if sent.state in TAKEN and draft.has_fired(sent.purpose, box.max_secs + RECORDED_GRACE_S):
        draft.note("the end of the recording was not told in time")
        return do(draft, dialplan.Hangup())
    return None


def _greeted(draft: Draft, greeting: dialplan.Greeting) -> Ready:
    if greeting.play is not None:
        return play(draft, "greet", greeting.play)
    return speak(draft, "greet", greeting.say or "")


def _recorded(draft: Draft, box: dialplan.Box) -> tuple[Row, Sent]:
    policy = draft.plan.recording[box.record] if box.record else UNNAMED

    def build(_: Row) -> commands.StartRecording:
        return commands.StartRecording(
            channels=policy.channels, format=policy.format, max_length=box.max_secs, play_beep=True
        )

    name = purpose(draft, "record")
    return draft.want("record_start", name, build, draft.call.main, records=box.record or "")


def _stop_others(draft: Draft) -> None:
    """A recording that began with the answer ends here, so that the message is a file of its own."""
    if any(draft.call.sent[row].verb != "record_start" for row in _begun(draft.call)):
        draft.want("record_stop", "stop recording", lambda _: commands.StopRecording(), draft.call.main)


def _begun(call: Call, up_to: Row | None = None) -> list[Row]:
    """The commands that have begun a recording of the leg; a transfer that nobody took has begun none."""
    begins = {"answer", "dial", "record_start"}
    return [
        row
        for row, sent in call.sent.items()
        if sent.records is not None
        and sent.verb in begins
        and sent.state not in {"failed", "void", "again"}
        and (up_to is None or row <= up_to)
    ]
