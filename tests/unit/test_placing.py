"""Asking for an outbound call: why it is refused, and which call a repeat of its key is."""

import msgspec
import pytest

from shared import calls, queues
from shared.dialplan import Loaded, parse
from shared.errors import CallRefused
from shared.ids import CallId
from shared.placing import CallRequest, call_of, check, entry_of, is_key

PLAN = """\
version = 1
timezone = "UTC"
voice = "female"
[outbound.reminder]
from = "+13125550300"
human = { do = "say", text = "Hello {name}, your visit is {when}." }
[outbound.survey]
from = "+13125550300"
human = { do = "say", text = "Hello." }
[default]
then = { do = "reject" }
"""
TEXT = PLAN + '[limits]\nallow = ["+1*", "sip:*@sales.example.com"]\n'
DIALPLAN = Loaded(parse(TEXT), TEXT, "hash-of-plan")
REQUEST = CallRequest("reminder", "+13125550123", {"name": "Ann", "when": "today"})
changed = msgspec.structs.replace


def refusal(request, plan=DIALPLAN.plan):
    with pytest.raises(CallRefused) as refused:
        check(plan, request)
    return refused.value.why, str(refused.value)


def entry(request=REQUEST, call_id="call-1", key="key-1"):
    return entry_of(key, request, DIALPLAN, CallId(call_id), 1700000000.5)


@pytest.mark.parametrize(
    "request_",
    [
        REQUEST,
        changed(REQUEST, to="sip:ana@sales.example.com"),
        changed(REQUEST, variables={"name": "", "when": "today", "unused": "x"}),
        CallRequest("survey", "+13125550123"),
    ],
)
def test_what_the_dialplan_allows_is_not_refused(request_):
    check(DIALPLAN.plan, request_)


@pytest.mark.parametrize(
    ("request_", "why", "says"),
    [
        (changed(REQUEST, profile="nobody", to="x"), "unknown_profile", "known: reminder, survey"),
        (changed(REQUEST, to="13125550123"), "unfit", "E.164"),
        (changed(REQUEST, to="911"), "unfit", "E.164"),
        (changed(REQUEST, to="+1911"), "unfit", "emergency"),
        (changed(REQUEST, to="sip:911@sales.example.com"), "unfit", "emergency"),
        (changed(REQUEST, to="+4930123456"), "unfit", "[limits] allow"),
        (changed(REQUEST, to="sip:ana@elsewhere.example"), "unfit", "[limits] allow"),
        (changed(REQUEST, variables={"name": "Ann"}), "unfit", "missing variables: when"),
        (changed(REQUEST, variables={}), "unfit", "missing variables: name, when"),
    ],
)
def test_a_refusal_says_why(request_, why, says):
    kind, text = refusal(request_)

    assert kind == why
    assert says in text
    assert "\n" not in text


def test_without_allow_no_number_from_outside_is_dialled():
    assert refusal(REQUEST, parse(PLAN))[1] == refusal(changed(REQUEST, to="+4930123456"))[1]


def test_a_request_becomes_the_job_that_places_the_call():
    asked = entry()

    function, _, (schema, received_at, body), _ = msgspec.msgpack.decode(asked.data)
    assert (asked.once_key, asked.job_id, asked.kind) == ("trunkline:idempotency:key-1", "call-call-1", "routing")
    assert (function, schema, received_at) == (queues.PLACE_CALL, queues.SCHEMA, 1700000000.5)
    assert msgspec.json.decode(body, type=calls.Request) == calls.Request(
        CallId("call-1"), "reminder", "+13125550123", {"name": "Ann", "when": "today"}, "hash-of-plan"
    )
    assert "+1312" not in asked.description


def test_a_repeat_is_the_first_call_of_its_key():
    first = entry(call_id="call-1")
    repeat = entry(changed(REQUEST, variables={"when": "today", "name": "Ann"}), call_id="call-2")

    assert call_of(first, first.once_value) == "call-1"
    assert call_of(repeat, first.once_value) == "call-1"


@pytest.mark.parametrize(
    "other",
    [
        changed(REQUEST, to="+13125550124"),
        changed(REQUEST, profile="survey"),
        changed(REQUEST, variables={"name": "Ann", "when": "tomorrow"}),
    ],
)
def test_a_key_that_was_used_for_another_request_is_refused(other):
    with pytest.raises(CallRefused) as refused:
        call_of(entry(other, call_id="call-2"), entry().once_value)

    assert refused.value.why == "key_taken"


@pytest.mark.parametrize(
    ("text", "ok"), [("a", True), ("k" * 255, True), ("", False), ("k" * 256, False), ("é", False), ("a\n", False)]
)
def test_a_key_is_short_printable_ascii(text, ok):
    assert is_key(text) is ok
