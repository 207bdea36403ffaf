"""What a process counts, all of it: a closed list of names with closed lists of labels, kept in memory.

To count is to add to a dict. Once a second `shared/flush.py` adds what has come together to the numbers of the
whole fleet in Valkey. A label that is not on its list, such as an event that Telnyx invented since, is `other`.
docs/metrics.md has every name; decision 0012 has the reasons.
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final, get_args

from shared.calls import Verb
from shared.events import PAYLOADS
from shared.queues import KINDS

PREFIX: Final = "trunkline_"
OTHER: Final = "other"
INF: Final = "+Inf"
SUM: Final = "sum"  # in whole microseconds: HINCRBY takes whole numbers only
BUCKETS_S: Final = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 150.0),  # a recording has 150 s
)

BOUNDS: Final = (*(f"{bound:g}" for bound in BUCKETS_S), INF)  # the names of the buckets


class Metric:
    """A name, what it counts (Prometheus: HELP), and its labels with all the values that each can have."""

    def __init__(self, name: str, help_text: str, **labels: tuple[str, ...]) -> None:
        self.name = name
        self.help_text = help_text
        self.labels = labels
        self._allowed = [frozenset(values) for values in labels.values()]

    def _field(self, values: tuple[str, ...], *more: str) -> str:
        """The name of a number in Valkey; `read_field` takes it apart."""
        closed = (v if v in allowed else OTHER for v, allowed in zip(values, self._allowed, strict=True))
        return "|".join((self.name, *closed, *more))


class Counter(Metric):
    """Only ever grows."""

    def __init__(self, name: str, help_text: str, **labels: tuple[str, ...]) -> None:
        super().__init__(name, help_text, **labels)
        self._counts: dict[tuple[str, ...], int] = {}

    def add(self, *values: str, n: int = 1) -> None:
        """`values` of the labels, in their order."""
        self._counts[values] = self._counts.get(values, 0) + n

    def take(self) -> dict[str, int]:
        """What was counted since the last time, by field."""
        counts, self._counts = self._counts, {}
        return summed((self._field(values), n) for values, n in counts.items())


class Histogram(Metric):
    """How long something took, in the buckets of BUCKETS_S."""

    def __init__(self, name: str, help_text: str, **labels: tuple[str, ...]) -> None:
        super().__init__(name, help_text, **labels)
        self._rows: dict[tuple[str, ...], list[int]] = {}

    def observe(self, seconds: float, *values: str) -> None:
        """A negative time, which two clocks that differ may give, counts as none."""
        row = self._rows.get(values)
        if row is None:
            row = self._rows[values] = [0] * (len(BOUNDS) + 1)
        row[bisect_left(BUCKETS_S, seconds)] += 1
        row[-1] += max(0, int(seconds * 1e6))

    def take(self) -> dict[str, int]:
        """As a counter's. A bucket has what is in it alone, without those below it."""
        rows, self._rows = self._rows, {}
        return summed(
            (self._field(values, name), n)
            for values, row in rows.items()
            for name, n in zip((*BOUNDS, SUM), row, strict=True)
            if n
        )


# Every event that Telnyx is known to send and that has a type here; any other one is `other`.
EVENTS: Final = (*PAYLOADS, "none")
# What was answered: a status, or what its 200 was for. `none` is an event that was refused before it was read.
ANSWERS: Final = (
    *("200", "duplicate", "quarantined"),
    *("400", "401", "405", "411", "413", "414", "415", "417", "422", "429", "431", "503"),
)

WEBHOOKS: Final = Counter("webhooks_total", "Webhooks by event type and answer", event=EVENTS, answer=ANSWERS)
REFUSED_EARLY: Final = Counter(
    "requests_refused_total", "Requests refused before their head was whole", answer=("400", "408", "414", "431")
)
WEBHOOK_ANSWER: Final = Histogram("webhook_answer_seconds", "From the last byte of a webhook to its durable 200")
WEBHOOK_TO_COMMAND: Final = Histogram(
    "webhook_to_command_seconds", "From a webhook's receipt to the first byte of a command that it caused"
)
COMMANDS: Final = Counter(
    "commands_total",
    "Commands that were settled, by kind and outcome",
    verb=get_args(Verb),
    outcome=("effective", "failed", "again", "unknown", "void"),
)
RESENDS: Final = Counter("resends_total", "Requests sent again with the same id", why=("silence", "answer"))
TELNYX_ANSWERS: Final = Counter(
    "telnyx_answers_total", "What Telnyx answered to requests", answer=("2xx", "4xx", "429", "5xx", "none")
)
JOBS: Final = Counter(
    "jobs_total",
    "Jobs that were run, by what became of them",
    kind=KINDS,
    verdict=("done", "retry", "back", "park"),
)
JOB_WAIT: Final = Histogram("job_wait_seconds", "How long jobs were queued before they began", kind=KINDS)
JOB_RUN: Final = Histogram("job_run_seconds", "How long jobs ran", kind=KINDS)
SWEPT: Final = Counter(
    "swept_total",
    "Jobs that sweeps found left behind, by what became of them",
    kind=KINDS,
    what=("put_back", "stranded", "lost", "parked"),
)
AMD_VERDICTS: Final = Counter(
    "amd_verdicts_total",
    "Machine detection: verdicts applied to calls",
    result=("human", "human_business", "human_residence", "machine", "fax_detected", "silence", "not_sure"),
)
HOOKS: Final = Counter(
    "hooks_total", "What hooks answered when a call's action was theirs", answer=("action", "none", "failed")
)
RECORDINGS: Final = Counter(
    "recordings_total",
    "Attempts to archive a recording, by what became of them",
    outcome=("archived", "already_archived", "waits", "parked"),
)

METRICS: Final[tuple[Counter | Histogram, ...]] = (
    *(WEBHOOKS, REFUSED_EARLY, WEBHOOK_ANSWER, WEBHOOK_TO_COMMAND, COMMANDS, RESENDS, TELNYX_ANSWERS),
    *(JOBS, JOB_WAIT, JOB_RUN, SWEPT, AMD_VERDICTS, HOOKS, RECORDINGS),
)


def take() -> dict[str, int]:
    """All that this process has counted since the last time, by the fields of the hash in Valkey."""
    return {field: n for metric in METRICS for field, n in metric.take().items()}


def read_field(field: str) -> tuple[str, tuple[str, ...]]:
    """A field's metric and the values of its labels; of a histogram's field, the bucket or `sum` is the last."""
    name, *values = field.split("|")
    return name, tuple(values)


def summed(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The pairs added up by field."""
    total: dict[str, int] = {}
    for field, n in pairs:
        total[field] = total.get(field, 0) + n
    return total
