"""The stand-in as a process: how it starts and ends, its API and its memory, over real HTTP."""

import base64
import json
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from tests import sim_process
from tests.sim_process import DESK, Receiver, Simulator, code, documented, types

process, sim, receiver = sim_process.process, sim_process.sim, sim_process.receiver


# The process


def test_it_says_where_it_is_in_one_line_and_ends_at_once_on_sigterm():
    simulator = Simulator()
    simulator.ring_in()

    simulator.process.send_signal(signal.SIGTERM)
    rest, _ = simulator.process.communicate(timeout=2)

    simulator.close()
    assert set(simulator.ready) == {"url", "control", "public_key"}
    assert len(base64.b64decode(simulator.ready["public_key"])) == 32
    assert rest == ""
    assert simulator.process.returncode == 0


def test_it_ends_when_its_parents_pipe_closes():
    simulator = Simulator()

    simulator.process.stdin.close()

    assert simulator.process.wait(timeout=5) == 0
    simulator.process.stdout.close()
    simulator.api.close()
    simulator.control.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--host", "0.0.0.0"],
        ["--webhook-url", "http://example.com/"],
        ["--failover-url", "http://127.0.0.1:1/"],
        ["--chaos", "fire"],
        ["--private-key", "short"],
        ["--port", "99999"],
        ["--speed", "nan"],
    ],
)
def test_bad_arguments_end_it_with_one_line(arguments):
    ended = subprocess.run(
        [sys.executable, "-m", "simulator", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )

    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1


def test_a_client_that_leaves_in_the_middle_of_a_request_changes_nothing_and_is_no_trouble():
    argv = [sys.executable, "-m", "simulator"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        ready = json.loads(process.stdout.readline())
        url = httpx.URL(ready["url"])
        with socket.create_connection((url.host, url.port), timeout=5) as connection:
            connection.sendall(b"POST /v2/calls HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
        ledger = httpx.get(f"{ready['control']}/ledger").json()  # answered after the above was looked at

        process.terminate()
        _, told = process.communicate(timeout=5)

    assert ledger == []
    assert told == ""


# The API


def test_a_dial_is_answered_before_anybody_picks_up(sim):
    call = sim.dial(client_state="eA==")

    look = sim.api.get(f"/calls/{call['call_control_id']}").json()["data"]
    assert call["is_alive"] is False
    assert call["record_type"] == "call"
    assert look["is_alive"] is True
    assert look["client_state"] == "eA=="


def test_a_call_that_has_ended_is_no_longer_alive(sim):
    ccid = sim.answered()

    sim.act(ccid, "hangup")

    look = sim.api.get(f"/calls/{ccid}").json()["data"]
    assert look["is_alive"] is False
    assert set(look) == documented("retrieve_call")


@pytest.mark.parametrize(
    ("verb", "refusal"),
    [("speak", (422, "90034")), ("transfer", (422, "10004")), ("levitate", (404, "10005"))],
)
def test_a_refusal_is_told_as_telnyx_tells_it(sim, verb, refusal):
    ccid = sim.ring_in()

    answer = sim.act(ccid, verb, payload="hello", voice="female")

    assert code(answer) == refusal
    assert {"code", "title", "detail"} <= set(answer.json()["errors"][0])


def test_an_ended_and_an_unknown_call_are_told_apart(sim):
    ccid = sim.ring_in()
    sim.act(ccid, "reject", cause="USER_BUSY")

    ended, unknown = sim.act(ccid, "hangup"), sim.act("v3:nobody", "hangup")

    assert code(ended) == (422, "90018")
    assert code(unknown) == (422, "90015")


@pytest.mark.parametrize("header", [{}, {"authorization": "Basic a2V5"}, {"authorization": "Bearer"}])
def test_without_a_token_nothing_is_done(sim, header):
    answer = httpx.post(sim.ready["url"] + "/calls", json={}, headers=header)

    assert code(answer) == (401, "10009")
    assert sim.get("ledger")[0]["effective"] is False


# Command ids


def test_a_repeated_transfer_is_ok_again_and_does_nothing(sim):
    ccid = sim.answered()

    answers = [sim.act(ccid, "transfer", to=DESK, command_id="c1") for _ in range(2)]

    first, second = sim.get("ledger?after=1")
    assert [answer.json() for answer in answers] == [{"data": {"result": "ok"}}] * 2
    assert [first["effective"], second["effective"]] == [True, False]
    assert second["duplicate_of"] == first["seq"]
    assert second["same_bytes_as_first"] is True
    assert len(sim.get("legs")) == 2


def test_a_repeated_dial_tells_of_the_same_call(sim):
    calls = [sim.dial(command_id="d1") for _ in range(2)]

    assert calls[0] == calls[1]
    assert len(sim.get("legs")) == 1
    assert [entry["leg_id"] for entry in sim.get("ledger")] == [calls[0]["call_leg_id"]] * 2


def test_a_forgotten_command_id_dials_twice(sim):
    sim.put("config", {"dedupe_secs": 0})

    calls = [sim.dial(command_id="d1") for _ in range(2)]

    assert calls[0] != calls[1]
    assert [entry["effective"] for entry in sim.get("ledger")] == [True, True]


# Scenarios and adoption


def test_a_scenario_plays_its_calls_to_the_end(sim, receiver):
    started = sim.control.post("/scenario", json={"name": "sales"}).json()

    callers = sim.until("legs", lambda legs: len(legs) == started["calls"])
    for caller in callers:
        sim.act(caller["call_control_id"], "hangup")
    sim.until_idle()

    assert {webhook["delivered"] for webhook in sim.get("webhooks")} == {True}
    assert started["calls"] > 5


def test_a_scenario_that_is_not_there_is_not_found(sim):
    assert sim.control.post("/scenario", json={"name": "nothing"}).status_code == 404


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("callees", {DESK: {"answer_after": 1}}),
        ("faults", {"rules": [{"fault": "fire"}]}),
        ("config", {"webhook_url": "http://example.com/"}),
        ("config", {"dedupe_secs": -1}),
    ],
)
def test_a_control_request_that_cannot_be_used_says_why(sim, what, body):
    answer = sim.control.put(f"/{what}", json=body)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_control_request_that_is_no_text_or_asks_for_no_entry_says_why(sim):
    answers = [sim.control.put("/callees", content=b'{"\xff": {}}'), sim.control.get("/ledger?after=\u00b2")]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert all(answer.json()["error"] for answer in answers)


def test_a_scripted_callee_behaves_as_told(sim, receiver):
    sim.put("callees", {DESK: {"busy": True}, "*": {"as": "machine", "beep_after": 0.2}})

    sim.dial()
    sim.dial("+13125550112", answering_machine_detection="premium")
    events = receiver.wait(lambda events: len(events) == 7)

    told = {event["data"]["event_type"]: event["data"]["payload"] for event in events}
    assert told["call.hangup"]["hangup_cause"] == "user_busy"
    assert told["call.machine.premium.detection.ended"]["result"] == "machine"
    assert told["call.machine.premium.greeting.ended"]["result"] == "beep_detected"


def test_an_adopting_stand_in_takes_commands_for_recorded_calls():
    receiver = Receiver()
    simulator = Simulator("--adopt", "--webhook-url", receiver.url)

    look = simulator.api.get("/calls/v3:recorded").json()["data"]
    answers = [simulator.act("v3:recorded", verb, to=DESK) for verb in ("answer", "transfer")]
    events = receiver.wait(lambda events: "call.bridged" in types(events))
    recording = simulator.api.get("/recordings/11111111-2222-4333-8444-555555555555").json()["data"]
    file = httpx.get(recording["download_urls"]["mp3"])

    ledger = simulator.get("ledger")
    simulator.close()
    receiver.close()
    assert look["is_alive"] is True
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [entry["effective"] for entry in ledger] == [True, True]
    assert "v3:recorded" not in {event["data"]["payload"]["call_control_id"] for event in events}
    assert file.status_code == 200
