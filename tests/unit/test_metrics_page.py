"""docs/metrics.md, the dashboard and the alerts name what there is, and nothing else."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from console.exposition import GAUGES
from shared.metrics import METRICS, OTHER, PREFIX, Counter
from tests.processes import ROOT

DOCS = ROOT / "docs"
MONITORING = DOCS / "monitoring"
SUFFIXES = ("_bucket", "_sum", "_count")


def rows():
    """The lines of the table, as the code has them."""
    for metric in METRICS:
        kind = "counter" if isinstance(metric, Counter) else "histogram"
        yield row(metric.name, kind, metric.labels, metric.help_text)
    for gauge in GAUGES:
        yield row(gauge.name, gauge.type, gauge.labels, gauge.help_text)


def row(name, kind, labels, told):
    return f"| `{PREFIX}{name}` | {kind} | {', '.join(f'`{label}`' for label in labels)} | {told} |"


def names_in(text):
    found = re.findall(rf"{PREFIX}[a-z_]+", text)
    return {name.removesuffix(next((s for s in SUFFIXES if name.endswith(s)), "")) for name in found}


def known():
    return {PREFIX + one.name for one in (*METRICS, *GAUGES)}


def test_the_page_has_every_name_with_its_kind_labels_and_meaning():
    page = (DOCS / "metrics.md").read_text(encoding="utf-8")

    told = [line for line in page.splitlines() if line.startswith(f"| `{PREFIX}")]

    assert told == list(rows())


def test_the_page_has_every_value_of_a_label_but_the_names_of_others():
    page = (DOCS / "metrics.md").read_text(encoding="utf-8")
    values = {
        value
        for metric in METRICS
        for label, allowed in metric.labels.items()
        if label not in {"event", "verb", "kind"}  # Telnyx's names, our commands, our queues
        for value in allowed
    }

    assert {value for value in (*values, OTHER) if f"`{value}`" not in page} == set()


def test_the_dashboard_asks_for_what_there_is():
    text = (MONITORING / "dashboard.json").read_text(encoding="utf-8")

    asked = [target["expr"] for panel in json.loads(text)["panels"] for target in panel["targets"]]

    assert names_in(" ".join(asked)) <= known()
    assert all(expr.count("(") == expr.count(")") for expr in asked)


def alerts():
    (group,) = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return group["rules"]


def test_the_alerts_ask_for_what_there_is_and_say_what_to_do():
    rules = alerts()

    assert names_in(" ".join(rule["expr"] for rule in rules)) <= known()
    assert all(rule["annotations"].keys() == {"summary", "do"} for rule in rules)
    assert all(rule["labels"]["severity"] in {"page", "ticket"} for rule in rules)


def test_each_alert_is_made_to_fire_by_series_that_there_are():
    made_up = (MONITORING / "alerts.test.yml").read_text(encoding="utf-8")

    assert set(re.findall(r"alertname=\"(\w+)\"", made_up)) == {rule["alert"] for rule in alerts()}
    assert names_in(made_up) <= known()


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no Prometheus here")
def test_prometheus_alerts_when_it_should_and_not_else():
    done = subprocess.run(
        ["promtool", "test", "rules", MONITORING / "alerts.test.yml"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stdout + done.stderr
