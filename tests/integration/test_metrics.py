"""GET /metrics: the numbers of the whole fleet, from any web process."""

import base64

import pytest

from tests.signing import OTHER_KEY, signed, webhook_body
from tests.waiting import wait_until

PASSWORD = "open sesame"


def basic(password, user="anyone"):
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def sample(page, name):
    """The value of a line, by what stands before it; None without such a line."""
    found = [line for line in page.splitlines() if line.startswith(f"trunkline_{name} ")]
    return float(found[0].rpartition(" ")[2]) if found else None


@pytest.fixture
def web(redis_url, valkey, start_web):
    return start_web(REDIS_URL=redis_url, CONSOLE_PASSWORD=PASSWORD)


def scraped(web):
    answer = web.http.get("/metrics", headers=basic(PASSWORD))
    assert answer.status_code == 200, answer.text
    return answer.text


def test_only_the_password_opens_it(web):
    for headers in ({}, basic("wrong"), basic(""), {"authorization": "Basic !"}, {"authorization": PASSWORD}):
        answer = web.http.get("/metrics", headers=headers)

        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic ")
    answer = web.http.get("/metrics", headers=basic(PASSWORD, user=""))
    assert (answer.status_code, answer.headers["content-type"]) == (
        200,
        "text/plain; version=0.0.4; charset=utf-8",
    )


def test_without_a_password_there_is_no_such_page(redis_url, valkey, start_web):
    web = start_web(REDIS_URL=redis_url)

    assert web.http.get("/metrics", headers=basic("")).status_code == 404


def test_webhooks_of_all_processes_are_counted_by_type_and_answer(redis_url, web, start_web):
    other = start_web(REDIS_URL=redis_url)
    one, strange = webhook_body("call.answered"), webhook_body("call.invented.yesterday")
    for process in (web, other, other):
        process.http.post("/webhooks/telnyx", content=one, headers=signed(one))
    web.http.post("/webhooks/telnyx", content=strange, headers=signed(strange))
    web.http.post("/webhooks/telnyx", content=one, headers=signed(one, key=OTHER_KEY))
    other.http.post("/webhooks/telnyx", content=b"[]", headers=signed(b"[]"))

    wanted = {
        'webhooks_total{event="call.answered",answer="200"}': 1,
        'webhooks_total{event="call.answered",answer="duplicate"}': 2,
        'webhooks_total{event="other",answer="200"}': 1,
        'webhooks_total{event="none",answer="401"}': 1,
        'webhooks_total{event="none",answer="422"}': 1,
        "webhook_answer_seconds_count": 4,
        'webhook_answer_seconds_bucket{le="+Inf"}': 4,
        'queue_depth{kind="routing"}': 2,
        "events_accepted_total": 2,
        "events_pending": 2,
        "events_duplicate_total": 2,
        "events_quarantined_total": 1,
        "audit_balanced": 1,
        'workers_live{kind="routing"}': 0,
    }
    wait_until(lambda: sample(scraped(web), "webhook_answer_seconds_count") == 4, "all is flushed")
    wait_until(lambda: {name: sample(scraped(web), name) for name in wanted} == wanted, "all is counted")
    assert "invented" not in scraped(web)


def test_what_was_counted_last_is_flushed_when_the_process_stops(redis_url, valkey, web, start_web):
    other = start_web(REDIS_URL=redis_url)
    field = "webhooks_total|call.initiated|200"
    for body in (webhook_body(), webhook_body()):
        other.http.post("/webhooks/telnyx", content=body, headers=signed(body))
        if not valkey.exists("trunkline:metrics"):
            wait_until(lambda: valkey.hget("trunkline:metrics", field) == b"1", "a second has just been flushed")

    other.http.close()  # with a connection open it would wait for longer than a second, and flush as ever

    assert other.stop() == 0

    assert sample(scraped(web), 'webhooks_total{event="call.initiated",answer="200"}') == 2


def test_a_server_that_is_away_costs_the_scrape_and_no_number(own_valkey, start_web):
    web = start_web(REDIS_URL=own_valkey.connection_url, CONSOLE_PASSWORD=PASSWORD)
    body = webhook_body()
    own_valkey.stop()
    refused = web.http.post("/webhooks/telnyx", content=body, headers=signed(body))
    scrape = web.http.get("/metrics", headers=basic(PASSWORD))
    own_valkey.start()

    assert (refused.status_code, scrape.status_code) == (503, 503)
    wait_until(
        lambda: (
            'webhooks_total{event="call.initiated",answer="503"} 1'
            in web.http.get("/metrics", headers=basic(PASSWORD)).text
        ),
        "the refusal is counted, once",
    )
