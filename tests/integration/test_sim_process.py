"""The stand-in as a process: its API, webhooks and faults over real HTTP."""

import base64
import io
import json
import signal
import subprocess
import sys
import threading
import time
import wave
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from nacl.signing import VerifyKey

DESK, OURS, CALLER = "+13125550111", "+13125550300", "+12025550142"
DEADLINE_S = 8.0


class Receiver:
    """A webhook receiver that answers with the statuses it is given, in turn, and then with 200."""

    def __init__(self, *statuses):
        self.seen = []
        self._statuses = iter(statuses)
        self._news = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/telnyx"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _handler(self):
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status = receiver._note(self.headers, body)
                if status == 0:  # say nothing until the sender has gone
                    self.connection.recv(1)
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler

    def _note(self, headers, body):
        with self._news:
            self.seen.append((headers, body))
            self._news.notify_all()
            return next(self._statuses, 200)

    def wait(self, enough):
        """All envelopes so far, once `enough` of them holds."""
        with self._news:
            assert self._news.wait_for(lambda: enough(self.events()), DEADLINE_S), self.events()
            return self.events()

    def events(self):
        return [json.loads(body) for _, body in self.seen]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Simulator:
    """A running stand-in; `api` speaks as a client of Telnyx, `control` as the test."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulator", "--die-with-parent", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.ready = json.loads(self.process.stdout.readline())
        token = {"authorization": "Bearer key"}
        self.api = httpx.Client(base_url=self.ready["url"], headers=token, timeout=5)
        self.control = httpx.Client(base_url=self.ready["control"], timeout=5)

    def dial(self, to=DESK, **body):
        answer = self.api.post("/calls", json={"connection_id": "29", "from": OURS, "to": to, **body})
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def ring_in(self, **call):
        ids = self.control.post("/calls", json={"from": CALLER, "to": OURS, **call}).json()
        return ids["call_control_id"]

    def act(self, ccid, verb, **body):
        return self.api.post(f"/calls/{ccid}/actions/{verb}", json=body)

    def answered(self):
        ccid = self.ring_in()
        assert self.act(ccid, "answer").json() == {"data": {"result": "ok"}}
        return ccid

    def put(self, what, value):
        answer = self.control.put(f"/{what}", json=value)
        assert answer.status_code == 200, answer.text

    def get(self, what):
        return self.control.get(f"/{what}").json()

    def until(self, what, holds):
        """The control API's view of `what`, once it holds."""
        deadline = time.monotonic() + DEADLINE_S
        while not holds(view := self.get(what)):
            assert time.monotonic() < deadline, view
        return view

    def until_idle(self):
        self.until("idle", lambda view: view["idle"])

    def close(self):
        self.api.close()
        self.control.close()
        self.process.terminate()
        self.process.communicate(timeout=5)


@pytest.fixture(scope="module")
def process():
    simulator = Simulator()
    yield simulator
    simulator.close()


@pytest.fixture
def sim(process):
    """As started: the calls, faults and settings of the test before are gone."""
    process.control.post("/reset")
    return process


@pytest.fixture
def receiver(sim):
    receiver = Receiver()
    sim.put("config", {"webhook_url": receiver.url})
    yield receiver
    receiver.close()


def failing(sim, *statuses):
    receiver = Receiver(*statuses)
    sim.put("config", {"webhook_url": receiver.url})
    return receiver


def types(events):
    return [event["data"]["event_type"] for event in events]


def code(answer):
    return answer.status_code, answer.json()["errors"][0]["code"]


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

    assert sim.api.get(f"/calls/{ccid}").json()["data"]["is_alive"] is False


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
    assert page["meta"]["total_items"] == 5


def test_the_active_calls_are_paged_by_number_too(sim):
    for _ in range(3):
        sim.dial()

    pages = [sim.api.get(f"/connections/29/active_calls?page[size]=2&page[number]={n}").json() for n in (1, 2, 3)]

    assert [len(page["data"]) for page in pages] == [2, 1, 0]


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


# Webhooks


