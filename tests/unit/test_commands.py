"""Commands: the exact request each becomes, the ranges that `check` guards, ids that cannot leave their path."""

import json
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import commands as c
from shared.errors import BadInput
from shared.ids import ControlId

CONTRACT = json.loads((Path(__file__).parent.parent / "payloads" / "contract" / "commands.json").read_bytes())
OPERATIONS = CONTRACT["operations"]
LEG = ControlId("v3:leg-A_1")
MINIMAL = {
    "answer": c.Answer(),
    "bridge": c.Bridge(call_control_id="v3:other"),
    "dial": c.Dial(connection_id="290", from_="+12025550142", to="+12025550111"),
    "hangup": c.Hangup(),
    "transfer": c.Transfer(to="+12025550111"),
    "reject": c.Reject(cause="USER_BUSY"),
    "client_state_update": c.UpdateClientState(client_state="YQ=="),
    "speak": c.Speak(payload="Hello", voice="female"),
    "playback_start": c.StartPlayback(),
    "playback_stop": c.StopPlayback(),
    "record_start": c.StartRecording(channels="dual", format="mp3"),
    "record_stop": c.StopRecording(),
    "gather_using_speak": c.GatherUsingSpeak(payload="Press 1", voice="female"),
}
OBJECTS = {
    "CustomSipHeaderParam": c.CustomHeader("X-Demo", "1"),
    "SipHeaderParam": c.SipHeader("User-to-User", "1"),
    "DeepfakeDetection": c.DeepfakeDetection(enabled=True),
    "SoundModificationsParam": c.SoundModifications(),
    "TranscriptionStartRequestParam": c.TranscriptionConfig(),
    "WebhookRetriesPolicies": c.WebhookRetries(),
    "AnsweringMachineDetectionConfig": c.MachineDetectionConfig(),
    "ConferenceConfig": c.ConferenceConfig(),
    "DialogflowConfigParam": c.DialogflowConfig(),
}
BODIES = [
    (c.Answer(), "answer", {}),
    (
        c.Answer(
            client_state="YQ==",
            custom_headers=(c.CustomHeader("X-Demo", "1"),),
            record="record-from-answer",
            record_channels="dual",
            send_silence_when_idle=False,
            sound_modifications=c.SoundModifications(pitch=0.5),
            webhook_retries_policies={"call.hangup": c.WebhookRetries((1000, 2000))},
            webhook_urls={"call.hangup": "https://a.example", "call.bridged": ("https://b.example",)},
        ),
        "answer",
        {
            "client_state": "YQ==",
            "custom_headers": [{"name": "X-Demo", "value": "1"}],
            "record": "record-from-answer",
            "record_channels": "dual",
            "send_silence_when_idle": False,
            "sound_modifications": {"pitch": 0.5},
            "webhook_retries_policies": {"call.hangup": {"retries_ms": [1000, 2000]}},
            "webhook_urls": {"call.hangup": "https://a.example", "call.bridged": ["https://b.example"]},
        },
    ),
    (
        c.Bridge(call_control_id="v3:other", park_after_unbridge="self"),
        "bridge",
        {"call_control_id": "v3:other", "park_after_unbridge": "self"},
    ),
    (c.Bridge(queue="support"), "bridge", {"queue": "support"}),
    (c.Hangup(reason="done"), "hangup", {"reason": "done"}),
    (
        c.Transfer(
            to="sip:ana@sales.example",
            from_="+12025550178",
            timeout_secs=25,
            target_leg_client_state="Yg==",
            answering_machine_detection="premium",
            answering_machine_detection_config=c.MachineDetectionConfig(total_analysis_time_millis=8000),
        ),
        "transfer",
        {
            "to": "sip:ana@sales.example",
            "from": "+12025550178",
            "timeout_secs": 25,
            "target_leg_client_state": "Yg==",
            "answering_machine_detection": "premium",
            "answering_machine_detection_config": {"total_analysis_time_millis": 8000},
        },
    ),
    (c.Reject(cause="CALL_REJECTED"), "reject", {"cause": "CALL_REJECTED"}),
    (
        c.Speak(payload="Grüße", voice="female", language="de-DE"),
        "speak",
        {"payload": "Grüße", "voice": "female", "language": "de-DE"},
    ),
    (
        c.StartPlayback(audio_url="https://a.example/a.mp3", loop="infinity", overlay=True),
        "playback_start",
        {"audio_url": "https://a.example/a.mp3", "loop": "infinity", "overlay": True},
    ),
    (c.StopPlayback(stop="all"), "playback_stop", {"stop": "all"}),
    (
        c.StartRecording(channels="dual", format="wav", max_length=120, play_beep=True),
        "record_start",
        {"channels": "dual", "format": "wav", "max_length": 120, "play_beep": True},
    ),
    (c.StopRecording(recording_id="r"), "record_stop", {"recording_id": "r"}),
    (
        c.GatherUsingSpeak(payload="Press 1", voice="female", maximum_digits=1, valid_digits="1"),
        "gather_using_speak",
        {"payload": "Press 1", "voice": "female", "maximum_digits": 1, "valid_digits": "1"},
    ),
]


