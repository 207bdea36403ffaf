"""docs/routes.md has every route, every answer that the tests get from it, and the limits of the code."""

import ast
import re
from http import HTTPStatus

import pytest

from ingress import __main__ as main
from ingress import app, guard, http_protocol, place_call, signature
from ingress.bad_signatures import LIMIT, WINDOW_S
from ingress.durable import DEADLINE_S
from shared import dialplan
from shared.events import WEBHOOK_PATH
from shared.settings import Settings
from tests.integration.hostile.table import table
from tests.processes import ROOT

PAGE = (ROOT / "docs" / "routes.md").read_text(encoding="utf-8")
SECTIONS = {section.splitlines()[0]: section for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)}
WEBHOOKS, CALLS = SECTIONS["POST /webhooks/telnyx"], SECTIONS["POST /calls"]
STATUS = re.compile(r"^\| (\d{3}) \|", re.MULTILINE)


def told(section):
    return set(map(int, STATUS.findall(section)))


def test_every_answer_to_a_webhook_in_the_table_of_hostile_inputs_is_told_and_no_other():
    answered = {status for case in table() for status in case.answers if 200 <= status < 600}

    assert told(WEBHOOKS) == answered


def test_every_answer_to_a_call_that_is_tested_is_told_and_no_other():
    source = ast.parse((ROOT / "tests" / "integration" / "test_ingress_calls.py").read_bytes())
    numbers = {
        node.value for node in ast.walk(source) if isinstance(node, ast.Constant) if type(node.value) is int
    }
    of_an_outage = {503}  # tests/integration/test_ingress_outage.py

    tested = numbers & set(HTTPStatus)

    assert told(CALLS) == tested | of_an_outage


def test_every_route_is_told():
    env = {"REDIS_URL": "redis://127.0.0.1:1", "TELNYX_PUBLIC_KEY": "A" * 43 + "=", "TRUNKLINE_API_TOKEN": "t"}
    settings = Settings.for_ingress(env | {"CONSOLE_PASSWORD": "p"})
    loaded = dialplan.load(ROOT / "dialplan.toml")
    border = app.build_app(settings, loaded, lambda client: main._pages(settings, loaded.plan, client))

    paths = {route.path.rstrip("/") for route in border._others.routes} | {WEBHOOK_PATH}

    told = re.findall(r"^\| `[A-Z]+ (/[^`]*)` \|", PAGE, re.MULTILINE)
    paths = {re.sub(r"\{\w+\}", "ID", path) for path in paths}
    assert paths == {path.rstrip("/") for path in told}


@pytest.mark.parametrize(
    ("section", "said", "value"),
    [
        (WEBHOOKS, r"over (\d+) KiB or", guard.MAX_HEADER_BYTES / 1024),
        (WEBHOOKS, r"over (\d+) headers", guard.MAX_HEADERS),
        (WEBHOOKS, r"URL over (\d+) KiB", guard.MAX_URL_BYTES / 1024),
        (WEBHOOKS, r"body over (\d+) KiB", guard.MAX_WEBHOOK_BYTES / 1024),
        (WEBHOOKS, r"not complete after (\d+) s", http_protocol.READ_DEADLINE_S),
        (WEBHOOKS, r"over (\d+) s away", signature.TOLERANCE_S),
        (WEBHOOKS, r"beyond (\d+) within", LIMIT),
        (WEBHOOKS, r"within (\d+) s from one peer", WINDOW_S),
        (WEBHOOKS, r"accepted within (\d+) s", DEADLINE_S),
        (CALLS, r"body over (\d+) KiB", place_call.MAX_BYTES / 1024),
    ],
)
def test_every_limit_is_the_one_of_the_code(section, said, value):
    [found] = re.findall(said, section)

    assert float(found) == value
