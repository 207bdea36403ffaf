"""What goes wrong, decided by seeded dice or by count; the decisions only, app.py and delivery.py act on them."""

import random
from typing import Annotated, Literal, NamedTuple, get_args

import msgspec

CommandFault = Literal["429", "500", "503", "500_after", "503_after", "silence", "reset", "slow"]
"""`_after`, silence, reset and slow come after the command was performed; the others instead of it."""
WebhookFault = Literal["dup", "reorder", "delay", "drop"]

_COMMAND_FAULTS = frozenset(get_args(CommandFault))
_REORDER_S = (0.0, 0.3)
_DELAY_S = (0.3, 1.5)
_SLOW_S = (0.1, 0.4)
_MAX_DUPLICATES = 3


class Rule(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`fault` strikes with this probability, at most `times` times; `on` limits it to a verb or event type."""

    fault: CommandFault | WebhookFault
    on: str | None = None
    probability: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 1.0
    times: Annotated[int, msgspec.Meta(ge=0)] | None = None


class FaultPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules are asked in order: the first command fault that strikes wins, webhook faults add up."""

    rules: list[Rule] = []
    seed: int | None = None


class CommandStrike(NamedTuple):
    fault: CommandFault
    slow_s: float


class WebhookStrike(NamedTuple):
    """`delays_s` has one entry a copy; `drop` throws the first attempt away."""

    delays_s: list[float]
    drop: bool


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
                return CommandStrike(rule.fault, self._dice.uniform(*_SLOW_S))  # type: ignore[arg-type] # filtered
        return None

    def strike_webhook(self, event_type: str) -> WebhookStrike:
        delay_s, duplicates, drop = 0.0, 0, False
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
                case _:
                    drop = True
        later = [delay_s + self._dice.uniform(*_REORDER_S) for _ in range(duplicates)]
        return WebhookStrike([delay_s, *later], drop)

    def _strikes(self, rule: Rule, asked: str) -> bool:
        if rule.on not in (None, asked) or rule.times == 0:
            return False
        if rule.probability < 1.0 and self._dice.random() >= rule.probability:
            return False
        if rule.times is not None:
            rule.times -= 1
        return True
