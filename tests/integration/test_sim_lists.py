"""The stand-in's lists over real HTTP, as a client of Telnyx pages through them: calls, the log, recordings."""

import httpx
import pytest

from tests import sim_process
from tests.sim_process import CALLER, OURS, code, documented, first, pages, types

process, sim, receiver = sim_process.process, sim_process.sim, sim_process.receiver


# Active calls


def test_the_active_calls_are_paged_by_cursor(sim):
    dialled = [sim.dial(client_state="eA==")["call_control_id"] for _ in range(5)]
    sim.ring_in()

    seen, path = [], "/connections/29/active_calls?page[limit]=2"
    while path:
        page = sim.api.get(sim.ready["url"].removesuffix("/v2") + path if seen else path).json()
        seen += page["data"]
        path = page["meta"]["next"]

    assert [call["call_control_id"] for call in seen] == dialled
    assert {call["client_state"] for call in seen} == {"eA=="}
    assert {*seen[0]} == documented("list_active_calls")
    assert page["meta"]["total_items"] == 5


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("page[limit]=0", (422, "10033")),
        ("page[limit]=251", (422, "10033")),
        ("page[number]=x", (422, "10015")),
        ("page[after]=%21", (422, "10015")),
    ],
)
def test_a_page_that_there_cannot_be_is_refused_with_its_parameter(sim, query, refusal):
    answer = sim.api.get(f"/connections/29/active_calls?{query}")

    assert code(answer) == refusal
    assert answer.json()["errors"][0]["source"] == {"parameter": query.partition("=")[0]}


def test_the_active_calls_are_paged_by_number_too(sim):
    for _ in range(3):
        sim.dial()

    answers = [
        sim.api.get(f"/connections/29/active_calls?page[size]=2&page[number]={n}").json() for n in (1, 2, 3)
    ]

    assert [len(page["data"]) for page in answers] == [2, 1, 0]
    assert [page["meta"]["page_number"] for page in answers] == [1, 2, 3]
    assert {page["meta"]["total_pages"] for page in answers} == {2}


# The log of commands and webhooks


def test_the_log_tells_every_command_and_webhook_of_a_call(sim, receiver):
    ccid = sim.answered()
    sim.act(ccid, "speak", payload="hello")
    sim.act(ccid, "hangup", client_state="eA==")
    receiver.wait(lambda events: "call.hangup" in types(events))
    sim.until_idle()
    leg = sim.get("legs")[0]

    rows = sim.api.get("/call_events", params={"filter[leg_id]": leg["call_leg_id"]}).json()["data"]

    assert [(row["type"], row["name"]) for row in rows] == [
        ("webhook", "call.initiated"),
        ("command", "answer"),
        ("webhook", "call.answered"),
        ("command", "speak"),
        ("command", "hangup"),
        ("webhook", "call.hangup"),
    ]
    assert {row["call_session_id"] for row in rows} == {leg["call_session_id"]}
    assert rows[3]["metadata"]["status"] == 422
    assert rows[4]["metadata"]["command"] == {"client_state": "eA=="}
    hangup = first(receiver.events(), "call.hangup")
    assert rows[5]["metadata"]["event"] == hangup
    assert rows[5]["event_timestamp"] == hangup["occurred_at"]


def test_the_log_tells_what_failed(sim):
    receiver = sim_process.failing(sim, 400)
    ccid = sim.ring_in()
    sim.act(ccid, "speak", payload="hello", voice="female")
    sim.until("webhooks", lambda webhooks: webhooks[0]["statuses"] == [400])

    failed = sim.api.get("/call_events", params={"filter[failed]": "true"}).json()["data"]

    receiver.close()
    assert [(row["type"], row["name"]) for row in failed] == [
        ("webhook", "call.initiated"),
        ("command", "speak"),
    ]


def test_the_log_is_paged_by_number(sim):
    for _ in range(5):
        sim.dial()
    sim.until_idle()

    seen = pages(sim, "/call_events", **{"page[size]": 4, "filter[name]": "call.initiated"})

    assert [len(page) for page in seen] == [4, 1]
    assert len({row["call_leg_id"] for page in seen for row in page}) == 5


def test_only_one_operator_of_a_time_may_be_asked_for(sim):
    query = {"filter[occurred_at][gt]": "2026-11-20T00:00:00Z", "filter[occurred_at][lt]": "2026-11-21T00:00:00Z"}

    answer = sim.api.get("/call_events", params=query)

    assert code(answer) == (422, "10015")
    assert answer.json()["errors"][0]["source"]["parameter"] in query


# Recordings


def test_recordings_are_listed_fetched_and_deleted(sim):
    ids = []
    for _ in range(3):
        ccid = sim.answered()
        sim.act(ccid, "record_start", format="mp3", channels="dual")
        sim.act(ccid, "hangup")
        ids.append(sim.api.get("/recordings").json()["data"][0]["id"])

    seen = pages(sim, "/recordings", **{"page[size]": 2, "filter[from]": CALLER, "filter[to]": OURS})
    fetched = httpx.get(seen[0][0]["download_urls"]["mp3"])
    one = sim.api.delete(f"/recordings/{ids[0]}")
    several = sim.api.post("/recordings/actions/delete", json={"ids": ids[1:]})

    assert [[one["id"] for one in page] for page in seen] == [[ids[2], ids[1]], [ids[0]]]
    assert fetched.status_code == 200
    assert (one.status_code, one.json()["data"]["id"]) == (200, ids[0])
    assert (several.status_code, several.content) == (204, b"")
    assert sim.api.get("/recordings").json()["data"] == []
    assert httpx.get(seen[0][0]["download_urls"]["mp3"]).status_code == 403
    assert code(sim.api.delete(f"/recordings/{ids[0]}")) == (404, "10005")