@pytest.mark.parametrize(("command", "verb", "expected"), BODIES)
def test_a_command_to_a_leg_becomes_exactly_this_request(command, verb, expected):
    request = c.request(command, LEG, "cmd-1")

    assert (request.method, request.path) == ("POST", f"/calls/v3:leg-A_1/actions/{verb}")
    assert json.loads(request.body) == expected | {"command_id": "cmd-1"}


def test_a_dial_is_addressed_to_no_leg():
    dial = c.Dial(
        connection_id="2900000000000000001",
        from_="+12025550142",
        to=("+12025550111", "sip:ana@sales.example"),
        link_to="v3:main",
        timeout_secs=20,
        conference_config=c.ConferenceConfig(conference_name="x", mute=False),
    )

    request = c.request(dial, None, "cmd-1")

    assert (request.method, request.path) == ("POST", "/calls")
    assert json.loads(request.body) == {
        "connection_id": "2900000000000000001",
        "from": "+12025550142",
        "to": ["+12025550111", "sip:ana@sales.example"],
        "link_to": "v3:main",
        "timeout_secs": 20,
        "conference_config": {"conference_name": "x", "mute": False},
        "command_id": "cmd-1",
    }


def test_a_client_state_update_takes_no_command_id():
    request = c.request(c.UpdateClientState(client_state="YQ=="), LEG, "cmd-1")

    assert request.path == "/calls/v3:leg-A_1/actions/client_state_update"
    assert json.loads(request.body) == {"client_state": "YQ=="}


@pytest.mark.parametrize(("command", "verb", "expected"), BODIES)
def test_a_body_reads_back_as_its_command(command, verb, expected):
    body = c.request(command, LEG, None).body

    assert json.loads(body) == expected
    assert msgspec.json.decode(body, type=type(command)) == command


def test_equal_commands_give_equal_bytes_whatever_order_they_were_written_in():
    one = c.Answer(record="record-from-answer", assistant={"b": 1, "a": 2}, webhook_urls={"y": "1", "x": "2"})
    two = c.Answer(webhook_urls={"x": "2", "y": "1"}, assistant={"a": 2, "b": 1}, record="record-from-answer")

    assert c.request(one, LEG, "cmd") == c.request(two, LEG, "cmd")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (c.request(c.Hangup(), LEG, None), c.request(c.Hangup(reason="x"), LEG, None)),
        (c.request(c.Hangup(), LEG, None), c.request(c.Hangup(), ControlId("v3:b"), None)),
        (c.request(c.Hangup(), LEG, None), c.request(c.Answer(), LEG, None)),
    ],
)
def test_the_digest_differs_with_what_is_sent(first, second):
    assert c.digest(first.method, first.path, first.body) != c.digest(second.method, second.path, second.body)


def test_the_digest_is_sha256_of_method_path_and_body():
    assert c.digest("POST", "/calls", b"{}") == sha256(b"POST\n/calls\n{}").hexdigest()


@pytest.mark.parametrize(
    ("hostile", "segment"),
    [
        ("../../x?y", "..%2F..%2Fx%3Fy"),
        ("a/b", "a%2Fb"),
        ("a#b", "a%23b"),
        ("a%2Fb", "a%252Fb"),
        ("a b\r\n", "a%20b%0D%0A"),
        ("é", "%C3%A9"),
        ("a\\b", "a%5Cb"),
    ],
)
def test_a_hostile_id_stays_one_segment(hostile, segment):
    assert c.request(c.Hangup(), ControlId(hostile), None).path == f"/calls/{segment}/actions/hangup"


