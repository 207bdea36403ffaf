"""The stand-in's webhooks, their faults, and recordings, over real HTTP."""

import base64
import io
import json
import time
import wave

import httpx
import pytest
from nacl.signing import VerifyKey

from tests import sim_process
from tests.sim_process import DESK, Receiver, Simulator, failing, types

process, sim, receiver = sim_process.process, sim_process.sim, sim_process.receiver


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


def test_a_connection_that_the_receiver_closed_is_not_used_again(sim):
    receiver = Receiver(hangs_up=True)
    sim.put("config", {"webhook_url": receiver.url})

    for n in range(1, 6):
        sim.ring_in()
        receiver.wait_closed(n)
        sim.until("webhooks", lambda view, n=n: [one["delivered"] for one in view] == [True] * n)

    receiver.close()
    assert [one["attempts"] for one in sim.get("webhooks")] == [1] * 5


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


def test_copies_under_other_ids_are_events_of_their_own_that_tell_the_same(sim, receiver):
    sim.put("faults", {"rules": [{"fault": "scatter", "secs": 0.2}], "seed": 1})
    for _ in range(10):
        sim.ring_in()

    sim.until("idle", lambda view: view["webhooks_pending"] == 0)

    events = receiver.events()
    noted = sim.get("webhooks")
    assert len(events) == sum(one["copies"] for one in noted)
    assert {event["data"]["id"] for event in events} == {one["id"] for one in noted}
    assert len({event["data"]["payload"]["call_control_id"] for event in events}) == 10 < len(noted)


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
