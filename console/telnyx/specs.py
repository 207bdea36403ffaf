"""The commands below `trunkline telnyx`, as a table: an operation of the Voice API each."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from shared.telnyx.operations import OPERATIONS, Operation


class Spec(NamedTuple):
    """A command: its words, the operation's name, its options by wire name, and the columns of a list."""

    words: tuple[str, ...]
    name: str
    help: str
    options: Mapping[str, str] = {}
    columns: tuple[str, ...] = ()

    @property
    def operation(self) -> Operation:
        return OPERATIONS[self.name]


_LEG_OPTIONS: Final = {
    "client_state": "base64 text that comes back in every webhook of the leg",
    "command_id": "a repeat with the same id within 60 s is ignored",
}
_NEW_LEG: Final = {
    "to": "number or SIP URI",
    "from": "number to show",
    "timeout_secs": "how long it rings, 5 to 600",
    **_LEG_OPTIONS,
}
_APPLICATION: Final = {"application_name": "its name", "webhook_event_url": "where its webhooks go"}
_APPLICATION_COLUMNS: Final = ("id", "application_name", "active", "webhook_event_url", "webhook_api_version")

SPECS: Final = (
    Spec(("dial",), "dial", "start a leg", {"connection_id": "default: TELNYX_CONNECTION_ID", **_NEW_LEG}),
    Spec(("answer",), "answer", "answer an incoming leg", _LEG_OPTIONS),
    Spec(("bridge",), "bridge", "join two legs", {"call_control_id": "the other leg", **_LEG_OPTIONS}),
    Spec(("hangup",), "hangup", "end a leg", _LEG_OPTIONS),
    Spec(("transfer",), "transfer", "move a call to a number", _NEW_LEG),
    Spec(
        ("active-calls",),
        "list_active_calls",
        "the legs that are up on a connection",
        {},
        ("call_control_id", "call_leg_id", "call_session_id", "call_duration"),
    ),
    Spec(
        ("applications", "list"),
        "list_call_control_applications",
        "call control applications",
        {"filter[application_name][contains]": "part of the name", "sort": "for example -created_at"},
        _APPLICATION_COLUMNS,
    ),
    Spec(("applications", "create"), "create_call_control_application", "make an application", _APPLICATION),
    Spec(("applications", "show"), "retrieve_call_control_application", "one application"),
    Spec(("applications", "update"), "update_call_control_application", "change an application", _APPLICATION),
    Spec(("applications", "delete"), "delete_call_control_application", "delete an application"),
    Spec(
        ("events",),
        "list_call_events",
        "commands and webhooks of calls; of the last 24 h without a leg or session",
        {"filter[leg_id]": "call_leg_id", "filter[application_session_id]": "call_session_id"},
        ("event_timestamp", "type", "name", "call_leg_id", "call_session_id"),
    ),
)


def flag_of(name: str) -> str:
    """An option by its wire name: `filter[leg_id]` is asked for as --leg-id."""
    short = {"filter[application_name][contains]": "name-contains", "filter[application_session_id]": "session-id"}
    return "--" + short.get(name, name.removeprefix("filter[").removesuffix("]")).replace("_", "-")