@given(st.text(min_size=1).filter(lambda text: text not in {".", ".."}))
def test_any_id_stays_one_segment_and_reads_back(text):
    path = c.look_at_call(ControlId(text)).path

    assert path.isascii()
    assert path.startswith("/calls/")
    assert unquote(path.removeprefix("/calls/")) == text
    assert not set(path.removeprefix("/calls/")) & set("/?#")


@pytest.mark.parametrize("unusable", ["", ".", "..", "\ud800"])
def test_an_id_that_no_encoding_keeps_in_its_place_is_refused(unusable):
    with pytest.raises(BadInput, match="id"):
        c.request(c.Hangup(), ControlId(unusable), None)


def test_a_command_to_a_leg_needs_the_leg():
    with pytest.raises(BadInput, match="hangup: call_control_id"):
        c.request(c.Hangup(), None, None)


def test_a_dial_to_a_leg_is_refused():
    with pytest.raises(BadInput, match="dial: call_control_id"):
        c.request(MINIMAL["dial"], LEG, None)


def test_reads_are_requests_without_a_body():
    assert c.look_at_call(LEG) == c.Request("GET", "/calls/v3:leg-A_1", b"")
    assert c.retrieve_recording("a/b") == c.Request("GET", "/recordings/a%2Fb", b"")
    assert c.look_at_active_calls("290") == c.Request(
        "GET", "/connections/290/active_calls?page%5Blimit%5D=250", b""
    )
    assert c.look_at_active_calls("290", after="a&b=").path.endswith("&page%5Bafter%5D=a%26b%3D")


@pytest.mark.parametrize("verb", sorted(OPERATIONS))
def test_every_parameter_that_telnyx_documents_has_a_field(verb):
    operation = OPERATIONS[verb]
    command_id_in_body = b"command_id" in c.request(MINIMAL[verb], _address(verb), "x").body
    fields = {field.encode_name: field.required for field in msgspec.structs.fields(MINIMAL[verb])}
    wanted = {name: rule.get("required", False) for name, rule in operation["body"].items()}
    if verb == "bridge":
        wanted["call_control_id"] = False  # Telnyx's own text excludes it beside a queue or a video room

    assert command_id_in_body == (wanted.pop("command_id", None) is not None)
    assert fields == wanted


@pytest.mark.parametrize("name", sorted(OBJECTS))
def test_every_field_of_an_object_that_telnyx_documents_has_a_field(name):
    fields = {field.encode_name: field.required for field in msgspec.structs.fields(OBJECTS[name])}

    assert fields == {key: rule.get("required", False) for key, rule in CONTRACT["objects"][name].items()}


@pytest.mark.parametrize("verb", sorted(OPERATIONS))
def test_paths_and_methods_are_those_of_telnyx(verb):
    operation = OPERATIONS[verb]

    request = c.request(MINIMAL[verb], _address(verb), None)

    assert request.method == operation["method"]
    assert request.path == operation["path"].replace("{call_control_id}", LEG)


@pytest.mark.parametrize("verb", sorted(MINIMAL))
def test_the_least_of_each_command_passes_the_check(verb):
    c.check(MINIMAL[verb])


def _dial(**fields: object) -> c.Command:
    return msgspec.structs.replace(MINIMAL["dial"], **fields)


def _address(verb: str) -> ControlId | None:
    return None if verb == "dial" else LEG


def _limits(rule: dict[str, object]) -> tuple[list[object], list[object]]:
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


OPEN = {("answer", "preferred_codecs")}  # Telnyx documents one example as if it were an enum
CASES = [
    (verb, name, values)
    for verb, operation in OPERATIONS.items()
    for name, rule in operation["body"].items()
    if (verb, name) not in OPEN and any(values := _limits(rule))
]
OBJECT_CASES = [
    (owner, name, values)
    for owner, fields in CONTRACT["objects"].items()
    for name, rule in fields.items()
    if any(values := _limits(rule))
]


