"""What the numbers of the fleet mean: sums, rates and quantiles of fixed buckets; pure."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from shared.metrics import BOUNDS, BUCKETS_S, read_field, summed

Fields = Mapping[str, int]  # a hash of metrics, as shared/flush.lua adds it up


class Spread(msgspec.Struct, frozen=True):
    """How long something took, in seconds; None where nothing of the kind has happened."""

    count: int
    p50: float | None = None
    p95: float | None = None


class Metrics(msgspec.Struct, frozen=True):
    """Of the last five minutes. Rates are per second."""

    webhooks_per_s: float
    refused: int  # webhooks that were answered neither 200 nor 503
    not_accepted: int  # webhooks that were answered 503
    webhook_to_command: Spread
    webhook_answer: Spread


_BOUNDS: Final = (0.0, *BUCKETS_S)
_TAKEN: Final = frozenset({"200", "duplicate", "quarantined"})


def spread(fields: Fields, name: str, *labels: str) -> Spread:
    """Of one histogram. A quantile lies between the bounds of its bucket, as if that were filled evenly."""
    prefix = "|".join((name, *labels))
    counts = [fields.get(f"{prefix}|{bound}", 0) for bound in BOUNDS]
    return Spread(sum(counts), _quantile(counts, 0.5), _quantile(counts, 0.95))


def metrics_of(fields: Fields, over_s: float) -> Metrics:
    answers: dict[str, int] = {}
    for field, n in fields.items():
        name, values = read_field(field)
        if name == "webhooks_total":
            answers[values[-1]] = answers.get(values[-1], 0) + n
    return Metrics(
        webhooks_per_s=sum(answers.values()) / over_s,
        refused=sum(n for answer, n in answers.items() if answer not in _TAKEN and answer != "503"),
        not_accepted=answers.get("503", 0),
        webhook_to_command=spread(fields, "webhook_to_command_seconds"),
        webhook_answer=spread(fields, "webhook_answer_seconds"),
    )


def added(hashes: Iterable[Fields]) -> dict[str, int]:
    """Several hashes as one."""
    return summed(pair for fields in hashes for pair in fields.items())


def _quantile(counts: list[int], share: float) -> float | None:
    wanted = share * sum(counts)
    if not wanted:
        return None
    below = 0
    for i, count in enumerate(counts[:-1]):
        if below + count >= wanted:
            return _BOUNDS[i] + (_BOUNDS[i + 1] - _BOUNDS[i]) * (wanted - below) / count
        below += count
    return BUCKETS_S[-1]  # beyond the last bound nobody knows more
