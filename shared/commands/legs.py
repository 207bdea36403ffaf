"""Commands that begin, join and end legs. Unset fields are left out; names are Telnyx's own but for `from_`.

What only `Answer` and `Dial` take stands in both: a msgspec struct has one base.
"""

from msgspec import UNSET, field

from shared.commands import choices as c
from shared.commands import parts
from shared.commands.assistant import Assistant
from shared.commands.relay import ConversationRelay
from shared.commands.sent import Maybe, Sent
from shared.commands.transcription import TranscriptionConfig

_Headers = tuple[parts.CustomHeader, ...]
_SipHeaders = tuple[parts.SipHeader, ...]


class _Recorded(Sent, frozen=True, kw_only=True):
    """Recording from the answer on. Lengths are in seconds, 0 for no limit."""

    record: Maybe[c.RecordFrom] = UNSET
    record_channels: Maybe[c.Channels] = UNSET
    record_custom_file_name: Maybe[c.FileName] = UNSET
    record_format: Maybe[c.AudioFormat] = UNSET
    record_max_length: Maybe[c.RecordSeconds] = UNSET
    record_timeout_secs: Maybe[c.SilenceSeconds] = UNSET
    record_track: Maybe[c.Track] = UNSET
    record_trim: Maybe[c.Trim] = UNSET


class _Leg(_Recorded, frozen=True, kw_only=True):
    """What a leg carries: headers, sound, state, and where its webhooks go."""

    client_state: Maybe[c.ClientState] = UNSET
    custom_headers: Maybe[_Headers] = UNSET
    preferred_codecs: Maybe[str] = UNSET  # in order, with commas: G722,PCMU,PCMA,G729,OPUS,VP8,H264
    sip_headers: Maybe[_SipHeaders] = UNSET
    sound_modifications: Maybe[parts.SoundModifications] = UNSET
    webhook_retries_policies: Maybe[dict[str, parts.WebhookRetries]] = UNSET  # by event type
    webhook_url: Maybe[str] = UNSET  # takes every later webhook of the call, not of this command alone
    webhook_url_method: Maybe[c.WebhookMethod] = UNSET
    webhook_urls: Maybe[dict[str, str | tuple[str, ...]]] = UNSET  # by event type
    webhook_urls_method: Maybe[c.WebhookMethod] = UNSET


class _NewLeg(_Leg, frozen=True, kw_only=True):
    """What a leg that we originate is told: how to dial, how to detect a machine, when to give up."""

    answering_machine_detection: Maybe[c.AmdMode] = UNSET
    answering_machine_detection_config: Maybe[parts.MachineDetectionConfig] = UNSET
    audio_url: Maybe[str] = UNSET
    diversion: Maybe[str] = UNSET
    from_display_name: Maybe[c.DisplayName] = UNSET
    media_encryption: Maybe[c.MediaEncryption] = UNSET
    media_name: Maybe[str] = UNSET
    park_after_unbridge: Maybe[c.Park] = UNSET
    privacy: Maybe[c.Privacy] = UNSET
    route_to_mobile: Maybe[bool] = UNSET
    send_digits_on_answer: Maybe[c.Digits] = UNSET
    sip_auth_password: Maybe[str] = UNSET
    sip_auth_username: Maybe[str] = UNSET
    sip_region: Maybe[c.SipRegion] = UNSET
    sip_transport_protocol: Maybe[c.SipTransport] = UNSET
    time_limit_secs: Maybe[c.CallSeconds] = UNSET
    timeout_secs: Maybe[c.RingSeconds] = UNSET


class Answer(_Leg, frozen=True, kw_only=True):
    """Take an inbound leg; it must come before any command but reject, hangup and client_state_update."""

    assistant: Maybe[Assistant] = UNSET
    billing_group_id: Maybe[str] = UNSET
    conversation_relay_config: Maybe[ConversationRelay] = UNSET
    deepfake_detection: Maybe[parts.DeepfakeDetection] = UNSET
    send_silence_when_idle: Maybe[bool] = UNSET
    stream_bidirectional_codec: Maybe[c.Codec] = UNSET
    stream_bidirectional_mode: Maybe[c.BidirectionalMode] = UNSET
    stream_bidirectional_target_legs: Maybe[c.TargetLegs] = UNSET
    stream_codec: Maybe[c.StreamCodec] = UNSET
    stream_track: Maybe[c.StreamTrack] = UNSET
    stream_url: Maybe[str] = UNSET
    transcription: Maybe[bool] = UNSET
    transcription_config: Maybe[TranscriptionConfig] = UNSET


