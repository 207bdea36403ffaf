"""What plays, is recorded and is streamed on a leg."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Audio(NamedTuple):
    """One entry of a leg's playback queue; `kind` is speak or playback, `media` its extra payload."""

    kind: str
    seconds: float
    """Infinite for what repeats until it is stopped."""
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
    max_length_s: float = 0.0
    """0: no limit."""
    recorded_s: float = 0.0
    """Before `running_since`; pauses don't count."""
    running_since: float | None = None
    """None while paused, and at the end."""
    ended_at: float | None = None
    kept: bool = True
    """False: it could not be saved, or was deleted."""
    links: dict[str, float] = field(default_factory=dict)
    """Signature of each download link, and the time it expires."""

    @property
    def saved(self) -> bool:
        return self.ended_at is not None and self.kept

    def length_s(self, now: float) -> float:
        return self.recorded_s + (0.0 if self.running_since is None else now - self.running_since)


class StreamWish(NamedTuple):
    """A stream that starts with the answer; `kind` is websocket or dialogflow."""

    url: str
    track: str
    kind: str


class Stream(NamedTuple):
    stream_id: str
    url: str
