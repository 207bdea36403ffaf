"""What is counted: closed lists, what is taken once, the page for Prometheus, and quantiles."""

import re

import pytest

from console.exposition import GAUGES, text
from console.figures import Spread, added, metrics_of, spread
from shared import metrics
from shared.metrics import BUCKETS_S, METRICS, Counter, Histogram


def test_a_label_that_is_not_on_its_list_is_folded_and_nothing_is_lost():
    counter = Counter("calls", "…", kind=("a", "b"))
    for value in ("a", "new", "newer", "b", "a"):
        counter.add(value)

    assert counter.take() == {"calls|a": 2, "calls|b": 1, "calls|other": 2}
    assert counter.take() == {}


def test_a_time_is_counted_in_its_bucket_and_a_negative_one_is_nothing():
    histogram = Histogram("wait", "…", kind=("a",))
    for seconds in (-0.5, 0.001, 0.0011, 7.0, 1000.0):
        histogram.observe(seconds, "a")

    taken = histogram.take()

    assert taken == {
        "wait|a|0.001": 2,
        "wait|a|0.0025": 1,
        "wait|a|10": 1,
        "wait|a|+Inf": 1,
        "wait|a|sum": 1_007_002_100,
    }


def test_what_a_process_has_counted_is_taken_once():
    metrics.take()
    metrics.RESENDS.add("silence")

    assert metrics.take() == {"resends_total|silence": 1}
    assert metrics.take() == {}


def test_names_and_labels_are_what_prometheus_takes():
    names = [metric.name for metric in METRICS] + [gauge.name for gauge in GAUGES]
    labels = {label for metric in METRICS for label in metric.labels} | {x for g in GAUGES for x in g.labels}
    values = {v for metric in METRICS for allowed in metric.labels.values() for v in allowed}

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z_]*", name) for name in (*names, *labels))
    assert not any("|" in value for value in values)
    assert all(c.name.endswith("_total") for c in METRICS if isinstance(c, Counter))


def test_buckets_add_up_from_the_smallest_and_every_name_has_its_help():
    fields = {
        "job_run_seconds|routing|0.01": 3,
        "job_run_seconds|routing|0.05": 1,
        "job_run_seconds|routing|sum": 70_000,
    }

    page = text({**fields, "resends_total|silence": 2, "gone_total|x": 9}, {"calls_live": {(): 4.0}})

    lines = page.splitlines()
    assert 'trunkline_job_run_seconds_bucket{kind="routing",le="0.005"} 0' in lines
    assert 'trunkline_job_run_seconds_bucket{kind="routing",le="0.025"} 3' in lines
    assert 'trunkline_job_run_seconds_bucket{kind="routing",le="+Inf"} 4' in lines
    assert 'trunkline_job_run_seconds_sum{kind="routing"} 0.07' in lines
    assert 'trunkline_job_run_seconds_count{kind="routing"} 4' in lines
    assert 'trunkline_resends_total{why="silence"} 2' in lines
    assert "trunkline_calls_live 4" in lines
    assert "gone" not in page
    assert page.count("# HELP ") == page.count("# TYPE ") == len(METRICS) + len(GAUGES)
    assert page.endswith("\n")


def test_every_row_of_the_closed_lists_is_there_before_anything_was_counted():
    """Prometheus's increase() of a row that begins with 1 is 0: the first 503 would alert nobody."""
    lines = text({"recordings_total|other": 3}, {}).splitlines()

    assert 'trunkline_webhooks_total{event="call.initiated",answer="503"} 0' in lines
    assert 'trunkline_jobs_total{kind="recording",verdict="park"} 0' in lines
    assert 'trunkline_job_run_seconds_bucket{kind="routing",le="+Inf"} 0' in lines
    assert "trunkline_webhook_to_command_seconds_count 0" in lines
    assert 'trunkline_recordings_total{outcome="other"} 3' in lines


def test_a_quantile_lies_within_its_bucket():
    fields = {"job_wait_seconds|routing|0.01": 90, "job_wait_seconds|routing|1": 10}

    found = spread(fields, "job_wait_seconds", "routing")

    assert found.count == 100
    assert found.p50 == pytest.approx(0.005 + 0.005 * 50 / 90)
    assert found.p95 == pytest.approx(0.75)
    assert spread(fields, "job_wait_seconds", "recording") == Spread(0)


def test_what_is_beyond_the_last_bucket_is_told_as_its_bound():
    assert spread({"job_wait_seconds|routing|+Inf": 1}, "job_wait_seconds", "routing").p50 == BUCKETS_S[-1]


def test_rates_and_refusals_are_of_all_webhooks():
    fields = added(
        [
            {"webhooks_total|call.answered|200": 20, "webhooks_total|none|401": 3},
            {"webhooks_total|call.answered|200": 30, "webhooks_total|call.hangup|503": 2},
        ]
    )

    found = metrics_of(fields, over_s=10)

    assert (found.webhooks_per_s, found.refused, found.not_accepted) == (5.5, 3, 2)
