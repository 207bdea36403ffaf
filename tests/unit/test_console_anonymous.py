"""An exported call without the people in it: nothing of them is left, and the dialplan treats it as it did."""

import msgspec
import pytest

from console.anonymous import anonymous
from console.disguise import Disguise
from console.export import Answer, Command, Document, Request, Step, Webhook, encode
from shared import calls, dialplan
from shared.ids import CallId, Row
from shared.numbers import matches
from tests.signing import webhook_body

CLINIC, DESK, ANA = "+13125550100", "+13125550111", "sip:ana@sales.sip.telnyx.com"
TEXT = f"""
version = 1
timezone = "UTC"
voice = "female"
[limits]
allow = ["+1*", "+44*", "sip:*@sales.sip.telnyx.com"]
[groups.sales]
members = ["{ANA}"]
accept = "press_1"
[[rules]]
name = "blocked"
when = {{ from = "+1900*" }}
then = {{ do = "reject" }}
[[rules]]
name = "friends"
when = {{ from = ["+13129871234", "anonymous"], to = "{CLINIC}" }}
then = {{ do = "ring", group = "sales" }}
[outbound.reminder]
from = "+13125550300"
human = {{ do = "say", text = "Hello {{name}}, come {{when}}.", then = {{ do = "transfer", to = "{DESK}" }} }}
[default]
then = {{ do = "reject" }}
"""
PLAN = dialplan.parse(TEXT, "a test")
PATTERNS = ("+1*", "+44*", "+1900*", "sip:*@sales.sip.telnyx.com")
REAL = {"name": "Ana Sanchez", "when": "to room 12"}


def disguise():
    return Disguise(PLAN, REAL)


@pytest.mark.parametrize(
    ("number", "becomes"),
    [
        ("+17738675309", "+17735550100"),
        ("+19008675309", "+19005550100"),
        ("+442071838750", "+440005550100"),
        ("sip:bob@example.com", "sip:person0@example.com"),
        ("sip:bob@sales.sip.telnyx.com", "sip:person0@sales.sip.telnyx.com"),
    ],
)
def test_a_number_becomes_a_fictional_one_that_the_same_patterns_match(number, becomes):
    assert disguise().free_text(number) == becomes
    assert [p for p in PATTERNS if matches(p, number)] == [p for p in PATTERNS if matches(p, becomes)]


def test_a_number_is_the_same_one_wherever_it_stands_and_another_is_another():
    told = disguise()

    same = {told.text("+17738675309"), told.free_text("+17738675309"), f"+{told.text('17738675309')}"}

    assert len(same) == 1
    assert told.text("+17738675310") not in same


@pytest.mark.parametrize("text", [CLINIC, ANA, "+13129871234", "anonymous", "", "+266696687"])
def test_what_stands_in_the_dialplan_and_what_names_nobody_stays(text):
    assert disguise().text(text) == disguise().free_text(text) == text


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("record-from-answer", "record-from-answer"),
        ("https://bucket.example/a?signature=x", "https://removed.invalid/"),
        ("call +17738675309 or sip:bob@example.com now", "call +17735550100 or sip:person0@example.com now"),
        ("0123456789", "removed"),
        ("v3:4ae0fa45f2a54c8098965174f96135d", "v3:4ae0fa45f2a54c8098965174f96135d"),
    ],
)
def test_of_other_texts_links_and_numbers_go(text, becomes):
    assert disguise().text(text) == becomes


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("Hello Ana Sanchez, come to room 12.", "Hello name, come when."),
        ("You have a call. Press 1 to take it.", "You have a call. Press 1 to take it."),
        ("Hello Ana Sanchez!", "removed"),
    ],
)
def test_a_spoken_text_is_filled_in_anew(text, becomes):
    assert disguise().spoken(text) == becomes


PERSONAL = {
    "from": "+17738675309",
    "to": CLINIC,
    "caller_id_name": "SANCHEZ ANA",
    "from_sip_uri": "bob@198.51.100.7:5060",
    "to_sip_uri": "+13125550100@192.0.2.10:5060",
    "custom_headers": [{"name": "X-Patient", "value": "Ana Sanchez"}],
    "sip_headers": [{"name": "Diversion", "value": "<sip:bob@example.com>"}],
    "tags": ["sanchez"],
    "direction": "incoming",
    "shaken_stir_attestation": "A",
    "something_new": "Ana Sanchez",
}
SECRETS = ("8675309", "SANCHEZ", "Sanchez", "sanchez", "bob@", "room 12", "44*71", "signature", "something_new")


def call(*steps):
    return Document(call=CallId("call-1"), connection="29", plan="0123", steps=steps, dialplan=TEXT)


def webhook(event_type, **payload):
    return Webhook(2.0, 2.5, msgspec.json.decode(webhook_body(event_type, **payload)), 1.0)


def test_nothing_of_a_person_is_left():
    request = calls.Request(CallId("call-1"), "reminder", "+17738675309", REAL, "0123")
    spoken = Command(2, "speak", "/calls/v3:a/actions/speak", {"payload": "Hello Ana Sanchez, come to room 12."})
    answer = Answer(Row(1), "succeeded", 3.0, {"call_leg_id": "leg", "to": "+17738675309"})
    told = call(
        Step(1, Request(1.0, request), "noted", "place", (Command(1, "dial", "/calls", {"to": "+17738675309"}),)),
        Step(2, answer, "noted", "place"),
        Step(3, webhook("call.initiated", **PERSONAL), "noted", "say", (spoken,)),
        Step(4, webhook("call.gather.ended", digits="44*71", **PERSONAL), "noted", "say"),
        Step(5, webhook("call.dtmf.received", digit="4", **PERSONAL), "noted", "say"),
        Step(
            6, webhook("call.recording.saved", recording_urls={"mp3": "https://x.example/?signature=1"}), "", "say"
        ),
    )

    data = encode(anonymous(told)).decode()

    assert [secret for secret in SECRETS if secret in data] == []
    assert data.count("+17735550100") >= 4


def test_what_is_decided_about_is_left():
    told = anonymous(call(Step(1, webhook("call.initiated", **PERSONAL), "rule 'blocked'", "ring")))

    (step,) = told.steps
    payload = step.happened.body["data"]["payload"]
    assert (payload["direction"], payload["shaken_stir_attestation"], payload["to"]) == ("incoming", "A", CLINIC)
    assert {"call_leg_id", "call_session_id", "call_control_id", "connection_id"} <= payload.keys()
    assert (told.anonymous, step.note, told.dialplan) == (True, "rule 'blocked'", TEXT)


def test_a_single_key_that_was_pressed_is_an_answer_and_stays():
    told = anonymous(call(Step(1, webhook("call.gather.ended", digits="1"), "noted", "ring")))

    assert told.steps[0].happened.body["data"]["payload"]["digits"] == "1"