def test_webhooks_are_signed_over_the_bytes_that_arrive(sim, receiver):
    sim.dial(client_state="eA==")
    events = receiver.wait(lambda events: "call.hangup" in types(events))

    key = VerifyKey(base64.b64decode(sim.ready["public_key"]))
    for headers, body in receiver.seen:
        stamp = headers["telnyx-timestamp"]
        key.verify(stamp.encode() + b"|" + body, base64.b64decode(headers["telnyx-signature-ed25519"]))
        assert abs(int(stamp) - time.time()) < 5
        assert headers["content-type"] == "application/json"
        assert headers["user-agent"] == "telnyx-webhooks"
    assert types(events) == ["call.initiated", "call.answered", "call.hangup"]
    assert events[0]["meta"] == {"attempt": 1, "delivered_to": receiver.url}
    assert events[0]["data"]["record_type"] == "event"
    assert {event["data"]["payload"]["client_state"] for event in events} == {"eA=="}


def test_the_public_key_can_be_asked_for(sim):
    answer = sim.api.get("/public_key").json()

    assert answer["data"] == {"public": sim.ready["public_key"], "record_type": "public_key"}


def test_a_transfer_is_told_leg_by_leg(sim, receiver):
    ccid = sim.answered()

    sim.act(ccid, "transfer", to=DESK, target_leg_client_state="dA==")
    events = receiver.wait(lambda events: types(events).count("call.hangup") == 2)

    of_caller = [event for event in events if event["data"]["payload"]["call_control_id"] == ccid]
    of_target = [event for event in events if event not in of_caller]
    story = {"call.initiated", "call.answered", "call.bridged", "call.hangup"}
    assert set(types(of_caller)) == set(types(of_target)) == story
    assert {event["data"]["payload"]["client_state"] for event in of_target} == {"dA=="}


@pytest.mark.parametrize(("status", "attempts"), [(503, 2), (429, 2), (400, 1), (401, 1)])
def test_a_refused_webhook_comes_again_only_after_a_passing_failure(sim, status, attempts):
    receiver = failing(sim, status)
    ccid = sim.ring_in()

    sim.until("idle", lambda view: view["webhooks_pending"] == 0)

    events = receiver.events()
    receiver.close()
    (noted,) = sim.get("webhooks")
    assert [event["meta"]["attempt"] for event in events] == list(range(1, attempts + 1))
    assert {json.dumps(event["data"]) for event in events} == {json.dumps(events[0]["data"])}
    assert noted["statuses"] == [status, 200][:attempts]
    assert noted["delivered"] is (attempts == 2)
    assert noted["call_control_id"] == ccid


def test_a_receiver_that_says_nothing_for_two_seconds_is_asked_again(sim):
    receiver = failing(sim, 0)
    sim.ring_in()

    receiver.wait(lambda events: len(events) == 2)

    receiver.close()
    (noted,) = sim.until("webhooks", lambda view: view[0]["delivered"])
    assert noted["statuses"] == [None, 200]
    assert 2.0 <= noted["acked_at"] - noted["first_sent_at"] < 4.0


def test_after_two_failures_the_failover_receiver_is_tried():
    primary, failover = Receiver(503, 503), Receiver()
    urls = ["--webhook-url", primary.url, "--failover-url", failover.url]
    simulator = Simulator(*urls, "--speed", "20")

    simulator.ring_in()
    events = failover.wait(len)

    for one in (simulator, primary, failover):
        one.close()
    assert events[0]["meta"] == {"attempt": 3, "delivered_to": failover.url}


@pytest.mark.parametrize(("fault", "attempts"), [("dup", {1}), ("drop", {2}), ("reorder", {1}), ("delay", {1})])
def test_webhook_faults_delay_repeat_or_lose_but_every_event_arrives(sim, receiver, fault, attempts):
    sim.put("faults", {"rules": [{"fault": fault, "times": 1}], "seed": 7})
    ccid = sim.ring_in()

    sim.until("idle", lambda view: view["webhooks_pending"] == 0)

    (noted,) = sim.get("webhooks")
    events = receiver.events()
    assert {event["data"]["id"] for event in events} == {noted["id"]}
    assert {event["meta"]["attempt"] for event in events} == attempts
    assert len(events) == noted["copies"]
    assert (len(events) > 1) == (fault == "dup")
    assert noted["delivered"]
    assert noted["call_control_id"] == ccid


