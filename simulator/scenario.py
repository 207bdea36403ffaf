"""Scripted people at the other end of a call, and plans of inbound calls (TOML)."""

import tomllib
from typing import Annotated, Any, Literal

import msgspec

EVERYBODY_ELSE = "*"
"""The callee key that stands for every number without a script of its own."""
Seconds = float
Moment = Literal["start", "answer", "speech", "ringing", "bridge", "beep"]
"""In the life of a leg: it begins (a callee's with the answer), is answered, something is spoken or played to it,
it rings for it elsewhere (a transfer, a linked dial), it is bridged, a recording begins with a beep."""
RecordingError = Literal[
    "Failed to authorize with storage using custom credentials",
    "Invalid credentials json",
    "Unsupported backend",
    "Internal server error",
]
"""The reasons of call.recording.error (Telnyx docs: callbacks/call-recording-error)."""


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How whoever is at the far end behaves, caller or callee."""

    presses: list[str] = []
    """The keys pressed at each prompt of a gather, in turn; "" or no entry left presses nothing."""
    press_after: Seconds = 0.1
    """From the end of the prompt to the first key; the next ones follow 50 ms apart."""
    hangs_up_after: Seconds | None = None
    """From `hangs_up_from`, or the last of several such moments, until they put the phone down; null: never."""
    hangs_up_from: Moment = "start"
    stream_fails: bool = False
    """No stream of this leg can be connected; nor can one to a host under .invalid."""
    recording_fails: RecordingError | None = None
    """No recording of this leg can be saved: call.recording.error comes instead."""


class Callee(Person, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename={"as_": "as"}):
    """How a dialled number behaves. Seconds count from the ringing, from the answer for what comes after it."""

    answers_after: Seconds = 0.05
    """Also the moment at which `busy` and `rejects` refuse."""
    as_: Literal["human", "business", "machine", "fax", "silence", "not_sure"] = "human"
    busy: bool = False
    rejects: bool = False
    no_answer: bool = False
    """Rings until the command's own timeout_secs."""
    gives_up_after: Seconds | None = None
    """With `no_answer`: the far network ends the ringing itself (SIP 480), sooner than timeout_secs."""
    verdict_after: Seconds = 0.1
    beep_after: Seconds | None = None
    early_beep: bool = False
    """Premium detection only: the beep comes before any verdict, and no verdict follows it."""
    no_verdict: bool = False
    prompt_ends_after: Seconds | None = None
    """iOS detection only: when a machine's greeting or the phone's own prompt pauses (`prompt_ended`)."""
    screening_tone_after: Seconds | None = None
    """iOS detection only: the phone screens the call, its tone comes now, and `as` tells who answers after it.

    The first verdict is machine, the second comes `verdict_after` seconds after the tone. Any other detection
    takes the phone for a machine.
    """


Habits = Callee | Annotated[list[Callee], msgspec.Meta(min_length=1)]
"""Always the same, or one for each time that the number is dialled; the last one goes on."""


class InboundCall(Person, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename={"from_": "from"}):
    """A call from outside. The caller gives up, or is done, as `hangs_up_after` says."""

    from_: str
    to: str
    attestation: Literal["A", "B", "C", "none"] = "A"
    """SHAKEN/STIR: how the caller's carrier has signed the call; one that is not signed tells nothing of it."""
    tags: list[str] = []
    custom_headers: list[dict[str, str]] = []
    callees: dict[str, Habits] = {}
    """Callees as this call alone meets them. They go before the scripts of all calls, and so does their "*"."""


class PlannedCall(InboundCall, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A call of a scenario, `at` seconds from its start.

    The rest is for whoever plays the scenario, and not read here: what kind of call it is, its share of many
    calls, and what must have come of it.
    """

    at: Seconds = 0.0
    kind: str = ""
    share: int = 1
    expect: dict[str, Any] = {}


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Scripts by number or SIP URI, and the calls to place."""

    callees: dict[str, Habits] = {}
    calls: list[PlannedCall] = []
    requests: list[dict[str, Any]] = []
    """What an application asks of Trunkline: for whoever plays the scenario, and not read here."""


DEFAULT_CALLEE = Callee(hangs_up_after=0.5)


def parse_scenario(text: str) -> Scenario:
    """Raises ValueError (msgspec's and tomllib's errors are ones) naming the key that is wrong."""
    return msgspec.convert(tomllib.loads(text), Scenario)
