"""Commands: the exact request that each becomes, and its digest."""

import json
from hashlib import sha256

import msgspec
import pytest

from shared import commands as c
from shared.commands.voices import MinimaxVoice
from shared.errors import BadInput
from shared.ids import ControlId

LEG = ControlId("v3:leg-A_1")
DIAL = c.Dial(connection_id="290", from_="+12025550142", to="+12025550111")
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
        c.Answer(
            assistant=c.Assistant(id="a", dynamic_variables={"n": 1.5, "ok": True}),
            transcription=True,
            transcription_config=c.TranscriptionConfig(
                transcription_engine="Telnyx", transcription_engine_config=c.EngineConfig(language="en")
            ),
        ),
        "answer",
        {
            "assistant": {"id": "a", "dynamic_variables": {"n": 1.5, "ok": True}},
            "transcription": True,
            "transcription_config": {
                "transcription_engine": "Telnyx",
                "transcription_engine_config": {"language": "en"},
            },
        },
    ),
    (
        c.Speak(payload="a", voice="Minimax.speech-02-hd.X", voice_settings=MinimaxVoice(language_boost=None)),
        "speak",
        {
            "payload": "a",
            "voice": "Minimax.speech-02-hd.X",
            "voice_settings": {"type": "minimax", "language_boost": None},
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
    (c.PauseRecording(client_state="YQ=="), "record_pause", {"client_state": "YQ=="}),
    (c.ResumeRecording(recording_id="r"), "record_resume", {"recording_id": "r"}),
    (c.SendDtmf(digits="1w#", duration_millis=100), "send_dtmf", {"digits": "1w#", "duration_millis": 100}),
    (
        c.StartStreaming(
            stream_url="wss://a.example", custom_parameters=(c.StreamParameter(name="n", value="v"),)
        ),
        "streaming_start",
        {"stream_url": "wss://a.example", "custom_parameters": [{"name": "n", "value": "v"}]},
    ),
    (c.StopStreaming(stream_id="s"), "streaming_stop", {"stream_id": "s"}),
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
    one = c.Answer(
        record="record-from-answer",
        assistant=c.Assistant(id="a", dynamic_variables={"b": 1, "a": 2}),
        webhook_urls={"y": "1", "x": "2"},
    )
    two = c.Answer(
        webhook_urls={"x": "2", "y": "1"},
        assistant=c.Assistant(id="a", dynamic_variables={"a": 2, "b": 1}),
        record="record-from-answer",
    )

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


def test_a_command_to_a_leg_needs_the_leg():
    with pytest.raises(BadInput, match="hangup: call_control_id"):
        c.request(c.Hangup(), None, None)


def test_a_dial_to_a_leg_is_refused():
    with pytest.raises(BadInput, match="dial: call_control_id"):
        c.request(DIAL, LEG, None)


def test_reads_are_requests_without_a_body():
    assert c.look_at_call(LEG) == c.Request("GET", "/calls/v3:leg-A_1", b"")
    assert c.retrieve_recording("a/b") == c.Request("GET", "/recordings/a%2Fb", b"")
    assert c.look_at_active_calls("290") == c.Request(
        "GET", "/connections/290/active_calls?page%5Blimit%5D=250", b""
    )