# Faults of commands


@pytest.mark.parametrize(
    ("fault", "status", "effective"),
    [
        ("429", 429, False),
        ("500", 500, False),
        ("503", 503, False),
        ("500_after", 500, True),
        ("503_after", 503, True),
        ("slow", 200, True),
    ],
)
def test_a_struck_command_is_performed_or_not_as_its_fault_says(sim, fault, status, effective):
    ccid = sim.answered()
    sim.put("faults", {"rules": [{"fault": fault, "on": "transfer", "times": 1}]})

    answers = [sim.act(ccid, "transfer", to=DESK, command_id="c1") for _ in range(2)]

    struck, repeat = sim.get("ledger?after=1")
    assert [answer.status_code for answer in answers] == [status, 200]
    assert (struck["fault"], struck["status"], struck["effective"]) == (fault, status, effective)
    assert (repeat["fault"], repeat["effective"]) == (None, not effective)
    assert answers[0].headers.get("retry-after") == ("1" if fault == "429" else None)
    assert len(sim.get("legs")) == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [("reset", (httpx.NetworkError, httpx.RemoteProtocolError)), ("silence", httpx.ReadTimeout)],
)
def test_a_command_may_be_performed_and_never_answered(sim, fault, error):
    ccid = sim.answered()
    sim.put("faults", {"rules": [{"fault": fault, "times": 1}]})

    with pytest.raises(error):
        sim.api.post(f"/calls/{ccid}/actions/transfer", json={"to": DESK}, timeout=0.3)

    (entry,) = sim.get("ledger?after=1")
    assert (entry["fault"], entry["status"], entry["effective"]) == (fault, None, True)
    assert len(sim.get("legs")) == 2


def test_the_ledger_tells_connections_apart(sim):
    sim.dial()
    sim.dial()
    httpx.post(sim.ready["url"] + "/calls", json={})

    first, second, other = [entry["connection"] for entry in sim.get("ledger")]
    assert first == second
    assert other != first


# Recordings


def recorded(sim):
    ccid = sim.answered()
    sim.act(ccid, "record_start", format="mp3", channels="dual")
    sim.act(ccid, "record_stop")


def saved_payload(receiver):
    events = receiver.wait(lambda events: "call.recording.saved" in types(events))
    return events[types(events).index("call.recording.saved")]["data"]["payload"]


def test_a_saved_recording_can_be_fetched_and_played(sim, receiver):
    recorded(sim)
    payload = saved_payload(receiver)

    fetched = httpx.get(payload["recording_urls"]["mp3"])

    assert fetched.status_code == 200
    with wave.open(io.BytesIO(fetched.content)) as sound:
        assert sound.getnchannels() == 2
        assert sound.getnframes() > 1000
    assert "from" not in payload


def test_an_expired_link_is_forbidden_and_a_fresh_one_can_be_asked_for(sim, receiver):
    sim.put("config", {"recording_url_secs": 0})
    recorded(sim)
    payload = saved_payload(receiver)

    expired = httpx.get(payload["recording_urls"]["mp3"])
    recording = sim.api.get(f"/recordings/{payload['recording_id']}").json()["data"]
    fresh = httpx.get(recording["download_urls"]["mp3"])

    assert expired.status_code == 403
    assert fresh.status_code == 200
    assert httpx.get(str(fresh.url.copy_with(query=None))).status_code == 403


# Scenarios and adoption


def test_a_scenario_plays_its_calls_to_the_end(sim, receiver):
    started = sim.control.post("/scenario", json={"name": "basics"}).json()

    callers = sim.until("legs", lambda legs: len(legs) == started["calls"])
    for caller in callers:
        sim.act(caller["call_control_id"], "hangup")
    sim.until_idle()

    assert {webhook["delivered"] for webhook in sim.get("webhooks")} == {True}
    assert len(callers) == 6


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
