"""What Telnyx would refuse is refused before it is sent, with the field and what it may be; no more than that."""

import msgspec
import pytest

from shared import commands as c
from shared.errors import BadInput
from shared.telnyx import OPERATIONS as OURS
from shared.telnyx import check_operation, operation_request
from shared.telnyx.applications import CreateApplication, ListApplications
from shared.telnyx.call_events import ListCallEvents
from tests.telnyx_contract import LEAST, OBJECTS, OPERATIONS, OUR_OBJECTS, attribute, ids_of


def limits(rule):
    """Values just inside and just outside what Telnyx documents for a field."""
    match rule:
        case {"enum": list(values)}:
            return values, ["no-such-value", 1]
        case {"exclusive_min": int(low)}:
            return [low + 0.001], [low]
        case {"min_length": int(low), "max_length": int(high)}:
            return ["a" * low, "a" * high], ["a" * (low - 1), "a" * (high + 1), 5]
        case {"max_length": int(high)}:
            return ["1" * high], ["1" * (high + 1), 5]
        case {"max_items": int(high)}:
            return [(1,) * high], [(1,) * (high + 1)]
        case _:
            low, high = rule.get("min"), rule.get("max")
            inside = [edge for edge in (low, high) if edge is not None]
            outside = ([low - 1] if low is not None else []) + ([high + 1] if high is not None else [])
            return inside, outside + (["x" * 9] if inside else [])


def with_field(sent, wire_name, value):
    return msgspec.structs.replace(sent, **{attribute(type(sent), wire_name): value})


def least(name):
    """What Telnyx demands, and for a dial the leg that some of its fields need beside them."""
    return msgspec.structs.replace(LEAST["dial"], link_to="v3:x") if name == "dial" else LEAST[name]


CASES = [
    (name, field, *limits(rule))
    for name, operation in OPERATIONS.items()
    for field, rule in operation["sends"].items()
    if any(limits(rule))
]


@pytest.mark.parametrize(("name", "field", "inside", "outside"), CASES)
def test_a_field_takes_what_telnyx_documents_and_nothing_beside_it(name, field, inside, outside):
    for value in inside:
        check_operation(name, with_field(least(name), field, value))

    for value in outside:
        with pytest.raises(BadInput) as refusal:
            check_operation(name, with_field(least(name), field, value))
        assert str(refusal.value).startswith(f"{name}: {field} must be ")


OBJECT_CASES = [
    (name, field, *limits(rule))
    for name in OUR_OBJECTS
    for field, rule in OBJECTS[name].items()
    if any(limits(rule)) and field != type(OUR_OBJECTS[name]).__struct_config__.tag_field
]


@pytest.mark.parametrize(("name", "field", "inside", "outside"), OBJECT_CASES)
def test_a_field_of_an_object_takes_what_telnyx_documents_and_nothing_beside_it(name, field, inside, outside):
    for value in inside:
        c.check_fields(name, with_field(OUR_OBJECTS[name], field, value))

    for value in outside:
        with pytest.raises(BadInput) as refusal:
            c.check_fields(name, with_field(OUR_OBJECTS[name], field, value))
        assert str(refusal.value).startswith(f"{name}: {field} must be ")


@pytest.mark.parametrize(
    ("name", "field", "nullable"),
    [
        (name, field, rule.get("null", False))
        for name, operation in OPERATIONS.items()
        for field, rule in operation["sends"].items()
        if field != "command_id"
    ],
)
def test_null_is_taken_only_where_telnyx_documents_it(name, field, nullable):
    sent = with_field(least(name), field, None)

    try:
        check_operation(name, sent)
        taken = True
    except BadInput as refusal:
        taken = f"{field} must be " not in str(refusal)

    assert taken == nullable


@pytest.mark.parametrize("name", sorted(LEAST))
def test_the_least_that_telnyx_demands_passes(name):
    check_operation(name, LEAST[name])


def dial(**fields):
    return msgspec.structs.replace(LEAST["dial"], **fields)


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        (dial(custom_headers=(c.CustomHeader("X-A", "1"), c.CustomHeader(5, "2"))), "custom_headers[1].name"),
        (dial(sip_headers=(c.SipHeader("Diversion", "1"),)), "sip_headers[0].name"),
        (
            dial(webhook_retries_policies={"call.hangup": c.WebhookRetries((1,) * 6)}),
            "webhook_retries_policies.call.hangup.retries_ms",
        ),
        (dial(conference_config=c.ConferenceConfig(beep_enabled="x")), "conference_config.beep_enabled"),
        (dial(assistant=c.Assistant(id="a", greeting="x" * 3001)), "assistant.greeting"),
    ],
)
def test_a_refusal_names_the_field_inside_an_object_by_its_path(sent, path):
    with pytest.raises(BadInput) as refusal:
        check_operation("dial", sent)

    assert str(refusal.value).startswith(f"dial: {path} must be ")


