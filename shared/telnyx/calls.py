"""Legs as Telnyx tells of them over HTTP: the answer to a command or a dial, a leg's status, the active calls.

Source: Telnyx docs: api-reference/call-information and call-commands/dial. Of an answer only the ids are
guaranteed here; enums and times stay text.
"""

from msgspec import UNSET, Struct, field

from shared.commands.sent import Maybe
from shared.telnyx.lists import Paged, PageSize


class Accepted(Struct, frozen=True):
    """A command was accepted; what becomes of it is told by webhooks. `recording_id` comes where it records."""

    result: str | None = None  # ok
    recording_id: str | None = None


class Call(Struct, frozen=True, kw_only=True):
    """A leg: the answer to a dial, where `is_alive` is always false, and to a look at it. Duration in seconds."""

    call_control_id: str
    call_leg_id: str
    call_session_id: str
    is_alive: bool | None = None
    record_type: str | None = None  # call
    call_duration: int | None = None
    client_state: str | None = None
    end_time: str | None = None
    recording_id: str | None = None
    start_time: str | None = None


class ActiveCall(Struct, frozen=True, kw_only=True):
    """A leg that is up. Duration in seconds."""

    call_control_id: str
    call_leg_id: str
    call_session_id: str
    call_duration: int | None = None
    client_state: str | None = None
    record_type: str | None = None  # call


class ListActiveCalls(Paged, frozen=True, kw_only=True):
    """Telnyx documents cursors here while its SDK asks for page numbers; both may be asked for."""

    page_after: Maybe[str] = field(name="page[after]", default=UNSET)
    page_before: Maybe[str] = field(name="page[before]", default=UNSET)
    page_limit: Maybe[PageSize] = field(name="page[limit]", default=UNSET)
