"""The Prometheus text format 0.0.4 of what the fleet has counted and of how it stands now; pure.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Final, NamedTuple

from console.figures import Fields
from shared.metrics import BOUNDS, METRICS, PREFIX, SUM, Counter, Histogram, read_field

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Gauge(NamedTuple):
    """Read at each scrape. `type` is `counter` for what Valkey itself adds up, and `gauge` for the rest."""

    name: str
    help_text: str
    labels: tuple[str, ...] = ()
    type: str = "gauge"


# name -> how it is told; console/scrape.py has what each is read from
GAUGES: Final[tuple[Gauge, ...]] = (
    Gauge("queue_depth", "Jobs that wait in a queue", ("kind",)),
    Gauge("queue_oldest_seconds", "How long the head of a queue has waited", ("kind",)),
    Gauge("jobs_in_flight", "Jobs that run now", ("kind",)),
    Gauge("jobs_scheduled", "Timers and retries that are not due", ("kind",)),
    Gauge("calls_sending", "Calls with commands on their way to Telnyx", ("kind",)),
    Gauge("dead_letters", "Jobs that the workers have given up", ("kind",)),
    Gauge("dead_letters_broken", "Ids that were given up and have no job"),
    Gauge("workers_live", "Workers that beat within 5 s", ("kind",)),
    Gauge("calls_live", "Calls with a leg that is up"),
    Gauge("events_accepted_total", "Events that were accepted, each once", type="counter"),
    Gauge("events_applied_total", "Accepted events that were applied to their call", type="counter"),
    Gauge("events_duplicate_total", "Deliveries of events that had been accepted before", type="counter"),
    Gauge("events_quarantined_total", "Signed events that were not ours or not readable", type="counter"),
    Gauge("events_parked", "Accepted events that are dead letters, or were discarded as such"),
    Gauge("events_pending", "Accepted events that are neither applied nor parked"),
    Gauge("audit_balanced", "1 when accepted = applied + parked + pending"),
    Gauge("reconcile_findings_total", "What reconciling has found and mended, or told of", ("what",), "counter"),
    Gauge("reconcile_unknown_legs", "Legs that are up at Telnyx and that nothing here knows"),
    Gauge("reconcile_timestamp_seconds", "When reconciling last ended, in Unix seconds; 0 for never"),
)

Values = Mapping[str, Mapping[tuple[str, ...], float]]  # gauge -> values of its labels -> number


def text(fields: Fields, values: Values) -> str:
    """The whole page: every name has its help and type, also where nothing was counted yet."""
    by_metric: dict[str, dict[tuple[str, ...], int]] = {}
    for field, n in fields.items():
        name, labels = read_field(field)
        by_metric.setdefault(name, {})[labels] = n
    lines: list[str] = []
    for metric in METRICS:
        lines += _head(metric.name, metric.help_text, "counter" if isinstance(metric, Counter) else "histogram")
        lines += _lines(metric, by_metric.get(metric.name, {}))
    for gauge in GAUGES:
        lines += _head(gauge.name, gauge.help_text, gauge.type)
        for labels, value in sorted(values.get(gauge.name, {}).items()):
            lines.append(_sample(gauge.name, zip(gauge.labels, labels, strict=True), value))
    return "\n".join(lines) + "\n"


def _lines(metric: Counter | Histogram, rows: Mapping[tuple[str, ...], int]) -> Iterator[str]:
    """Every row of the closed lists, with 0 where nothing was counted: Prometheus sees an increase only from a
    number that it has seen, so of a row that began with the first 503 it would see none. Rows of another version,
    with other labels, are left out.
    """
    every = set(product(*metric.labels.values()))
    if isinstance(metric, Counter):
        for values in sorted(every | {row for row in rows if len(row) == len(metric.labels)}):
            yield _sample(metric.name, zip(metric.labels, values, strict=True), rows.get(values, 0))
        return
    for values in sorted(every | {row[:-1] for row in rows if len(row) == len(metric.labels) + 1}):
        labels = tuple(zip(metric.labels, values, strict=True))
        count = 0
        for bound in BOUNDS:
            count += rows.get((*values, bound), 0)
            yield _sample(f"{metric.name}_bucket", (*labels, ("le", bound)), count)
        yield _sample(f"{metric.name}_sum", labels, rows.get((*values, SUM), 0) / 1e6)
        yield _sample(f"{metric.name}_count", labels, count)


def _head(name: str, help_text: str, kind: str) -> tuple[str, str]:
    return f"# HELP {PREFIX}{name} {help_text}", f"# TYPE {PREFIX}{name} {kind}"


def _sample(name: str, labels: Iterable[tuple[str, str]], value: float) -> str:
    told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
    return f"{PREFIX}{name}{{{told}}} {_number(value)}" if told else f"{PREFIX}{name} {_number(value)}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(round(value, 6))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