def test_a_refusal_tells_what_the_field_may_be():
    with pytest.raises(BadInput) as refusal:
        check_operation("transfer", c.Transfer(to="+12025550111", timeout_secs=4))

    assert str(refusal.value) == 'transfer: timeout_secs must be {"type":"integer","minimum":5,"maximum":600}'


@pytest.mark.parametrize(
    ("name", "sent", "refusal"),
    [
        ("bridge", c.Bridge(), "exactly one of"),
        ("bridge", c.Bridge(call_control_id="v3:b", queue="q"), "exactly one of"),
        ("bridge", c.Bridge(queue="q", video_room_id="v"), "exactly one of"),
        ("dial", dial(bridge_intent=True), "bridge_intent needs link_to"),
        ("dial", dial(bridge_on_answer=True), "bridge_on_answer needs link_to"),
        ("dial", dial(park_after_unbridge="self"), "park_after_unbridge needs link_to"),
        ("dial", dial(audio_url="a", media_name="b"), "exclude each other"),
        ("transfer", c.Transfer(to="+1", webhook_retries_policies={"x": c.WebhookRetries((60_000, 1))}),
         "at most 60000 in all"),
        ("transfer", c.Transfer(to="+1", from_display_name="Lake: Clinic"), "from_display_name must be"),
        ("transfer", c.Transfer(to="+1", send_digits_on_answer="1,2"), "send_digits_on_answer must be"),
        ("hangup", c.Hangup(client_state="no base64"), "client_state must be"),
        ("hangup", c.Hangup(client_state="YQ"), "client_state must be"),
        ("hangup", c.Hangup(client_state="YQ==\n"), "client_state must be"),
        ("send_dtmf", c.SendDtmf(digits=""), "digits must be"),
        ("send_dtmf", c.SendDtmf(digits="1,2"), "digits must be"),
        ("playback_start", c.StartPlayback(loop=0), "loop must be"),
        ("playback_start", c.StartPlayback(loop=101), "loop must be"),
        ("answer", c.Answer(conversation_relay_config=c.ConversationRelay(url="https://a")), "url must be"),
        ("create_call_control_application",
         CreateApplication(application_name="a", webhook_event_url="a.example"), "webhook_event_url must be"),
        ("list_call_control_applications", ListApplications(application_name_contains="ab"),
         r"filter\[application_name\]\[contains\] must be"),
        ("list_call_events", ListCallEvents(occurred_at_gt="a", occurred_at_lt="b"),
         r"filter\[occurred_at\]\[gt\], filter\[occurred_at\]\[lt\]: Telnyx takes one"),
    ],
)  # fmt: skip
def test_what_telnyx_would_refuse_is_refused_with_its_reason(name, sent, refusal):
    with pytest.raises(BadInput, match=refusal):
        check_operation(name, sent)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("bridge", c.Bridge(queue="q")),
        ("bridge", c.Bridge(video_room_id="v")),
        ("dial", dial(bridge_intent=False)),
        ("dial", dial(bridge_on_answer=True, link_to="v3:x")),
        ("transfer", c.Transfer(to="+1", webhook_retries_policies={"x": c.WebhookRetries((60_000,))})),
        ("transfer", c.Transfer(to="+1", from_display_name="Lake-Clinic ~1!.+_")),
        ("transfer", c.Transfer(to="+1", send_digits_on_answer="1w2W*#A")),
        ("playback_start", c.StartPlayback(loop=100)),
        ("playback_start", c.StartPlayback(loop="infinity")),
        ("speak", c.Speak(payload="a", voice="female", loop="2")),
        ("send_dtmf", c.SendDtmf(digits="1w2W*#D")),
        ("list_call_control_applications", ListApplications(sort="-created_at")),
        ("list_call_events", ListCallEvents(occurred_at_gt="a")),
    ],
)
def test_what_telnyx_documents_as_possible_passes(name, sent):
    check_operation(name, sent)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        (name, field)
        for name, operation in OPERATIONS.items()
        for field, rule in operation["sends"].items()
        if "enum" in rule
    ],
)
def test_a_value_newer_than_our_lists_can_still_be_sent_on_purpose(name, field):
    sent = with_field(LEAST[name], field, "newer")

    request = operation_request(name, ids_of(name), sent)

    assert b"newer" in request.body + request.path.encode()
    assert OURS[name].takes is type(sent)
