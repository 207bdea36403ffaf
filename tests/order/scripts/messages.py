"""Texts, files, voicemail and recordings: what is heard by the caller, and what is kept."""

from typing import Final

from shared import events
from tests.builders import hung_up, recorded, webhook
from tests.order.people import USUALLY, ends, in_turn, nothing, refused, takes, talk
from tests.order.script import Asked, FarSide, Script, inbound
from workers.logic.happened import Happened

VOICEMAIL: Final = '{ do = "voicemail", box = "clinic" }'
SAID: Final = '[voicemail.clinic]\ngreeting = { say = "Leave a message." }'
PLAYED: Final = '[voicemail.clinic]\ngreeting = { play = "https://example.com/hello.mp3" }'
FROM_ANSWER: Final = '[recording.all]\nstart = "answer"\n'
FROM_BRIDGE: Final = '[recording.all]\nstart = "bridge"\nannounce = "Recorded."\n'
RECORDED: Final = '{ do = "transfer", to = "desk", record = "all" }'
RECORDED_OVERFLOW: Final = f'{{ do = "transfer", to = "desk", record = "all", otherwise = {VOICEMAIL} }}'
RECORDED_RING: Final = '{ do = "ring", group = "sales", record = "all" }'
SALES: Final = '[groups.sales]\nmembers = ["ann"]\n'


def leaves(ask: Asked) -> list[Happened]:
    """The caller hangs up after the message, and the recording is told after that."""
    return [hung_up(at=30.0), recorded(at=31.0, recording_id="message")]


def full(ask: Asked) -> list[Happened]:
    return [recorded(at=12.0, recording_id="message")]


def saved(at: float, times: int = 1) -> list[Happened]:
    return [recorded(at=at, recording_id="call") for _ in range(times)]


def answered_and_saved(at: float, times: int = 1) -> FarSide:
    return lambda ask: [*USUALLY["answer"](ask), *saved(at, times)]


def talk_and_saved(at: float) -> FarSide:
    return lambda ask: [*takes(ask), *saved(at)]


def could_not_be_stored(ask: Asked) -> list[Happened]:
    return [webhook(events.RecordingFailed(reason="Internal server error"), at=12.0)]


def left(*sends: str, **rest: object) -> Script:
    """Somebody leaves a message: `sends` is what is sent after the beep."""
    return inbound(VOICEMAIL, "answer", "speak Leave a message.", "record_start", *sends, more=SAID, **rest)


def recorded_from_the_answer(answer: FarSide) -> Script:
    sends = ("answer recorded", "transfer desk", "fetch call")
    return inbound(RECORDED, *sends, more=FROM_ANSWER, far_side={"answer recorded": answer})


SCRIPTS: Final[dict[str, Script]] = {
    "say, then say": inbound(
        '{ do = "say", text = "One.", then = { do = "say", text = "Two." } }',
        *("answer", "speak One.", "speak Two.", "hangup caller"),
    ),
    "say, then transfer": inbound(
        '{ do = "say", text = "One.", then = { do = "transfer", to = "desk" } }',
        *("answer", "speak One.", "transfer desk"),
    ),
    "say, and the end of it is never told": inbound(
        '{ do = "answer", then = { do = "say", text = "One." } }',
        *("answer", "speak One.", "hangup caller"),
        far_side={"speak One.": nothing},
    ),
    "say, say and say, of which the limit allows one": inbound(
        '{ do = "say", text = "1.", then = { do = "say", text = "2.", then = { do = "say", text = "3." } } }',
        *("answer", "speak 1.", "hangup caller"),
        more="[limits]\ncommands_per_call = 2",
    ),
    "play, then say": inbound(
        '{ do = "play", url = "https://example.com/hello.mp3", then = { do = "say", text = "Two." } }',
        *("answer", "playback_start hello.mp3", "speak Two.", "hangup caller"),
    ),
    "voicemail, the recording is full": left("fetch message", "hangup caller"),
    "voicemail, the caller leaves after the message": left(
        "fetch message",
        far_side={"record_start": leaves},
        beside=("hangup caller",),  # the recording's end is told before the caller's
    ),
    "voicemail, the greeting is a file": inbound(
        VOICEMAIL,
        *("answer", "playback_start hello.mp3", "record_start", "fetch message", "hangup caller"),
        more=PLAYED,
    ),
    "voicemail, the recording could not be stored": left(
        "hangup caller", far_side={"record_start": could_not_be_stored}
    ),
    "voicemail, the recording's end is never told": left("hangup caller", far_side={"record_start": nothing}),
    "voicemail, the recording begins too early": left(
        *("record_start", "fetch message", "hangup caller"),
        far_side={"record_start": in_turn(refused("90020", again=True), full)},
    ),
    "voicemail, the greeting is refused": left(*("fetch message", "hangup caller"), far_side={"speak": refused()}),
    "recorded from the answer, saved after the hangup": recorded_from_the_answer(answered_and_saved(20.0)),
    "recorded from the answer, saved before the hangup": recorded_from_the_answer(answered_and_saved(18.0)),
    "recorded from the answer, announced twice": recorded_from_the_answer(answered_and_saved(20.0, times=2)),
    "recorded from the bridge, announced to the caller": inbound(
        RECORDED,
        *("answer", "speak Recorded.", "transfer desk recorded", "fetch call"),
        more=FROM_BRIDGE,
        far_side={"transfer desk recorded": talk_and_saved(20.0)},
    ),
    "recorded from the bridge, the announcement is refused": inbound(
        RECORDED,
        *("answer", "speak Recorded.", "hangup caller"),
        more=FROM_BRIDGE,
        far_side={"speak": refused()},
    ),
    "recorded from the bridge of a ring group": inbound(
        RECORDED_RING,
        *("answer", "speak Recorded.", "dial ann", "bridge ann recorded", "fetch call"),
        more=FROM_BRIDGE + SALES,
        far_side={"bridge ann recorded": lambda ask: [*talk(ask), *saved(20.0)]},
    ),
    "recorded from the answer, then a message of its own": inbound(
        RECORDED_OVERFLOW,
        *("answer recorded", "transfer desk", "speak Leave a message.", "record_stop", "fetch first"),
        *("record_start", "fetch message", "hangup caller"),
        more=FROM_ANSWER + SAID,
        far_side={"transfer desk": ends("timeout")},
    ),
}
