"""What a dialplan may say, as types; keys of features that are not built yet are refused as unknown.

The same types travel in call records (msgpack), so an action decodes to the action that was stored.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(min_length=1)]
RingSecs = Annotated[int, Meta(ge=5, le=600)]  # Telnyx docs: timeout_secs of dial and transfer
CallerId = Literal["business", "caller"]  # the number that the caller dialled, or the caller's own
Branch = Literal["human", "machine", "fax", "silence", "not_sure"]


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


Action = Reject | Hangup | Answer | Transfer | Ring | Say


class When(_Strict, frozen=True, rename={"from_": "from"}):
    """Every key that is given must hold; the values of one key are any-of."""

    to: Annotated[tuple[Text, ...], Meta(min_length=1)] = ()
    from_: Annotated[tuple[Text, ...], Meta(min_length=1)] = ()
    connection: Annotated[tuple[Text, ...], Meta(min_length=1)] = ()


class Rule(_Strict, frozen=True):
    name: Text
    when: When
    then: Action


class RecordingPolicy(_Strict, frozen=True):
    """How a call is recorded. `start` is the caller's answer or the first bridge; `announce` is spoken before."""

    start: Literal["answer", "bridge"]
    channels: Literal["single", "dual"] = "dual"
    format: Literal["mp3", "wav"] = "mp3"
    announce: str | None = None


class Group(_Strict, frozen=True):
    """Who rings together; the first who answers takes the call."""

    members: Annotated[tuple[Text, ...], Meta(min_length=1)]
    strategy: Literal["simultaneous"] = "simultaneous"
    ring_secs: RingSecs = 20
    accept: Literal["any"] = "any"


class Limits(_Strict, frozen=True):
    """What this deployment may ever dial; an absent limit is no limit of ours."""

    allow: tuple[Text, ...] | None = None
    commands_per_call: Annotated[int, Meta(ge=1)] | None = None


class Amd(_Strict, frozen=True):
    """Answering machine detection; no verdict in time counts as `not_sure`."""

    mode: Literal["premium"]
    decide_within_secs: Annotated[int, Meta(ge=1, le=60)] = 8


class Outbound(_Strict, frozen=True, rename={"from_": "from"}):
    """A profile of calls that are placed by us. Branches are as written; `branch` has the defaults."""

    from_: Text
    human: Action
    connection: Text | None = None
    ring_secs: RingSecs = 30
    amd: Amd | None = None
    machine: Action | None = None
    fax: Action | None = None
    silence: Action | None = None
    not_sure: Action | None = None

    def branch(self, name: Branch) -> Action:
        """What to do by verdict: unwritten, `not_sure` is a human (Telnyx docs: AMD guide), the rest hang up."""
        written = {
            "human": self.human,
            "machine": self.machine,
            "fax": self.fax,
            "silence": self.silence,
            "not_sure": self.not_sure or self.human,
        }
        return written[name] or Hangup()


class Default(_Strict, frozen=True):
    then: Action


class Plan(_Strict, frozen=True, kw_only=True):
    """The whole file. `voice` is empty only when nothing is spoken."""

    version: Literal[1]
    timezone: Text
    voice: Text = ""
    language: Text = "en-US"
    recording: dict[str, RecordingPolicy] = {}
    groups: dict[str, Group] = {}
    limits: Limits = Limits()
    rules: tuple[Rule, ...] = ()
    outbound: dict[str, Outbound] = {}
    default: Default


NAMED_TABLES: dict[str, type[_Strict]] = {"recording": RecordingPolicy, "groups": Group, "outbound": Outbound}
ACTIONS: tuple[type[_Strict], ...] = (Reject, Hangup, Answer, Transfer, Ring, Say)


class Loaded(msgspec.Struct, frozen=True):
    """A plan as it was read: `hash` is the first 16 hex digits of the SHA-256 of the file's bytes."""

    plan: Plan
    text: str
    hash: str
