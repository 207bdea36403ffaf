"""Dead letters without a server: how reasons are grouped, what is masked, and which are stale."""

import json

import pytest

from console.dead.groups import normal
from console.dead.job import Trail, Work, read
from console.dead.letter import found
from console.dead.masking import masked_text, masked_value
from shared import calls, client_state, ids, queues
from shared.calls import Call, Ended, Leg, Sent, Step

NOW = 1_790_000_000.0
TRAIL = Trail("", "leg-1", "session-1", "call-1")


@pytest.mark.parametrize(
    ("reason", "grouped"),
    [
        (
            "3 exceptions, the last KeyError in apply:88 < webhook:61",
            "N exceptions, the last KeyError in apply:N < webhook:N",
        ),
        (
            "recording not fetched in 8 attempts: s3.amazonaws.com answered 503",
            "recording not fetched in N attempts: s3.amazonaws.com answered N",
        ),
        ("recording is over 200 MB", "recording is over N MB"),
        ("a call record of schema 2 is newer than 1", "a call record of schema N is newer than N"),
        ("lost call 0b54c3e2-78aa-5b62-94d0-f8873e1e4c8b", "lost call ID"),
        ("no leg v3:MdI91X4lWFEs7IgbBEOT9M4AigoY08M0WWZFISt1Yw2axZ_IiE4pqg", "no leg ID"),
        ("plan 5f0c9d2e0a7c1e5b is gone", "plan ID is gone"),
        ("+13125550142 and sip:ana@sales.example.com", "NUMBER and NUMBER"),
        ("host 10.0.0.1:9000 is not public", "host N:N is not public"),
        ("a decade of facade", "a decade of facade"),
        (" cut off in\r\nthe middle ", "cut off in the middle"),
    ],
)
def test_reasons_are_alike_but_for_their_ids_and_numbers(reason, grouped):
    assert normal(reason) == grouped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("from +13125550142.", "from +1•••42."),
        ("13125550142", "1•••42"),
        ("++13125550142", "++1•••42"),
        ("to 'sip:ana@sales.example.com'", "to 'sip:•••@sales.example.com'"),
        ("https://s3.amazonaws.com/a/b.wav?X-Amz-Signature=secret", "https://s3.amazonaws.com/•••"),
        ("2900000000000000001", "2900000000000000001"),
        ("2026-11-25T22:54:34.201938Z", "2026-11-25T22:54:34.201938Z"),
        ("428c31b6-7af4-4bcb-b68e-5013ef9657c1", "428c31b6-7af4-4bcb-b68e-5013ef9657c1"),
    ],
)
def test_numbers_and_links_in_a_text_are_masked_and_ids_and_times_are_not(text, shown):
    assert masked_text(text) == shown


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("from", "Ana Smith", "•••"),
        ("to", "+13125550142", "+1•••42"),
        ("caller_id_name", "Ana Smith", "•••"),
        ("custom_headers", [{"name": "X-Name", "value": "Ana Smith"}], [{"name": "X-Name", "value": "•••"}]),
        ("tags", ["Ana Smith"], ["•••"]),
        ("variables", {"name": "Ana Smith", "card": "4111 1111"}, {"name": "•••", "card": "•••"}),
        ("digits", "4711", "•••"),
        ("recording_urls", {"mp3": "https://host.example.com/secret"}, {"mp3": "https://host.example.com/•••"}),
        ("hangup_cause", "normal_clearing", "normal_clearing"),
        ("call_quality_stats", None, None),
        ("attempt", 1, 1),
    ],
)
def test_of_a_payload_nobody_is_named(key, value, shown):
    assert masked_value({key: value}) == {key: shown}


ENDED = Leg(ended=Ended(1.0, "timeout"))
OPEN = Sent("hangup", "hangup", 1, None, state="unknown")


@pytest.mark.parametrize(
    ("call", "standing"),
    [
        (Call("call-1", main="leg-1", legs={"leg-1": Leg()}), "live"),
        (Call("call-1", main="leg-1", legs={"leg-1": ENDED}, step=Step(at="over")), "over"),
        (Call("call-1", main="leg-1", legs={"leg-1": ENDED}, step=Step(at="over"), sent={1: OPEN}), "live"),
        (Call("call-1", legs={"leg-1": ENDED}), "over"),
        (Call("call-1", legs={"leg-1": ENDED, "leg-2": Leg()}), "live"),
        (Call("call-1"), "live"),
    ],
)
def test_a_call_is_over_when_nothing_more_can_come_of_it(call, standing):
    told = found(Work(received_at=NOW), TRAIL, "call-1", calls.encode(call), has_timeline=True, now=NOW)

    assert told == ("call-1", standing)


@pytest.mark.parametrize(
    ("record", "trail", "has_timeline", "age_s", "standing"),
    [
        (b"", TRAIL, False, 60.0, "new"),
        (b"", TRAIL, True, 60.0, "forgotten"),
        (b"", TRAIL, False, 25 * 3600.0, "forgotten"),
        (b"", TRAIL._replace(tagged="call-1"), False, 60.0, "forgotten"),
        (b"no record", TRAIL, True, 60.0, "unreadable"),
    ],
)
def test_what_is_left_of_a_call_tells_how_it_stands(record, trail, has_timeline, age_s, standing):
    work = Work(received_at=NOW - age_s)

    assert found(work, trail, "call-1", record, has_timeline, NOW).standing == standing


@pytest.mark.parametrize(
    ("odd", "trail"),
    [
        ({}, Trail("call-1", "leg-1", "session-1", ids.inbound_call_id("session-1"))),
        ({"client_state": None}, Trail("", "leg-1", "session-1", ids.inbound_call_id("session-1"))),
        ({"client_state": 5}, Trail("", "leg-1", "session-1", ids.inbound_call_id("session-1"))),
        ({"call_control_id": ""}, None),
        ({"call_session_id": None}, None),
        ({"call_leg_id": 5}, None),
    ],
)
def test_a_webhook_leads_to_its_call_and_one_that_names_none_is_unreadable(odd, trail):
    named = {"call_control_id": "v3:one", "call_leg_id": "leg-1", "call_session_id": "session-1"}
    payload = {**named, "client_state": client_state.write("call-1", 1, "plan"), **odd}
    data = {"id": "event-1", "event_type": "call.answered", "payload": payload}

    work = read(queues.job_data(queues.APPLY_WEBHOOK, NOW, json.dumps({"data": data}).encode()))

    assert work.trail == trail
    assert (work.what, bool(work.trouble)) == (("call.answered", False) if trail else ("apply_webhook", True))
