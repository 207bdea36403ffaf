"""What goes wrong, decided by seeded dice or by count; the decisions only, app.py and delivery.py act on them."""

import random
from typing import Annotated, Literal, NamedTuple, get_args

import msgspec

InsteadFault = Literal["401", "403", "404", "422", "429", "429_reset", "429_bare", "500", "502", "503", "504"]
AfterFault = Literal["500_after", "502_after", "503_after", "504_after", "silence", "reset", "slow"]
HalfFault = Literal["cut_head", "cut_body", "bad_json", "huge"]
CommandFault = InsteadFault | AfterFault | HalfFault
"""Statuses come instead of the command; `_after`, silence, reset, slow and half an answer when it was performed.

A 429 names its wait in Retry-After, `429_reset` in x-ratelimit-reset, `429_bare` nowhere.
"""
WebhookFault = Literal["dup", "reorder", "delay", "drop", "scatter"]
"""`scatter`: one to five copies, each at a time of its own, one in twenty under another event id."""

_COMMAND_FAULTS = frozenset(fault for kind in get_args(CommandFault) for fault in get_args(kind))
_REORDER_S = (0.0, 0.3)
_DELAY_S = (0.3, 1.5)
_SLOW_S = (0.1, 0.4)
_MAX_DUPLICATES = 3
_SCATTER_S = 20.0
_MAX_SCATTERED = 4  # beside the first copy, which always keeps its id
_RENAMED = 0.075  # of the others, on average two copies in three: so of all copies one in twenty
_WAIT_S = 1.0


class Rule(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`fault` strikes with this probability, at most `times` times; `on` limits it to a verb or event type.

    `secs` is the wait that a 429 names (1), or the longest delay of a scattered copy (20).
    """

    fault: CommandFault | WebhookFault
    on: str | None = None
    probability: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 1.0
    times: Annotated[int, msgspec.Meta(ge=0)] | None = None
    secs: Annotated[float, msgspec.Meta(ge=0.0)] | None = None


class FaultPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules are asked in order: the first command fault that strikes wins, webhook faults add up."""

    rules: list[Rule] = []
    seed: int | None = None


class CommandStrike(NamedTuple):
    """`slow_s` is how long a slow answer is held back, `wait_s` the wait that a 429 names."""

    fault: CommandFault
    slow_s: float
    wait_s: float = _WAIT_S


class WebhookStrike(NamedTuple):
    """`delays_s` has one entry for each copy; `drop` throws the first attempt of each away.

    `renamed_s` has one entry for each further copy, under an event id of its own.
    """

    delays_s: list[float]
    drop: bool
    renamed_s: tuple[float, ...] = ()


CHAOS: dict[str, list[Rule]] = {
    "dup": [Rule("dup", probability=0.15)],
    "reorder": [Rule("reorder", probability=0.3)],
    "drop": [Rule("drop", probability=0.05)],
    "5xx": [
        Rule("500", probability=0.03),
        Rule("503", probability=0.03),
        Rule("503_after", probability=0.03),
        Rule("429", probability=0.02),
    ],
    "slow": [Rule("slow", probability=0.1)],
    "silence": [Rule("silence", probability=0.02)],
    "reset": [Rule("reset", probability=0.02)],
}
"""The words of `--chaos`."""


def chaos_plan(words: str, seed: int | None) -> FaultPlan:
    """From `dup,5xx`; raises ValueError naming an unknown word."""
    rules: list[Rule] = []
    for word in filter(None, words.split(",")):
        if word not in CHAOS:
            raise ValueError(f"unknown chaos {word!r}; known: {', '.join(CHAOS)}")
        rules += CHAOS[word]
    return FaultPlan(rules, seed)


class Faults:
    """The same seed and the same questions give the same answers."""

    def __init__(self, plan: FaultPlan) -> None:
        self._dice = random.Random(plan.seed)  # noqa: S311 - repeatable on purpose, nothing secret
        self._rules = [msgspec.structs.replace(rule) for rule in plan.rules]

    def strike_command(self, verb: str) -> CommandStrike | None:
        for rule in self._rules:
            if rule.fault in _COMMAND_FAULTS and self._strikes(rule, verb):
                wait_s = _WAIT_S if rule.secs is None else rule.secs
                return CommandStrike(rule.fault, self._dice.uniform(*_SLOW_S), wait_s)  # type: ignore[arg-type] # filtered
        return None

    def strike_webhook(self, event_type: str) -> WebhookStrike:
        delay_s, duplicates, drop = 0.0, 0, False
        scattered: list[float] = []
        renamed: list[float] = []
        for rule in self._rules:
            if rule.fault in _COMMAND_FAULTS or not self._strikes(rule, event_type):
                continue
            match rule.fault:
                case "dup":
                    duplicates += self._dice.randint(1, _MAX_DUPLICATES)
                case "reorder":
                    delay_s += self._dice.uniform(*_REORDER_S)
                case "delay":
                    delay_s += self._dice.uniform(*_DELAY_S)
                case "scatter":
                    longest_s = _SCATTER_S if rule.secs is None else rule.secs
                    delay_s += self._dice.uniform(0.0, longest_s)
                    for _ in range(self._dice.randint(0, _MAX_SCATTERED)):
                        copies = renamed if self._dice.random() < _RENAMED else scattered
                        copies.append(self._dice.uniform(0.0, longest_s))
                case _:
                    drop = True
        later = [delay_s + self._dice.uniform(*_REORDER_S) for _ in range(duplicates)]
        return WebhookStrike([delay_s, *later, *scattered], drop, tuple(renamed))

    def _strikes(self, rule: Rule, asked: str) -> bool:
        if rule.on not in (None, asked) or rule.times == 0:
            return False
        if rule.probability < 1.0 and self._dice.random() >= rule.probability:
            return False
        if rule.times is not None:
            rule.times -= 1
        return True
