"""What a dialplan may say, as types.

The same types travel in call records (msgpack), so an action decodes to the action that was stored.
"""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(min_length=1)]
RingSecs = Annotated[int, Meta(ge=5, le=600)]  # Telnyx docs: timeout_secs of dial and transfer
Attestation = Literal["A", "B", "C", "none"]  # SHAKEN/STIR's levels; none where the call carries none
CallerId = Literal["business", "caller"]  # the number that the caller dialled, or the caller's own
Branch = Literal["human", "machine", "fax", "silence", "not_sure"]
Outcome = Literal["human", "machine", "fax", "silence", "not_sure", "busy", "no_answer", "failed"]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The wire rules of every table: a misspelt key is an error, and what was not written is not stored."""


class Reject(_Strict, frozen=True, tag_field="do", tag="reject"):
    """Refuse an incoming call that was not answered yet."""

    cause: Literal["CALL_REJECTED", "USER_BUSY", "NOT_FOUND", "TEMPORARILY_UNAVAILABLE"] = "CALL_REJECTED"


class Hangup(_Strict, frozen=True, tag_field="do", tag="hangup"):
    """End the call."""


class Answer(_Strict, frozen=True, tag_field="do", tag="answer"):
    """Answer, then go on."""

    then: "Action"


class Transfer(_Strict, frozen=True, tag_field="do", tag="transfer"):
    """Move the call to one number; `otherwise` when that leg ends before it was answered."""

    to: Text
    ring_secs: RingSecs = 30
    caller_id: CallerId = "business"
    record: str | None = None
    otherwise: "Action | None" = None


class Ring(_Strict, frozen=True, tag_field="do", tag="ring"):
    """Ring the members of a group; `otherwise` when none of them took the call."""

    group: Text
    caller_id: CallerId = "business"
    record: str | None = None
    otherwise: "Action | None" = None


class Say(_Strict, frozen=True, tag_field="do", tag="say"):
    """Speak a text, then go on; without `then` the call is hung up."""

    text: str  # checked with the file, not here: a filled text must decode from its call record whatever it became
    then: "Action | None" = None


class Play(_Strict, frozen=True, tag_field="do", tag="play"):
    """Play a file, then go on; without `then` the call is hung up."""

    url: Text
    then: "Action | None" = None


class Voicemail(_Strict, frozen=True, tag_field="do", tag="voicemail"):
    """Greet the caller and record what is said after the beep."""

    box: Text


class LeaveMessage(_Strict, frozen=True, tag_field="do", tag="leave_message"):
    """Leave a text or a file, exactly one of the two, on an answering machine once its greeting has ended."""

    text: str | None = None
    url: Text | None = None


class Hook(_Strict, frozen=True, tag_field="do", tag="hook"):
    """Ask a Python function, `module:function`, for the action."""

    call: Text


Action = Reject | Hangup | Answer | Transfer | Ring | Say | Play | Voicemail | LeaveMessage | Hook


class When(_Strict, frozen=True, rename={"from_": "from"}):
    """Every key that is given must hold; the values of one key are any-of."""

    to: Annotated[tuple[Text, ...], Meta(min_length=1)] = ()
    from_: Annotated[tuple[Text, ...], Meta(min_length=1)] = ()
    connection: Annotated[tuple[Text, ...], Meta(min_length=1)] = ()
    schedule: Annotated[tuple[Text, ...], Meta(min_length=1)] = ()  # open then
    attestation: Annotated[tuple[Attestation, ...], Meta(min_length=1)] = ()
    tags: Annotated[tuple[Text, ...], Meta(min_length=1)] = ()
    header: dict[str, Annotated[tuple[Text, ...], Meta(min_length=1)]] = {}


class Schedule(_Strict, frozen=True, rename={"open_": "open"}):
    """When a business is open: days or ranges of days to spans of time, and the dates on which it is not."""

    open_: dict[str, Annotated[tuple[Text, ...], Meta(min_length=1)]]
    closed: tuple[date, ...] = ()


class Rule(_Strict, frozen=True):
    """The first rule whose `when` holds takes an incoming call."""

    name: Text
    when: When
    then: Action


class RecordingPolicy(_Strict, frozen=True):
    """How a call is recorded. `start` is the caller's answer or the first bridge; `announce` is spoken before."""

    start: Literal["answer", "bridge"]
    channels: Literal["single", "dual"] = "dual"
    format: Literal["mp3", "wav"] = "mp3"
    announce: str | None = None
    keep_days: Annotated[int, Meta(ge=1)] | None = None  # absent: for ever


