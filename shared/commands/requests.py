"""From a command to the exact HTTP request that carries it, and the digest that identifies it."""

from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from shared.commands.legs import Answer, Bridge, Dial, Hangup, Reject, Transfer, UpdateClientState
from shared.commands.media import GatherUsingSpeak, SendDtmf, Speak, StartPlayback, StopPlayback
from shared.commands.recording import PauseRecording, ResumeRecording, StartRecording, StopRecording
from shared.commands.streaming import StartStreaming, StopStreaming
from shared.errors import BadInput
from shared.ids import ControlId

Command = (
    Answer
    | Bridge
    | Dial
    | Hangup
    | Transfer
    | Reject
    | UpdateClientState
    | Speak
    | StartPlayback
    | StopPlayback
    | StartRecording
    | StopRecording
    | PauseRecording
    | ResumeRecording
    | GatherUsingSpeak
    | SendDtmf
    | StartStreaming
    | StopStreaming
)

VERBS: Final[dict[type[Command], str]] = {
    Answer: "answer",
    Bridge: "bridge",
    Dial: "dial",
    Hangup: "hangup",
    Transfer: "transfer",
    Reject: "reject",
    UpdateClientState: "client_state_update",
    Speak: "speak",
    StartPlayback: "playback_start",
    StopPlayback: "playback_stop",
    StartRecording: "record_start",
    StopRecording: "record_stop",
    PauseRecording: "record_pause",
    ResumeRecording: "record_resume",
    GatherUsingSpeak: "gather_using_speak",
    SendDtmf: "send_dtmf",
    StartStreaming: "streaming_start",
    StopStreaming: "streaming_stop",
}

# A segment's own characters in RFC 3986 (pchar); the official SDK leaves the same ones as they are.
_SEGMENT_SAFE: Final = "!$&'()*+,;=:@"
_PAGE: Final = 250  # the most that Telnyx gives at once (Telnyx docs: list-all-active-calls)


class Request(msgspec.Struct, frozen=True):
    """What is sent, to the byte. `path` begins with a slash and follows the base URL; no body means no bytes."""

    method: str
    path: str
    body: bytes = b""


def request(command: Command, call_control_id: ControlId | None, command_id: str | None) -> Request:
    """The request for a command to a leg, or for a dial, which goes to none. Raises BadInput for an unusable id.

    Values are not judged here (`check` does that), so what Telnyx newly allows can be sent on purpose. Equal
    commands give equal bytes: keys are in order. `client_state_update` takes no command_id and gets none.
    """
    fields: dict[str, Any] = msgspec.to_builtins(command)
    if command_id is not None and not isinstance(command, UpdateClientState):
        fields["command_id"] = command_id
    body = msgspec.json.encode(fields, order="deterministic")
    method = "PUT" if isinstance(command, UpdateClientState) else "POST"  # Telnyx docs: update-client-state
    return Request(method, _path(command, call_control_id), body)


def digest(method: str, path: str, body_without_command_id: bytes) -> str:
    """SHA-256 in hex of what a command does, for `shared.ids.command_id`."""
    return sha256(b"\n".join((method.encode(), path.encode(), body_without_command_id))).hexdigest()


def look_at_call(call_control_id: ControlId) -> Request:
    """Ask whether a leg is alive (`data.is_alive`); a 404 says that it is over."""
    return Request("GET", f"/calls/{segment(call_control_id)}")


def look_at_active_calls(connection_id: str) -> Request:
    """Ask for the live legs of a connection. This is the first page: a leg that is not on it may be on another."""
    page = urlencode({"page[limit]": _PAGE})
    return Request("GET", f"/connections/{segment(connection_id)}/active_calls?{page}")


def retrieve_recording(recording_id: str) -> Request:
    """Ask for a recording and fresh links to its file (`data.download_urls`)."""
    return Request("GET", f"/recordings/{segment(recording_id)}")


def _path(command: Command, call_control_id: ControlId | None) -> str:
    verb = VERBS[type(command)]
    if isinstance(command, Dial):
        if call_control_id is not None:
            raise BadInput("dial: call_control_id must be absent, a dial is addressed to no leg")
        return "/calls"
    if call_control_id is None:
        raise BadInput(f"{verb}: call_control_id is missing")
    return f"/calls/{segment(call_control_id)}/actions/{verb}"


def segment(value: str) -> str:
    """An id as exactly one path segment, whatever it holds. Raises BadInput where no encoding can keep it one."""
    if value in {"", ".", ".."}:  # clients and proxies resolve dots, and many of them `%2E` as well
        raise BadInput("an id of a path must not be empty or consist of dots")
    try:
        return quote(value, safe=_SEGMENT_SAFE)
    except UnicodeEncodeError:  # a lone surrogate
        raise BadInput("an id of a path must be valid text") from None
