"""The command bodies the stand-in understands: every documented field, its type, enum and range.

Read by verb and checked whole, in `read_body`; a field that is not documented passes unread.
"""

import msgspec

from simulator.json_body import read_json
from simulator.parameters.bodies import Body, Recordable, Streamed
from simulator.parameters.legs import Answer, Bridge, ClientStateUpdate, Dial, Hangup, NewLeg, Reject, Transfer
from simulator.parameters.media import (
    Gather,
    GatherUsingSpeak,
    OfRecording,
    PlaybackStart,
    PlaybackStop,
    RecordStart,
    SendDtmf,
    Speak,
    StreamingStart,
    StreamingStop,
)
from simulator.parameters.objects import DetectionConfig
from simulator.parameters.values import Detection

__all__ = [
    "VERBS",
    "Answer",
    "Body",
    "Bridge",
    "Detection",
    "DetectionConfig",
    "Dial",
    "Gather",
    "GatherUsingSpeak",
    "NewLeg",
    "OfRecording",
    "PlaybackStart",
    "PlaybackStop",
    "RecordStart",
    "Recordable",
    "Reject",
    "SendDtmf",
    "Speak",
    "Streamed",
    "StreamingStart",
    "StreamingStop",
    "Transfer",
    "read_body",
]

_DECODERS: dict[str, msgspec.json.Decoder[Body]] = {
    verb: msgspec.json.Decoder(body)
    for verb, body in {
        "dial": Dial,
        "answer": Answer,
        "bridge": Bridge,
        "client_state_update": ClientStateUpdate,
        "gather": Gather,
        "gather_stop": Body,
        "gather_using_speak": GatherUsingSpeak,
        "hangup": Hangup,
        "playback_start": PlaybackStart,
        "playback_stop": PlaybackStop,
        "record_pause": OfRecording,
        "record_resume": OfRecording,
        "record_start": RecordStart,
        "record_stop": OfRecording,
        "reject": Reject,
        "send_dtmf": SendDtmf,
        "speak": Speak,
        "streaming_start": StreamingStart,
        "streaming_stop": StreamingStop,
        "transfer": Transfer,
    }.items()
}
VERBS = frozenset(_DECODERS)
"""Every command the stand-in performs; another one is a 404."""


def read_body(verb: str, raw: bytes) -> Body:
    """The checked body of a known verb. Raises Refusal."""
    body = read_json(raw, _DECODERS[verb])
    body.check()
    return body
