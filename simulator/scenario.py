"""Scripted people at the other end of a call, and plans of inbound calls (TOML)."""

import tomllib
from typing import Literal

import msgspec

EVERYBODY_ELSE = "*"
"""The callee key that stands for every number without a script of its own."""
Seconds = float
RecordingError = Literal[
    "Failed to authorize with storage using custom credentials",
    "Invalid credentials json",
    "Unsupported backend",
    "Internal server error",
]
"""The reasons of call.recording.error (Telnyx docs: callbacks/call-recording-error)."""


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What goes for whoever is at the far end, caller or callee."""

    presses: list[str] = []
    """The keys pressed at each prompt of a gather, in turn; "" or no entry left presses nothing."""
    press_after: Seconds = 0.1
    """From the end of the prompt to the first key; the next ones follow 50 ms apart."""
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
    hangs_up_after: Seconds | None = None
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


class InboundCall(Person, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename={"from_": "from"}):
    """A call from outside; `hangs_up_after` seconds from its start the caller gives up or is done."""

    from_: str
    to: str
    at: Seconds = 0.0
    hangs_up_after: Seconds | None = None
    tags: list[str] = []
    custom_headers: list[dict[str, str]] = []


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Scripts by number or SIP URI, and the calls to place, each `at` seconds from the start."""

    callees: dict[str, Callee] = {}
    calls: list[InboundCall] = []


DEFAULT_CALLEE = Callee(hangs_up_after=0.5)


def parse_scenario(text: str) -> Scenario:
    """Raises ValueError (msgspec's and tomllib's errors are ones) naming the key that is wrong."""
    return msgspec.convert(tomllib.loads(text), Scenario)
