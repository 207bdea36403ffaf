"""The requests of all that is no call command: paths, flat queries, bodies, and what an update leaves as it is."""

import json

import pytest

from shared.commands import Request
from shared.errors import BadInput
from shared.telnyx import OPERATIONS, operation_request
from shared.telnyx.applications import (
    Application,
    ApplicationChanges,
    CreateApplication,
    Inbound,
    InboundSettings,
    ListApplications,
    Outbound,
    OutboundSettings,
    UpdateApplication,
    changed,
)
from shared.telnyx.call_events import ListCallEvents
from shared.telnyx.calls import ActiveCall, Call, ListActiveCalls
from shared.telnyx.lists import query
from shared.telnyx.recordings import Downloads, ListRecordings, Recording
from shared.telnyx.results import read_result
from tests.telnyx_contract import LEAST, ids_of

CREATE = CreateApplication(application_name="Clinic", webhook_event_url="https://a.example")


@pytest.mark.parametrize(
    ("name", "ids", "sent", "request_"),
    [
        ("retrieve_call", {"call_control_id": "v3:a/b"}, None, Request("GET", "/calls/v3:a%2Fb")),
        ("list_active_calls", {"connection_id": "290"}, None, Request("GET", "/connections/290/active_calls")),
        (
            "list_active_calls",
            {"connection_id": "290"},
            ListActiveCalls(page_number=2, page_size=50),
            Request("GET", "/connections/290/active_calls?page%5Bnumber%5D=2&page%5Bsize%5D=50"),
        ),
        (
            "list_call_events",
            {},
            ListCallEvents(leg_id="l 1", failed=False),
            Request("GET", "/call_events?filter%5Bfailed%5D=false&filter%5Bleg_id%5D=l+1"),
        ),
        (
            "list_call_control_applications",
            {},
            ListApplications(application_name_contains="lake & co", sort="-created_at"),
            Request(
                "GET",
                "/call_control_applications?filter%5Bapplication_name%5D%5Bcontains%5D=lake+%26+co"
                "&sort=-created_at",
            ),
        ),
        (
            "create_call_control_application",
            {},
            CREATE,
            Request(
                "POST",
                "/call_control_applications",
                b'{"application_name":"Clinic","webhook_event_url":"https://a.example"}',
            ),
        ),
        ("retrieve_call_control_application", {"id": "29"}, None, Request("GET", "/call_control_applications/29")),
        (
            "update_call_control_application",
            {"id": "29"},
            UpdateApplication(
                application_name="Clinic",
                webhook_event_url="https://a.example",
                webhook_event_failover_url=None,
                tags=("a",),
            ),
            Request(
                "PATCH",
                "/call_control_applications/29",
                b'{"webhook_event_failover_url":null,"application_name":"Clinic",'
                b'"webhook_event_url":"https://a.example","tags":["a"]}',
            ),
        ),
        (
            "delete_call_control_application",
            {"id": "29"},
            None,
            Request("DELETE", "/call_control_applications/29"),
        ),
        (
            "list_recordings",
            {},
            ListRecordings(call_leg_id="l", created_at_gte="2026-11-01T00:00:00Z"),
            Request(
                "GET",
                "/recordings?filter%5Bcall_leg_id%5D=l&filter%5Bcreated_at%5D%5Bgte%5D=2026-11-01T00%3A00%3A00Z",
            ),
        ),
        ("retrieve_recording", {"recording_id": "r/1"}, None, Request("GET", "/recordings/r%2F1")),
        ("delete_recording", {"recording_id": "r"}, None, Request("DELETE", "/recordings/r")),
    ],
)
def test_an_operation_becomes_exactly_this_request(name, ids, sent, request_):
    assert operation_request(name, ids, sent) == request_


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_a_path_holds_its_ids_and_only_those_as_segments(name):
    places = ids_of(name)

    path = operation_request(name, dict.fromkeys(places, "../{id}?"), LEAST.get(name)).path

    assert path.count("..%2F%7Bid%7D%3F") == len(places)
    assert path.replace("..%2F%7Bid%7D%3F", "").count("/") == OPERATIONS[name].path.count("/")


@pytest.mark.parametrize("name", sorted(name for name in OPERATIONS if OPERATIONS[name].ids))
def test_a_missing_id_is_named(name):
    [place] = OPERATIONS[name].ids

    with pytest.raises(BadInput, match=f"{name}: {place} is missing"):
        operation_request(name, {}, LEAST.get(name))


def test_a_query_has_text_only():
    asked = ListApplications(page_size=5, failed=True, to="+1")

    assert query(asked) == {"page[size]": "5", "filter[failed]": "true", "filter[to]": "+1"}
    assert query(None) == {}


CURRENT = Application(
    id="29",
    application_name="Clinic",
    webhook_event_url="https://a.example",
    active=True,
    inbound=Inbound(channel_limit=3, sip_subdomain="lake"),
    outbound=Outbound(channel_limit=9),
)


@pytest.mark.parametrize(
    ("changes", "update"),
    [
        (ApplicationChanges(), {}),
        (ApplicationChanges(active=False), {"active": False}),
        (ApplicationChanges(application_name="Lake"), {"application_name": "Lake"}),
        (ApplicationChanges(webhook_timeout_secs=None), {"webhook_timeout_secs": None}),
        (
            ApplicationChanges(inbound=InboundSettings(channel_limit=5)),
            {"inbound": {"channel_limit": 5, "sip_subdomain": "lake"}},
        ),
        (
            ApplicationChanges(outbound=OutboundSettings(outbound_voice_profile_id="p")),
            {"outbound": {"channel_limit": 9, "outbound_voice_profile_id": "p"}},
        ),
    ],
)
def test_a_change_sends_name_and_address_with_it_and_nothing_else(changes, update):
    sent = operation_request("update_call_control_application", {"id": "29"}, changed(CURRENT, changes))

    assert (
        json.loads(sent.body) == {"application_name": "Clinic", "webhook_event_url": "https://a.example"} | update
    )


def test_a_change_of_an_application_without_an_address_needs_one():
    with pytest.raises(BadInput, match="webhook_event_url is missing"):
        changed(Application(id="29", application_name="Clinic"), ApplicationChanges(active=True))


LEG = {"call_control_id": "v3:a", "call_leg_id": "l", "call_session_id": "s"}


@pytest.mark.parametrize(
    ("kind", "data", "result"),
    [
        (Call, LEG | {"is_alive": False, "record_type": "call"}, Call(**LEG, is_alive=False, record_type="call")),
        (Call, LEG | {"brand_new": 1, "call_duration": None}, Call(**LEG)),
        (Call, LEG | {"call_duration": "5", "is_alive": True}, Call(**LEG, is_alive=True)),
        (Call, {"call_leg_id": "l", "is_alive": True}, None),
        (ActiveCall, LEG | {"call_leg_id": 5}, None),
        (Application, {"id": "1", "dtmf_type": "newer"}, Application(id="1", dtmf_type="newer")),
        (Application, {"id": "1", "inbound": {"channel_limit": "x"}}, Application(id="1")),
        (
            Recording,
            {"id": "r", "from": "+1", "download_urls": {"mp3": "https://a.example"}},
            Recording(id="r", from_="+1", download_urls=Downloads(mp3="https://a.example")),
        ),
    ],
)
def test_a_result_loses_odd_fields_and_needs_its_ids(kind, data, result):
    assert read_result(kind, data) == result
