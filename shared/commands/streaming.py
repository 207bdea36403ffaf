"""Commands that stream a leg's audio to a WebSocket. Unset fields are left out; names are Telnyx's own."""

from msgspec import UNSET

from shared.commands import choices as c
from shared.commands import parts
from shared.commands.sent import Maybe, Sent


class StreamParameter(Sent, frozen=True, kw_only=True):
    """Told to the WebSocket's server when the stream starts."""

    name: Maybe[str] = UNSET
    value: Maybe[str] = UNSET


class StartStreaming(Sent, frozen=True, kw_only=True):
    """Stream from now on; `streaming.started`, `.stopped` and `.failed` tell what comes of it."""

    client_state: Maybe[c.ClientState] = UNSET
    custom_parameters: Maybe[tuple[StreamParameter, ...]] = UNSET
    dialogflow_config: Maybe[parts.DialogflowConfig] = UNSET
    enable_dialogflow: Maybe[bool] = UNSET
    stream_auth_token: Maybe[c.StreamToken] = UNSET
    stream_bidirectional_codec: Maybe[c.Codec] = UNSET
    stream_bidirectional_mode: Maybe[c.BidirectionalMode] = UNSET
    stream_bidirectional_sampling_rate: Maybe[c.SamplingRate] = UNSET
    stream_bidirectional_target_legs: Maybe[c.TargetLegs] = UNSET
    stream_codec: Maybe[c.StreamCodec] = UNSET
    stream_track: Maybe[c.StreamTrack] = UNSET
    stream_url: Maybe[str] = UNSET


class StopStreaming(Sent, frozen=True, kw_only=True):
    """Stop one stream of the leg, or all of them without an id."""

    client_state: Maybe[c.ClientState] = UNSET
    stream_id: Maybe[str] = UNSET