class Greeting(_Strict, frozen=True):
    """What a caller hears before the beep: exactly one of a text and a file."""

    say: str | None = None
    play: Text | None = None


class Box(_Strict, frozen=True):
    """A voicemail box. `record` names a policy for format, channels and how long messages are kept."""

    greeting: Greeting
    max_secs: Annotated[int, Meta(ge=1, le=14400)] = 120  # Telnyx docs: record_start, max_length
    record: str | None = None


class Group(_Strict, frozen=True):
    """Who rings, in which order, and what counts as taking the call. `prompt` is what press_1 says."""

    members: Annotated[tuple[Text, ...], Meta(min_length=1)]
    strategy: Literal["simultaneous", "sequential", "round_robin"] = "simultaneous"
    ring_secs: RingSecs = 20
    accept: Literal["any", "press_1", "amd"] = "any"
    prompt: str = "You have a call. Press 1 to take it."


class Limits(_Strict, frozen=True):
    """What this deployment may ever dial; an absent limit is no limit of ours."""

    allow: tuple[Text, ...] | None = None
    dials_per_minute: Annotated[int, Meta(ge=1)] | None = None
    commands_per_call: Annotated[int, Meta(ge=1)] | None = None


class Amd(_Strict, frozen=True):
    """Answering machine detection. No verdict in time is `not_sure`; no greeting's end in time is its end."""

    mode: Literal[
        "detect",
        "detect_beep",
        "detect_words",
        "greeting_end",
        "premium",
        "premium_ios_call_screening_detection",
    ]
    decide_within_secs: Annotated[int, Meta(ge=1, le=60)] = 8
    greeting_within_secs: Annotated[int, Meta(ge=1, le=120)] = 30


class Outbound(_Strict, frozen=True, rename={"from_": "from"}):
    """A profile of calls that are placed by us. Branches are as written; `branch` has the defaults."""

    from_: Text
    human: Action
    connection: Text | None = None
    ring_secs: RingSecs = 30
    schedule: Text | None = None
    clock: Literal["business", "recipient"] = "business"  # whose time the schedule is judged by
    dials_per_sec: Annotated[float, Meta(gt=0, le=30)] | None = None
    max_live: Annotated[int, Meta(ge=1)] | None = None
    attempts: Annotated[int, Meta(ge=1, le=20)] = 1
    retry_after: dict[Outcome, Text] = {}  # a number and s, m, h or d
    on_outcome: Text | None = None
    dnc: bool = True
    amd: Amd | None = None
    machine: Action | None = None
    fax: Action | None = None
    silence: Action | None = None
    not_sure: Action | None = None

    def branch(self, name: Branch) -> Action:
        """What to do by verdict: unwritten, `not_sure` is a human and the rest hang up.

        Telnyx docs: answering-machine-detection.
        """
        written = {
            "human": self.human,
            "machine": self.machine,
            "fax": self.fax,
            "silence": self.silence,
            "not_sure": self.not_sure or self.human,
        }
        return written[name] or Hangup()


class Default(_Strict, frozen=True):
    """What is done with an incoming call that no rule takes, and with any call whose hook fails."""

    then: Action


class Plan(_Strict, frozen=True, kw_only=True):
    """The whole file. `voice` is empty only when nothing is spoken."""

    version: Literal[1]
    timezone: Text
    voice: Text = ""
    language: Text = "en-US"
    schedules: dict[str, Schedule] = {}
    recording: dict[str, RecordingPolicy] = {}
    voicemail: dict[str, Box] = {}
    groups: dict[str, Group] = {}
    limits: Limits = Limits()
    rules: tuple[Rule, ...] = ()
    outbound: dict[str, Outbound] = {}
    default: Default


NAMED_TABLES: dict[str, type[_Strict]] = {
    "schedules": Schedule,
    "recording": RecordingPolicy,
    "voicemail": Box,
    "groups": Group,
    "outbound": Outbound,
}
ACTIONS: tuple[type[_Strict], ...] = (
    *(Reject, Hangup, Answer, Transfer, Ring, Say, Play, Voicemail, LeaveMessage, Hook),
)


class Loaded(msgspec.Struct, frozen=True):
    """A plan as it was read: `hash` is the first 16 hex digits of the SHA-256 of the file's bytes."""

    plan: Plan
    text: str
    hash: str
