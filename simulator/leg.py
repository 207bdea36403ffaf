"""The records of the state machine: legs, what plays and records on them, timers, effects."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from simulator.parameters import Detection
from simulator.scenario import DEFAULT_CALLEE, EVERYBODY_ELSE, Callee


class State(StrEnum):
    PARKED = "parked"
    """Incoming, not answered yet."""
    DIALING = "dialing"
    """Outgoing, not answered yet."""
    ANSWERED = "answered"
    BRIDGED = "bridged"
    ENDED = "ended"


class Ending(NamedTuple):
    """What call.hangup tells: cause, who hung up (caller or callee), SIP status."""

    cause: str
    source: str
    sip: str


class Audio(NamedTuple):
    """One entry of a leg's playback queue; `kind` is speak or playback, `media` its extra payload."""

    kind: str
    seconds: float
    media: dict[str, object]


class RecordWish(NamedTuple):
    """A recording that starts with the answer, under an id that the command's answer already told."""

    recording_id: str
    format: str
    channels: str
    max_length_s: int


@dataclass(kw_only=True, slots=True)
class Recording:
    recording_id: str
    call_control_id: str
    format: str
    channels: str
    started_at: float
    ended_at: float | None = None
    links: dict[str, float] = field(default_factory=dict)
    """Signature of each download link, and the time it expires."""


@dataclass(kw_only=True, slots=True)
class Leg:
    call_control_id: str
    call_leg_id: str
    call_session_id: str
    connection_id: str
    direction: str
    from_: str
    to: str
    state: State
    started_at: float
    client_state: str | None = None
    adopted: bool = False
    """Known only from a command (--adopt): its webhooks are someone else's business."""
    tags: list[str] = field(default_factory=list)
    custom_headers: list[dict[str, str]] = field(default_factory=list)
    callee: Callee | None = None
    detection: Detection = "disabled"
    greeting_s: float = 30.0
    ring_out_cause: str = "timeout"
    record_wish: RecordWish | None = None
    bridge_to: str | None = None
    """The leg that transferred to this one and is waiting for its answer."""
    transfers_to: list[str] = field(default_factory=list)
    bridged_to: str | None = None
    recordings: list[str] = field(default_factory=list)
    audio: list[Audio] = field(default_factory=list)
    """The first one is heard, the rest wait (Telnyx docs: playback-start)."""
    answered_at: float | None = None
    bridged_at: float | None = None
    ended_at: float | None = None
    ending: Ending | None = None


class Does(StrEnum):
    """What a due timer does to its leg."""

    CALLEE_ACTS = "callee acts"
    GIVES_UP = "far network gives up"
    RINGS_OUT = "ringing times out"
    HANGS_UP = "far side hangs up"
    NO_FIRST_COMMAND = "no first command"
    AUDIO_ENDS = "audio ends"
    RECORDING_FULL = "recording is full"
    DETECTION = "detection reports"


class Act(NamedTuple):
    """One timer of a leg; equal acts are one timer. `detail` is a recording id or an event type."""

    does: Does
    detail: str = ""
    result: str | None = None


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


@dataclass(kw_only=True, slots=True)
class Switch:
    """All that the machine knows. `ids` yields fresh UUID texts; nothing in here reads a clock."""

    ids: Iterator[str]
    connection_id: str
    storage_url: str
    """Where recordings are served, without a slash at the end."""
    adopt: bool = False
    first_command_timeout_s: float = 30.0
    recording_url_s: float = 600.0
    legs: dict[str, Leg] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    callees: dict[str, Callee] = field(default_factory=dict)

    def callee(self, number: str) -> Callee:
        return self.callees.get(number) or self.callees.get(EVERYBODY_ELSE, DEFAULT_CALLEE)

    def new_call_control_id(self) -> str:
        # The colon is there because Telnyx's ids have one: a client must percent-encode it in a path.
        return "v3:" + next(self.ids).replace("-", "")

    def download_link(self, recording: Recording, now: float, life_s: float) -> str:
        """A new link for a recording, good until now + life_s."""
        signature = next(self.ids).replace("-", "")
        recording.links[signature] = now + life_s
        name = f"{recording.recording_id}.{recording.format}"
        return f"{self.storage_url}/{name}?X-Amz-Expires={life_s:.0f}&X-Amz-Signature={signature}"
