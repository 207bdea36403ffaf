"""What the machine asks of whoever drives it: webhooks to send, timers to start and to stop."""

from enum import StrEnum
from typing import NamedTuple


class Does(StrEnum):
    """What a due timer does to its leg."""

    CALLEE_ACTS = "callee acts"
    GIVES_UP = "far network gives up"
    RINGS_OUT = "ringing times out"
    HANGS_UP = "far side hangs up"
    NO_FIRST_COMMAND = "no first command"
    TIME_IS_UP = "call has lasted long enough"
    AUDIO_ENDS = "audio ends"
    RECORDING_FULL = "recording is full"
    DETECTION = "detection reports"
    NO_KEY = "no further key of a gather"
    KEY = "key is pressed"


class Act(NamedTuple):
    """One timer of a leg; equal acts are one timer.

    `detail` is a callee's number, a recording id, an event type or a key; `result` a verdict; `place` tells apart
    what may come twice, keys and verdicts.
    """

    does: Does
    detail: str = ""
    result: str | None = None
    place: int = 0


class Emit(NamedTuple):
    """Send this webhook."""

    event_id: str
    event_type: str
    occurred_at: float
    call_control_id: str
    payload: dict[str, object]


class StartTimer(NamedTuple):
    call_control_id: str
    act: Act
    after_s: float


class StopTimers(NamedTuple):
    """Stop one timer of a leg, or all of them."""

    call_control_id: str
    act: Act | None


Effect = Emit | StartTimer | StopTimers
