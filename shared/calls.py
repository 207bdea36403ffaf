"""The record of one call: facts that only ever grow, and how far we have come with it.

Facts come from webhooks and from answers to commands, in any order and any number of times; each field is
joined so that the order does not matter. Progress (`Step`, `Sent`) is ours and changes only in `workers/logic`.
"""

from typing import Final, Literal

import msgspec

from shared.dialplan import Action
from shared.errors import TooNew
from shared.ids import CallId, ControlId, LegId, Row, SessionId

SCHEMA: Final = 1  # of a record; one of a newer number is left to the workers that know it
TOMBSTONE_S: Final = 24 * 3600  # how long a call that is over, or that we never saw begin, waits for late events


class Ended(msgspec.Struct, frozen=True, order=True):
    """When a leg ended (Unix seconds) and why: Telnyx's hangup_cause, or `gone` when a command was told so."""

    at: float
    cause: str


class Verdict(msgspec.Struct, frozen=True, order=True):
    """What machine detection said, and when (Unix seconds)."""

    at: float
    result: str


class Pressed(msgspec.Struct, frozen=True, order=True):
    """What was pressed after a prompt, if anything, and when (Unix seconds). The earliest stands."""

    at: float
    digits: str


class Leg(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of one leg. Times are Unix seconds as Telnyx gave them (`occurred_at`)."""

    control_id: ControlId | None = None
    session_id: SessionId | None = None
    connection_id: str | None = None
    direction: str | None = None
    from_: str | None = None
    to: str | None = None
    row: Row | None = None  # the command of ours that made it
    initiated_at: float | None = None
    answered_at: float | None = None
    bridged_at: float | None = None
    ended: Ended | None = None
    attestation: str | None = None
    tags: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    verdicts: tuple[Verdict, ...] = ()  # of machine detection, the earliest first
    screened_at: float | None = None  # a phone asked who is calling, and detection began anew
    greeting_ended_at: float | None = None  # of a machine: by a beep, silence, or as no more is waited for
    spoken_at: frozenset[float] = frozenset()  # when each text ended that was spoken on this leg
    played_at: frozenset[float] = frozenset()  # files, likewise
    recorded_as: frozenset[str] = frozenset()  # recordings that have ended: by name, or by when one was not stored
    pressed: Pressed | None = None

    @property
    def verdict(self) -> Verdict | None:
        """The first one; of a phone that screens its calls, the first after its tone.

        Telnyx docs: answering-machine-detection.
        """
        told = (v for v in self.verdicts if self.screened_at is None or v.at > self.screened_at)
        return next(told, None)


Verb = Literal[
    "answer",
    "bridge",
    "dial",
    "gather_using_speak",
    "hangup",
    "look_at_leg",
    "look_for_leg",
    "playback_start",
    "record_start",
    "record_stop",
    "reject",
    "speak",
    "transfer",
]
LOOKS: Final[frozenset[Verb]] = frozenset({"look_at_leg", "look_for_leg"})  # they change nothing at Telnyx
SentState = Literal["open", "done", "failed", "unknown", "void", "again"]


class Sent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One command of the call and what became of it. A purpose is committed once, and again only as a new try."""

    verb: Verb
    purpose: str
    step: int  # that asked for it
    leg: LegId | None  # the leg it is addressed to; None for a dial or a look
    state: SentState = "open"
    code: str = ""  # Telnyx's error code, or the name of the limit of ours that refused it
    tries: int = 1
    again_in_s: float = 0.0  # in state `again`: refused for now, to be sent as a new command after this wait
    says: str = ""  # what a speak command says
    records: str | None = None  # the policy of the recording that it begins; empty where no policy is named


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the call stands in its plan."""

    n: int = 0
    at: Literal["start", "look", "wait", "queue", "place", "verdict", "do", "connected", "over"] = "start"
    action: Action | None = None
    delay_s: float = 0.0  # of a wait: until the next attempt is due
    after_tone: bool = False  # whoever is spoken to came on the line after a screening phone's tone
    turn: int | None = None  # of a round robin: the member that is rung first
    winner: LegId | None = None  # of a ring group: the first accepted answer


class Request(msgspec.Struct, frozen=True):
    """What `POST /calls` asked for; `plan` is the hash of the dialplan it was accepted under."""

    call: CallId
    profile: str
    to: str
    variables: dict[str, str]
    plan: str


class Cancel(msgspec.Struct, frozen=True):
    """That an outbound call is wanted no more."""

    call: CallId


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """One call of the business, over all its legs."""

    id: CallId
    plan: str = ""  # hash of the dialplan that it began with, and ends with; empty until then
    connection: str = ""  # for dials whose profile names none
    rule: str = ""
    request: Request | None = None
    main: LegId | None = None  # the caller's leg, or the called party's of an outbound call
    step: Step = Step()
    legs: dict[LegId, Leg] = {}
    sent: dict[Row, Sent] = {}
    made: dict[Row, LegId] = {}  # which leg a dial or a transfer became
    timers: dict[str, int] = {}  # name -> the version that set it; any other firing of it is stale
    fired: frozenset[str] = frozenset()
    recordings: frozenset[str] = frozenset()
    cancelled: bool = False  # of an outbound call: it is wanted no more, and no attempt begins
    live: bool = False  # it holds a place among the live calls of its profile
    outcome: str = ""  # of an outbound call: of the attempt that runs, at last of the call
    outcomes: tuple[str, ...] = ()  # of every attempt that is over

    @property
    def main_leg(self) -> Leg | None:
        return self.legs.get(self.main) if self.main else None

    @property
    def over(self) -> bool:
        """Nothing more can come of it but late facts: it may be forgotten after `TOMBSTONE_S`."""
        return self.step.at == "over" and not any(s.state in {"open", "unknown"} for s in self.sent.values())

    @property
    def said(self) -> tuple[str, ...]:
        """The texts that were spoken, or begun, in their order."""
        return tuple(s.says for _, s in sorted(self.sent.items()) if s.says and s.state in {"done", "unknown"})

    def leg_of(self, row: Row) -> Leg | None:
        """The leg that a dial or a transfer became, once it is known."""
        return self.legs.get(self.made[row]) if row in self.made else None


_encode = msgspec.msgpack.Encoder().encode
_decode_numbered = msgspec.msgpack.Decoder(tuple[int, msgspec.Raw]).decode
_decode = msgspec.msgpack.Decoder(Call).decode


def encode(call: Call) -> bytes:
    """The record with its schema number before it: as a field, `omit_defaults` would leave that out."""
    return _encode((SCHEMA, call))


def decode(data: bytes) -> Call:
    """Raises msgspec.DecodeError when the bytes are no call record, TooNew when they are a newer version's."""
    schema, record = _decode_numbered(data)
    if schema > SCHEMA:
        raise TooNew(f"a call record of schema {schema} is newer than {SCHEMA}")
    return _decode(record)