@pytest.mark.parametrize(("verb", "name", "values"), CASES)
def test_a_field_takes_what_telnyx_documents_and_nothing_beside_it(verb, name, values):
    inside, outside = values
    minimal = msgspec.structs.replace(MINIMAL[verb], **({"link_to": "v3:x"} if verb == "dial" else {}))

    for value in inside:
        c.check(msgspec.structs.replace(minimal, **{name: value}))

    for value in outside:
        with pytest.raises(BadInput, match=rf"^{verb}: {name} must be "):
            c.check(msgspec.structs.replace(minimal, **{name: value}))


@pytest.mark.parametrize(("owner", "name", "values"), OBJECT_CASES)
def test_a_field_of_an_object_takes_what_telnyx_documents_and_nothing_beside_it(owner, name, values):
    inside, outside = values

    for value in inside:
        c.check(_carrying(owner, name, value))

    for value in outside:
        with pytest.raises(BadInput, match=rf"^dial: .*\.{name} must be "):
            c.check(_carrying(owner, name, value))


def _carrying(owner: str, name: str, value: object) -> c.Command:
    """A dial with an object in which one field is set."""
    item = msgspec.structs.replace(OBJECTS[owner], **{name: value})
    field = next(key for key, rule in OPERATIONS["dial"]["body"].items() if rule.get("object") == owner)
    shape = {"custom_headers": (item,), "sip_headers": (item,), "webhook_retries_policies": {"call.hangup": item}}
    return _dial(**{field: shape.get(field, item)})


def test_a_refusal_names_the_field_and_what_it_may_be():
    with pytest.raises(BadInput) as refusal:
        c.check(msgspec.structs.replace(MINIMAL["transfer"], timeout_secs=4))

    assert str(refusal.value) == ('transfer: timeout_secs must be {"type":"integer","minimum":5,"maximum":600}')


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (c.Bridge(), "exactly one of"),
        (c.Bridge(call_control_id="v3:b", queue="q"), "exactly one of"),
        (c.Bridge(queue="q", video_room_id="v"), "exactly one of"),
        (_dial(bridge_intent=True), "bridge_intent needs link_to"),
        (_dial(bridge_on_answer=True), "bridge_on_answer needs link_to"),
        (_dial(park_after_unbridge="self"), "park_after_unbridge needs link_to"),
        (_dial(audio_url="a", media_name="b"), "exclude each other"),
        (
            c.Transfer(to="+1", webhook_retries_policies={"x": c.WebhookRetries((60_000, 1))}),
            "at most 60000 in all",
        ),
        (c.Transfer(to="+1", from_display_name="Lake: Clinic"), "from_display_name must be"),
        (c.Transfer(to="+1", send_digits_on_answer="1,2"), "send_digits_on_answer must be"),
        (c.Hangup(client_state="no base64"), "client_state must be"),
        (c.Hangup(client_state="YQ"), "client_state must be"),
        (c.Hangup(client_state="YQ==\n"), "client_state must be"),
        (c.Speak(payload="a", voice="female", language="en"), "language must be"),
        (c.StartPlayback(loop=0), "loop must be"),
        (c.StartPlayback(loop=101), "loop must be"),
    ],
)
def test_what_telnyx_would_refuse_is_refused_with_its_reason(command, refusal):
    with pytest.raises(BadInput, match=refusal):
        c.check(command)


@pytest.mark.parametrize(
    "command",
    [
        c.Bridge(queue="q"),
        c.Bridge(video_room_id="v"),
        _dial(bridge_intent=False),
        _dial(bridge_on_answer=True, link_to="v3:x"),
        c.Transfer(to="+1", webhook_retries_policies={"x": c.WebhookRetries((60_000,))}),
        c.Transfer(to="+1", from_display_name="Lake-Clinic ~1!.+_"),
        c.Transfer(to="+1", send_digits_on_answer="1w2W*#A"),
        c.StartPlayback(loop=100),
        c.Speak(payload="a", voice="female", loop="2"),
    ],
)
def test_what_telnyx_documents_as_possible_passes(command):
    c.check(command)


def test_a_value_newer_than_our_lists_can_still_be_sent_on_purpose():
    command = c.Reject(cause="MOON_IN_THE_WRONG_PHASE")

    assert json.loads(c.request(command, LEG, None).body) == {"cause": "MOON_IN_THE_WRONG_PHASE"}
