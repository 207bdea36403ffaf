"""The SDK as a client of the stand-in: whole calls, applications, active calls and call events."""

import base64

import pytest

from tests import sim_process
from tests.sim_process import DESK, OURS, types

process, sim, receiver = sim_process.process, sim_process.sim, sim_process.receiver

WANTED = {"application_name": "Lake Clinic", "webhook_event_url": "https://voice.example.com/webhooks/telnyx"}
STATE = base64.b64encode(b"SDK").decode()


@pytest.fixture
def client(sdk, sim):
    http = sdk.DefaultHttpxClient(trust_env=False)  # straight to loopback, whatever proxy there is
    with sdk.Telnyx(api_key="KEY", base_url=sim.ready["url"], max_retries=0, http_client=http) as client:
        yield client


@pytest.fixture
def application(client):
    return client.call_control_applications.create(**WANTED, webhook_api_version="2").data


def dialled(client, application, to=DESK, **more):
    return client.calls.dial(connection_id=application.id, from_=OURS, to=to, client_state=STATE, **more).data


def told(receiver, event_type, leg):
    """The payload of the event of a leg, once it has come."""

    def of_leg(events):
        return [
            event["data"]["payload"]
            for event in events
            if event["data"]["event_type"] == event_type
            and event["data"]["payload"]["call_control_id"] == leg.call_control_id
        ]

    return of_leg(receiver.wait(of_leg))[-1]


def test_an_application_lives_from_its_creation_to_its_deletion(sdk, client, application):
    applications = client.call_control_applications

    changed = applications.update(application.id, **WANTED, tags=["front"], inbound={"channel_limit": 2}).data
    shown = applications.retrieve(application.id).data
    listed = [one.id for one in applications.list(page_size=1)]
    deleted = applications.delete(application.id).data

    assert (application.application_name, application.webhook_api_version) == ("Lake Clinic", "2")
    assert (changed.tags, changed.inbound.channel_limit) == (["front"], 2)
    assert shown == changed == deleted
    assert listed == [application.id]
    with pytest.raises(sdk.NotFoundError):
        applications.retrieve(application.id)


def test_lists_are_followed_to_their_end(client):
    created = {client.call_control_applications.create(**WANTED).data.id for _ in range(5)}

    listed = [one.id for one in client.call_control_applications.list(page_size=2)]

    assert len(listed) == 5
    assert set(listed) == created


def test_a_call_goes_from_its_dial_to_its_hangup(client, application, sim, receiver):
    sim.put("callees", {DESK: {}})
    leg = dialled(client, application, command_id="dial-1")
    assert told(receiver, "call.answered", leg)["client_state"] == STATE

    spoken = client.calls.actions.speak(leg.call_control_id, payload="Hello", voice="female", command_id="say-1")
    told(receiver, "call.speak.ended", leg)
    alive = client.calls.retrieve_status(leg.call_control_id).data
    active = client.connections.list_active_calls(application.id)
    active_ids = [call.call_control_id for call in active]
    client.calls.actions.hangup(leg.call_control_id)
    hung_up = told(receiver, "call.hangup", leg)

    assert spoken.data.result == "ok"
    assert alive.is_alive is True
    assert (alive.call_leg_id, alive.call_session_id) == (leg.call_leg_id, leg.call_session_id)
    assert active_ids == [leg.call_control_id]
    assert hung_up["hangup_cause"] == "normal_clearing"
    assert client.calls.retrieve_status(leg.call_control_id).data.is_alive is False
    assert list(client.connections.list_active_calls(application.id)) == []


def test_a_call_comes_in_is_answered_transferred_and_recorded(client, sim, receiver):
    sim.put("callees", {DESK: {"hangs_up_after": 0.3}})
    caller = sim.ring_in()
    actions = client.calls.actions

    answered = actions.answer(caller, record="record-from-answer", record_format="wav", record_channels="dual")
    actions.transfer(caller, to=DESK, timeout_secs=20, target_leg_client_state=STATE)
    events = receiver.wait(lambda events: {"call.bridged", "call.recording.saved"} <= set(types(events)))
    recording = client.recordings.retrieve(answered.data.recording_id).data

    targets = {
        event["data"]["payload"]["client_state"]
        for event in events
        if event["data"]["payload"]["call_control_id"] not in (caller, None)
    }
    assert targets == {STATE}
    assert (recording.call_control_id, recording.channels, recording.status) == (caller, "dual", "completed")
    assert [one.id for one in client.recordings.list()] == [recording.id]


def test_two_legs_are_bridged_and_their_events_are_on_record(client, application, sim, receiver):
    sim.put("callees", {"*": {}})
    one, other = dialled(client, application), dialled(client, application, to="+13125550112")
    told(receiver, "call.answered", one)
    told(receiver, "call.answered", other)

    client.calls.actions.bridge(one.call_control_id, call_control_id_to_bridge_with=other.call_control_id)
    told(receiver, "call.bridged", one)
    client.calls.actions.hangup(one.call_control_id)
    told(receiver, "call.hangup", other)

    events = list(client.call_events.list(filter={"leg_id": one.call_leg_id}, page_size=3))
    names = {(event.type, event.name) for event in events}
    assert {event.call_leg_id for event in events} == {one.call_leg_id}
    assert {("command", "dial"), ("command", "bridge"), ("command", "hangup")} <= names
    assert {("webhook", "call.answered"), ("webhook", "call.bridged"), ("webhook", "call.hangup")} <= names


def test_a_refusal_reaches_the_sdk_as_its_own_error_with_telnyx_codes(sdk, client, sim):
    caller = sim.ring_in()

    with pytest.raises(sdk.UnprocessableEntityError) as refused:
        client.calls.actions.speak(caller, payload="Hello", voice="female")

    assert [error["code"] for error in refused.value.body["errors"]] == ["90034"]
