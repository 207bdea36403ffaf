"""A leg, its states, and all that the machine knows."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from simulator.leg.keys import Gathering
from simulator.leg.media import Audio, Recording, RecordWish, Stream, StreamWish
from simulator.parameters import Detection, DetectionConfig
from simulator.scenario import DEFAULT_CALLEE, EVERYBODY_ELSE, Callee, Habits, Person


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


@dataclass(kw_only=True, slots=True)
class Leg:
    call_control_id: str
    call_leg_id: str
    call_session_id: str
    connection_id: str
    direction: str
    from_: str
    to: str
    """Of several destinations the one that answered; the first one until then."""
    state: State
    started_at: float
    client_state: str | None = None
    adopted: bool = False
    """Known only from a command (--adopt): its webhooks are someone else's business."""
    attestation: str = "A"
    """Of an incoming leg; "none" where it was not signed."""
    tags: list[str] = field(default_factory=list)
    custom_headers: list[dict[str, str]] = field(default_factory=list)
    person: Person = field(default_factory=Person)
    """Who is at the far end; of a dialled leg, once it was answered."""
    presses: list[str] = field(default_factory=list)
    """What they still have to press, an entry a prompt."""
    keys_timed: int = 0
    ringing: dict[str, Callee] = field(default_factory=dict)
    """The destinations that have not refused yet."""
    detection: Detection = "disabled"
    detection_config: DetectionConfig = field(default_factory=DetectionConfig)
    ring_out_cause: str = "timeout"
    time_limit_s: float | None = None
    record_wish: RecordWish | None = None
    stream_wish: StreamWish | None = None
    bridge_to: str | None = None
    """The leg to connect to when this one answers: it was transferred here, or dialled with bridge_on_answer."""
    prevents_double_bridge: bool = False
    parks_after_unbridge: bool = False
    transfers_to: list[str] = field(default_factory=list)
    bridged_to: str | None = None
    recordings: list[str] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    audio: list[Audio] = field(default_factory=list)
    """The first one is heard, the rest wait (Telnyx docs: playback-start)."""
    gathering: Gathering | None = None
    answered_at: float | None = None
    bridged_at: float | None = None
    ended_at: float | None = None
    ending: Ending | None = None


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
    callees: dict[str, Habits] = field(default_factory=dict)
    callees_of: dict[str, dict[str, Habits]] = field(default_factory=dict)
    """By session: the callees of InboundCall, for this call alone."""
    dialled: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often a callee with a list of habits was dialled, by session ("": scripts of all calls) and number."""

    def next_callee(self, number: str, session_id: str) -> Callee:
        """How whoever is dialled now will behave."""
        for owner, callees in ((session_id, self.callees_of.get(session_id, {})), ("", self.callees)):
            habits = callees.get(number) or callees.get(EVERYBODY_ELSE)
            if habits is not None:
                return self._this_time(habits, (owner, number))
        return DEFAULT_CALLEE

    def _this_time(self, habits: Habits, who: tuple[str, str]) -> Callee:
        if isinstance(habits, Callee):
            return habits
        self.dialled[who] += 1
        return habits[min(self.dialled[who], len(habits)) - 1]

    def new_call_control_id(self) -> str:
        # The colon is there because Telnyx's ids have one: a client must percent-encode it in a path.
        return "v3:" + next(self.ids).replace("-", "")

    def download_link(self, recording: Recording, now: float, life_s: float) -> str:
        """A new link for a recording, good until now + life_s."""
        signature = next(self.ids).replace("-", "")
        recording.links[signature] = now + life_s
        name = f"{recording.recording_id}.{recording.format}"
        return f"{self.storage_url}/{name}?X-Amz-Expires={life_s:.0f}&X-Amz-Signature={signature}"
