"""Recordings that Telnyx keeps. Source: Telnyx docs: api-reference/call-recordings."""

from msgspec import UNSET, Struct, field

from shared.commands.sent import Maybe
from shared.telnyx.lists import Paged


class ListRecordings(Paged, frozen=True, kw_only=True):
    """Times are ISO 8601."""

    call_control_id: Maybe[str] = field(name="filter[call_control_id]", default=UNSET)
    call_leg_id: Maybe[str] = field(name="filter[call_leg_id]", default=UNSET)
    call_session_id: Maybe[str] = field(name="filter[call_session_id]", default=UNSET)
    conference_id: Maybe[str] = field(name="filter[conference_id]", default=UNSET)
    conference_region: Maybe[str] = field(name="filter[conference_region]", default=UNSET)
    connection_id: Maybe[str] = field(name="filter[connection_id]", default=UNSET)
    created_at_gte: Maybe[str] = field(name="filter[created_at][gte]", default=UNSET)
    created_at_lte: Maybe[str] = field(name="filter[created_at][lte]", default=UNSET)
    end_time_gte: Maybe[str] = field(name="filter[end_time][gte]", default=UNSET)
    end_time_lte: Maybe[str] = field(name="filter[end_time][lte]", default=UNSET)
    from_: Maybe[str] = field(name="filter[from]", default=UNSET)
    sip_call_id: Maybe[str] = field(name="filter[sip_call_id]", default=UNSET)
    start_time_gte: Maybe[str] = field(name="filter[start_time][gte]", default=UNSET)
    start_time_lte: Maybe[str] = field(name="filter[start_time][lte]", default=UNSET)
    to: Maybe[str] = field(name="filter[to]", default=UNSET)


class Downloads(Struct, frozen=True):
    """Fresh links to the file, by format."""

    mp3: str | None = None
    wav: str | None = None


class Recording(Struct, frozen=True, kw_only=True):
    """A file at Telnyx; `duration_millis` is as long as its audio."""

    id: str
    call_control_id: str | None = None
    call_leg_id: str | None = None
    call_session_id: str | None = None
    channels: str | None = None  # single, dual
    conference_id: str | None = None
    connection_id: str | None = None
    created_at: str | None = None
    download_urls: Downloads | None = None
    duration_millis: int | None = None
    from_: str | None = field(name="from", default=None)
    initiated_by: str | None = None
    record_type: str | None = None  # recording
    recording_ended_at: str | None = None
    recording_started_at: str | None = None
    source: str | None = None  # conference, call
    status: str | None = None  # completed
    to: str | None = None
    updated_at: str | None = None
