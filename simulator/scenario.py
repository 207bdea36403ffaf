"""Scripted people at the other end of a call, and plans of inbound calls (TOML)."""

import tomllib
from typing import Literal

import msgspec

EVERYBODY_ELSE = "*"
"""The callee key that stands for every number without a script of its own."""


class Callee(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"as_": "as"}):
    """How a dialled number behaves. Seconds count from the ringing, from the answer for what comes after it."""

    answers_after: float = 0.05
    """Also the moment at which `busy` and `rejects` refuse."""
    as_: Literal["human", "business", "machine", "fax", "silence", "not_sure"] = "human"
    busy: bool = False
    rejects: bool = False
    no_answer: bool = False
    """Rings until the command's own timeout_secs."""
    gives_up_after: float | None = None
    """With `no_answer`: the far network ends the ringing itself (SIP 480), sooner than timeout_secs."""
    hangs_up_after: float | None = None
    verdict_after: float = 0.1
    beep_after: float | None = None
    early_beep: bool = False
    """Premium detection only: the beep comes before any verdict, and no verdict follows it."""
    no_verdict: bool = False


class InboundCall(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename={"from_": "from"}
):
    """A call from outside; `hangs_up_after` seconds from its start the caller gives up or is done."""

    from_: str
    to: str
    at: float = 0.0
    hangs_up_after: float | None = None
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
