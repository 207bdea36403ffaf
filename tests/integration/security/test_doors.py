"""What the web process answers at all, and what it does not do before it has seen a good signature."""

import pytest

from tests.signing import OTHER_KEY, signed, webhook_body

UNSIGNED = [
    pytest.param(b'{"canary', id="no JSON"),
    pytest.param(b"[" * 100_000, id="nested without end"),
    pytest.param(b"\xff\xfe", id="not UTF-8"),
    pytest.param(webhook_body(caller_id_name="canary"), id="an event"),
    pytest.param(b'{"data": {"id": "canary\\n", "event_type": 1, "payload": null}}', id="of a wrong shape"),
]
NOT_THERE = [
    *("/", "/console", "/console/", "/console/calls", "/metrics", "/docs", "/redoc", "/openapi.json", "/admin"),
    *("/rq", "/debug", "/static/x", "/.env", "/dialplan", "/favicon.ico", "/webhooks", "/webhooks/telnyx/x"),
]


# Of the scripts that look for a duplicate, store an event, or keep one in quarantine.
OF_THE_WEBHOOK_PATH = {"type", "hexists", "hset", "rpush", "lpush", "zadd", "sadd"}


def asked(valkey):
    """The commands that the server has had, those of scripts too."""
    return {name.removeprefix("cmdstat_") for name in valkey.info("commandstats")}


@pytest.fixture
def quiet(own_valkey, client_of, start_web):
    """A web process, and a client of its server, which nobody else uses."""
    web = start_web(REDIS_URL=own_valkey.connection_url, LOG_LEVEL="DEBUG")
    return web, client_of(own_valkey)


def test_nothing_is_parsed_stored_or_logged_of_what_telnyx_did_not_sign(quiet):
    """Each is 401, whatever else is wrong with it, so it was not decoded; and Redis was not asked about it."""
    web, valkey = quiet
    bodies = [param.values[0] for param in UNSIGNED]
    before = web.output

    answers = [
        web.http.post("/webhooks/telnyx", content=body, headers=signed(body, key=OTHER_KEY)) for body in bodies * 4
    ]

    assert {(answer.status_code, answer.content) for answer in answers} == {(401, b"")}
    assert asked(valkey) & OF_THE_WEBHOOK_PATH == set()
    assert "canary" not in web.output.removeprefix(before)
    good = webhook_body()
    assert web.http.post("/webhooks/telnyx", content=good, headers=signed(good)).status_code == 200
    assert asked(valkey) & OF_THE_WEBHOOK_PATH == OF_THE_WEBHOOK_PATH - {"lpush"}


@pytest.mark.parametrize("path", NOT_THERE)
def test_nothing_but_the_four_routes_is_there_without_a_password(web, path):
    assert web.http.get(path).status_code == 404


def test_the_routes_that_are_there(web):
    statuses = [web.http.get(path).status_code for path in ("/health", "/ready", "/calls", "/webhooks/telnyx")]

    assert statuses == [200, 200, 405, 405]
