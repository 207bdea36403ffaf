"""Commands that record a leg. Unset fields are left out; names are Telnyx's own."""

from typing import Literal

from msgspec import UNSET

from shared.commands import choices as c
from shared.commands.languages import RecordedLanguage
from shared.commands.sent import Maybe, Sent


class StartRecording(Sent, frozen=True, kw_only=True):
    """Record from now on; refused with 90034 before the answer and with 90020 before audio flows."""

    channels: c.Channels
    format: c.AudioFormat
    client_state: Maybe[c.ClientState] = UNSET
    custom_file_name: Maybe[c.FileName] = UNSET
    max_length: Maybe[c.RecordStartSeconds] = UNSET
    play_beep: Maybe[bool] = UNSET
    recording_track: Maybe[c.Track] = UNSET
    timeout_secs: Maybe[c.SilenceSeconds] = UNSET
    transcription: Maybe[bool] = UNSET
    transcription_engine: Maybe[Literal["A", "B", "deepgram/nova-3"]] = UNSET
    transcription_language: Maybe[RecordedLanguage] = UNSET
    transcription_max_speaker_count: Maybe[int] = UNSET
    transcription_min_speaker_count: Maybe[int] = UNSET
    transcription_profanity_filter: Maybe[bool] = UNSET
    transcription_speaker_diarization: Maybe[bool] = UNSET
    trim: Maybe[c.Trim] = UNSET


class StopRecording(Sent, frozen=True, kw_only=True):
    """Stop recording; the file follows as `call.recording.saved`."""

    client_state: Maybe[c.ClientState] = UNSET
    recording_id: Maybe[str] = UNSET


class PauseRecording(Sent, frozen=True, kw_only=True):
    """Leave out what is said from now on."""

    client_state: Maybe[c.ClientState] = UNSET
    recording_id: Maybe[str] = UNSET


class ResumeRecording(Sent, frozen=True, kw_only=True):
    """Go on after a pause, in the same file."""

    client_state: Maybe[c.ClientState] = UNSET
    recording_id: Maybe[str] = UNSET