class Bridge(_Recorded, frozen=True, kw_only=True):
    """Join the addressed leg with another one: of `call_control_id`, the head of a queue, or a video room."""

    call_control_id: Maybe[str] = UNSET  # the other leg; the one addressed stands in the path
    client_state: Maybe[c.ClientState] = UNSET
    hold_after_unbridge: Maybe[bool] = UNSET
    mute_dtmf: Maybe[c.MuteDtmf] = UNSET
    park_after_unbridge: Maybe[c.Park] = UNSET
    play_ringtone: Maybe[bool] = UNSET
    prevent_double_bridge: Maybe[bool] = UNSET
    queue: Maybe[str] = UNSET
    ringtone: Maybe[c.Ringtone] = UNSET
    video_room_context: Maybe[str] = UNSET
    video_room_id: Maybe[str] = UNSET


class Dial(_NewLeg, frozen=True, kw_only=True):
    """Originate a leg. Telnyx's 200 means accepted, never answered; the answer is a webhook."""

    connection_id: str
    from_: str = field(name="from")
    to: str | tuple[str, ...]
    assistant: Maybe[Assistant] = UNSET
    billing_group_id: Maybe[str] = UNSET
    bridge_intent: Maybe[bool] = UNSET
    bridge_on_answer: Maybe[bool] = UNSET
    conference_config: Maybe[parts.ConferenceConfig] = UNSET
    conversation_relay_config: Maybe[ConversationRelay] = UNSET
    deepfake_detection: Maybe[parts.DeepfakeDetection] = UNSET
    dialogflow_config: Maybe[parts.DialogflowConfig] = UNSET
    enable_dialogflow: Maybe[bool] = UNSET
    link_to: Maybe[str] = UNSET  # the call_control_id whose session the new leg shares
    prevent_double_bridge: Maybe[bool] = UNSET
    retry_on_timeout: Maybe[bool] = UNSET
    send_silence_when_idle: Maybe[bool] = UNSET
    stream_auth_token: Maybe[c.StreamToken] = UNSET
    stream_bidirectional_codec: Maybe[c.Codec] = UNSET
    stream_bidirectional_mode: Maybe[c.BidirectionalMode] = UNSET
    stream_bidirectional_sampling_rate: Maybe[c.SamplingRate] = UNSET
    stream_bidirectional_target_legs: Maybe[c.TargetLegs] = UNSET
    stream_codec: Maybe[c.StreamCodec] = UNSET
    stream_establish_before_call_originate: Maybe[bool] = UNSET
    stream_track: Maybe[c.StreamTrack] = UNSET
    stream_url: Maybe[str] = UNSET
    supervise_call_control_id: Maybe[str] = UNSET
    supervisor_role: Maybe[c.SupervisorRole] = UNSET
    transcription: Maybe[bool] = UNSET
    transcription_config: Maybe[TranscriptionConfig] = UNSET


class Transfer(_NewLeg, frozen=True, kw_only=True):
    """Dial `to` and bridge the addressed leg with it; the new leg's ids first come with its `call.initiated`.

    `client_state` stays with the addressed leg, `target_leg_client_state` goes to the new one, as do webhook_*.
    """

    to: str
    early_media: Maybe[bool] = UNSET
    from_: Maybe[str] = field(name="from", default=UNSET)
    mute_dtmf: Maybe[c.MuteDtmf] = UNSET
    target_leg_client_state: Maybe[c.ClientState] = UNSET


class Hangup(Sent, frozen=True, kw_only=True):
    """End the addressed leg."""

    client_state: Maybe[c.ClientState] = UNSET
    custom_headers: Maybe[_Headers] = UNSET
    reason: Maybe[str] = UNSET


class Reject(Sent, frozen=True, kw_only=True):
    """Refuse an inbound leg that was not answered."""

    cause: c.RejectCause
    client_state: Maybe[c.ClientState] = UNSET


class UpdateClientState(Sent, frozen=True, kw_only=True):
    """Replace what the addressed leg carries in its later webhooks."""

    client_state: c.ClientState
