"""Command bodies: what Telnyx's validation refuses, with which code and which field."""

import pytest

from simulator.parameters import Dial, read_body
from simulator.refusals import Refusal

DIAL = b'{"connection_id":"29","from":"+13125550300","to":"+13125550111"}'


def refused(verb, raw):
    with pytest.raises(Refusal) as refusal:
        read_body(verb, raw)
    return refusal.value.status, refusal.value.code, refusal.value.pointer


@pytest.mark.parametrize(
    ("verb", "raw", "refusal"),
    [
        ("dial", b'{"from":"+13125550300","to":"+13125550111"}', (422, "10004", "/connection_id")),
        ("dial", b'{"connection_id":"29","from":"+13125550300"}', (422, "10004", "/to")),
        ("dial", DIAL.replace(b"+13125550111", b"13125550111"), (422, "10016", "/to")),
        ("dial", DIAL.replace(b"+13125550111", b"+0312"), (422, "10016", "/to")),
        ("dial", DIAL.replace(b"+13125550111", b"sip:nobody"), (422, "10016", "/to")),
        ("dial", DIAL.replace(b'"+13125550111"', b'["+13125550111","110"]'), (422, "10016", "/to")),
        ("dial", DIAL.replace(b'"+13125550111"', b"[]"), (422, "10033", "/to")),
        ("dial", DIAL.replace(b'"+13125550111"', b"[7]"), (422, "10015", "/to/0")),
        ("dial", DIAL.replace(b"}", b',"timeout_secs":4}'), (422, "10033", "/timeout_secs")),
        ("dial", DIAL.replace(b"}", b',"timeout_secs":601}'), (422, "10033", "/timeout_secs")),
        ("dial", DIAL.replace(b"}", b',"timeout_secs":"5"}'), (422, "10015", "/timeout_secs")),
        (
            "dial",
            DIAL.replace(b"}", b',"from_display_name":"Lake: Clinic"}'),
            (422, "10000", "/from_display_name"),
        ),
        ("dial", DIAL.replace(b"}", b',"bridge_on_answer":true}'), (422, "10004", "/link_to")),
        ("dial", DIAL.replace(b"}", b',"bridge_intent":true}'), (422, "10004", "/link_to")),
        ("dial", DIAL.replace(b"}", b',"park_after_unbridge":"self"}'), (422, "10004", "/link_to")),
        ("dial", DIAL.replace(b"}", b',"audio_url":"http://a","media_name":"a"}'), (422, "10015", "/media_name")),
        ("dial", DIAL.replace(b"}", b',"send_digits_on_answer":"x"}'), (422, "10015", "/send_digits_on_answer")),
        (
            "answer",
            b'{"custom_headers":[{"name":"X-A","value":"1"},{"name":"X-B"}]}',
            (422, "10004", "/custom_headers/1/value"),
        ),
        (
            "answer",
            b'{"webhook_retries_policies":{"call.hangup":{"retries_ms":[60000,1]}}}',
            (422, "10033", "/webhook_retries_policies"),
        ),
        ("dial", DIAL.replace(b"}", b',"client_state":"no base64"}'), (422, "10015", "/client_state")),
        ("dial", DIAL.replace(b"}", b',"client_state":"\xc3\xa9"}'), (422, "10015", "/client_state")),
        (
            "dial",
            DIAL.replace(b"}", b',"answering_machine_detection":"on"}'),
            (422, "10032", "/answering_machine_detection"),
        ),
        (
            "transfer",
            b'{"to":"+13125550111","target_leg_client_state":"!"}',
            (422, "10015", "/target_leg_client_state"),
        ),
        ("transfer", b"{}", (422, "10004", "/to")),
        ("bridge", b"{}", (422, "10004", "/call_control_id")),
        ("bridge", b'{"queue":"sales"}', (422, "10015", "/queue")),
        ("bridge", b'{"call_control_id":"v3:a","video_room_id":"r"}', (422, "10015", "/video_room_id")),
        ("reject", b'{"cause":"busy"}', (422, "10032", "/cause")),
        ("speak", b'{"payload":"hello"}', (422, "10004", "/voice")),
        ("speak", b'{"payload":"","voice":"female"}', (422, "10033", "/payload")),
        ("speak", b'{"payload":"x","voice":"female","loop":"often"}', (422, "10015", "/loop")),
        ("speak", b'{"payload":"x","voice":"female","loop":101}', (422, "10033", "/loop")),
        ("speak", b'{"payload":"x","voice":"female","loop":"%s"}' % (b"9" * 5000), (422, "10015", "/loop")),
        ("playback_start", b"{}", (422, "10004", "/audio_url")),
        ("playback_start", b'{"audio_url":"http://a","media_name":"a"}', (422, "10015", "/audio_url")),
        ("gather", b'{"minimum_digits":3,"maximum_digits":2}', (422, "10033", "/minimum_digits")),
        ("gather_using_speak", b'{"payload":"hello"}', (422, "10004", "/voice")),
        ("send_dtmf", b'{"digits":"1x"}', (422, "10015", "/digits")),
        ("send_dtmf", b'{"digits":"1","duration_millis":99}', (422, "10033", "/duration_millis")),
        ("streaming_start", b"{}", (422, "10004", "/stream_url")),
        ("record_start", b'{"format":"mp3"}', (422, "10004", "/channels")),
        ("client_state_update", b"{}", (422, "10004", "/client_state")),
        ("hangup", b'{"command_id":7}', (422, "10015", "/command_id")),
        ("hangup", b"[]", (422, "10015", None)),
        ("hangup", b"{", (400, "10015", None)),
        ("hangup", b'{"command_id":"\xff"}', (400, "10015", None)),
    ],
)
def test_a_bad_body_is_refused_with_the_code_and_the_field(verb, raw, refusal):
    assert refused(verb, raw) == refusal


@pytest.mark.parametrize("to", ["+13125550111", "sip:ana@sales.sip.telnyx.com", "sips:ana@example.com:5061"])
def test_numbers_and_sip_uris_may_be_dialled(to):
    body = read_body("dial", DIAL.replace(b"+13125550111", to.encode()))

    assert isinstance(body, Dial)
    assert body.to == to


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"a field":"that is not documented"}'])
def test_a_command_without_parameters_needs_no_body(raw):
    assert read_body("hangup", raw) == read_body("hangup", b"{}")


def test_several_destinations_may_be_dialled_at_once():
    body = read_body("dial", DIAL.replace(b'"+13125550111"', b'["+13125550111","sip:ana@example.com"]'))

    assert isinstance(body, Dial)
    assert body.destinations == ["+13125550111", "sip:ana@example.com"]
