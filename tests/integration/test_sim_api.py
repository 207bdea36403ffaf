"""The stand-in's applications and its richer commands over real HTTP."""

import httpx
import pytest

from tests import sim_process
from tests.sim_process import DESK, code, first, pages, types

process, sim, receiver = sim_process.process, sim_process.sim, sim_process.receiver

WANTED = {"application_name": "Lake Clinic", "webhook_event_url": "https://voice.example.com/webhooks/telnyx"}


# Applications


def test_an_application_lives_from_its_creation_to_its_deletion(sim):
    created = sim.api.post("/call_control_applications", json=WANTED)
    path = f"/call_control_applications/{created.json()['data']['id']}"

    changed = sim.api.patch(path, json=WANTED | {"webhook_api_version": "2"})
    shown = sim.api.get(path)
    deleted = sim.api.delete(path)
    gone = sim.api.get(path)

    assert [answer.status_code for answer in (created, changed, shown, deleted, gone)] == [201, 200, 200, 200, 404]
    assert shown.json() == changed.json() == deleted.json()
    assert shown.json()["data"]["webhook_api_version"] == "2"
    assert code(gone) == (404, "10005")


def test_a_change_without_a_webhook_address_is_refused(sim):
    created = sim.api.post("/call_control_applications", json=WANTED).json()["data"]

    answer = sim.api.patch(f"/call_control_applications/{created['id']}", json={"application_name": "New"})

    assert code(answer) == (422, "10004")
    assert answer.json()["errors"][0]["source"] == {"pointer": "/webhook_event_url"}


def test_applications_are_paged_by_number_to_an_empty_page(sim):
    for n in range(5):
        sim.api.post("/call_control_applications", json=WANTED | {"application_name": f"number {n}"})

    seen = pages(sim, "/call_control_applications", **{"page[size]": 2, "sort": "created_at"})

    assert [[one["application_name"] for one in page] for page in seen] == [
        ["number 0", "number 1"],
        ["number 2", "number 3"],
        ["number 4"],
    ]


def test_a_reset_forgets_the_applications(sim):
    sim.api.post("/call_control_applications", json=WANTED)

    sim.control.post("/reset")

    assert sim.api.get("/call_control_applications").json()["meta"]["total_results"] == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/call_control_applications"),
        ("POST", "/call_control_applications"),
        ("DELETE", "/call_control_applications/1"),
        ("GET", "/call_events"),
        ("GET", "/recordings"),
        ("DELETE", "/recordings/1"),
    ],
)
def test_nothing_is_told_without_a_token(sim, method, path):
    answer = httpx.request(method, sim.ready["url"] + path)

    assert code(answer) == (401, "10009")


# Dials


def test_several_destinations_are_one_call_in_the_answer(sim, receiver):
    sim.put("callees", {DESK: {"no_answer": True}, "+13125550112": {"answers_after": 0.05}})

    call = sim.dial([DESK, "+13125550112"])
    events = receiver.wait(lambda events: "call.answered" in types(events))

    assert sorted(types(events)) == ["call.answered", "call.initiated"]
    assert first(events, "call.answered")["payload"]["to"] == "+13125550112"
    assert {event["data"]["payload"]["call_control_id"] for event in events} == {call["call_control_id"]}


def test_a_linked_dial_is_bridged_by_the_stand_in_itself(sim, receiver):
    sim.put("callees", {DESK: {}})
    caller = sim.answered()

    sim.dial(link_to=caller, bridge_on_answer=True)
    events = receiver.wait(lambda events: types(events).count("call.bridged") == 2)

    assert len({event["data"]["payload"]["call_session_id"] for event in events}) == 1


def test_keys_may_be_pressed_by_the_test(sim, receiver):
    ccid = sim.answered()
    sim.act(ccid, "gather_using_speak", payload="Press one.", voice="female", maximum_digits=2)

    answer = sim.control.post(f"/legs/{ccid}/press", json={"digits": "1#"})
    events = receiver.wait(lambda events: "call.gather.ended" in types(events))

    assert answer.status_code == 200
    assert first(events, "call.gather.ended")["payload"]["digits"] == "1"
    assert sim.control.post(f"/legs/{ccid}/press", json={"digits": "w"}).status_code == 400


def test_client_state_is_updated_by_put_alone(sim):
    ccid = sim.answered()
    path, body = f"/calls/{ccid}/actions/client_state_update", {"client_state": "eA=="}

    assert sim.api.post(path, json=body).status_code == 404
    assert sim.api.put(path, json=body).json() == {"data": {"result": "ok"}}
    assert sim.api.put(f"/calls/{ccid}/actions/hangup", json={}).status_code == 404
    assert sim.api.get(f"/calls/{ccid}").json()["data"]["client_state"] == "eA=="
