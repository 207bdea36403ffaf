"""Every operation of Telnyx's API that we use, by its name: where it goes, what it takes and what it gives.

Source: Telnyx docs: api-reference. The names are Telnyx's own; a call command's is its verb.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Struct

from shared import commands
from shared.commands import Command, Request, Sent
from shared.errors import BadInput
from shared.ids import ControlId
from shared.telnyx.applications import Application, CreateApplication, ListApplications, UpdateApplication
from shared.telnyx.call_events import CallEvent, ListCallEvents, too_many_times
from shared.telnyx.calls import Accepted, ActiveCall, Call, ListActiveCalls
from shared.telnyx.lists import query, query_string
from shared.telnyx.recordings import ListRecordings, Recording

_PLACE: Final = re.compile(r"\{(\w+)\}")
_VERBS: Final = frozenset(commands.VERBS.values())


class Operation(Struct, frozen=True):
    """Where it goes: `path` holds the names of its ids in braces.

    `takes` is its body, or the query of a list; `gives` is an answer's `data`, or one item of a list.
    """

    method: str
    path: str
    takes: type[Sent] | None
    gives: type[Struct]
    listed: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        """The names of the ids in the path, in order."""
        return tuple(_PLACE.findall(self.path))


_ON_A_LEG: Final = "/calls/{call_control_id}/actions/"
_APPLICATIONS: Final = "/call_control_applications"

OPERATIONS: Final[dict[str, Operation]] = {
    **{verb: Operation("POST", _ON_A_LEG + verb, kind, Accepted) for kind, verb in commands.VERBS.items()},
    "client_state_update": Operation(
        "PUT", _ON_A_LEG + "client_state_update", commands.UpdateClientState, Accepted
    ),
    "dial": Operation("POST", "/calls", commands.Dial, Call),
    "retrieve_call": Operation("GET", "/calls/{call_control_id}", None, Call),
    "list_active_calls": Operation(
        "GET", "/connections/{connection_id}/active_calls", ListActiveCalls, ActiveCall, listed=True
    ),
    "list_call_events": Operation("GET", "/call_events", ListCallEvents, CallEvent, listed=True),
    "list_call_control_applications": Operation("GET", _APPLICATIONS, ListApplications, Application, listed=True),
    "create_call_control_application": Operation("POST", _APPLICATIONS, CreateApplication, Application),
    "retrieve_call_control_application": Operation("GET", _APPLICATIONS + "/{id}", None, Application),
    "update_call_control_application": Operation("PATCH", _APPLICATIONS + "/{id}", UpdateApplication, Application),
    "delete_call_control_application": Operation("DELETE", _APPLICATIONS + "/{id}", None, Application),
    "list_recordings": Operation("GET", "/recordings", ListRecordings, Recording, listed=True),
    "retrieve_recording": Operation("GET", "/recordings/{recording_id}", None, Recording),
    "delete_recording": Operation("DELETE", "/recordings/{recording_id}", None, Recording),
}


def check_operation(name: str, sent: Sent) -> None:
    """Raise BadInput, naming the field and what it may be, where Telnyx would refuse the body or query."""
    if isinstance(sent, Command):
        commands.check(sent)
        return
    commands.check_fields(name, sent)
    if isinstance(sent, ListCallEvents) and (wrong := too_many_times(sent)):
        raise BadInput(f"{name}: {wrong}")


def operation_request(
    name: str, ids: Mapping[str, str], sent: Sent | None = None, command_id: str | None = None
) -> Request:
    """The request of an operation; of a list, its first page. What is sent is not judged: `check_operation` does.

    Raises BadInput for an id that is missing or unusable.
    """
    operation = OPERATIONS[name]
    if isinstance(sent, Command):
        leg = ids.get("call_control_id")
        return commands.request(sent, None if leg is None else ControlId(leg), command_id)
    if operation.listed:
        return page_request(name, ids, query(sent))
    body = b"" if sent is None else msgspec.json.encode(sent, order="deterministic")
    return Request(operation.method, _path(name, ids), body)


def page_request(name: str, ids: Mapping[str, str], parameters: Mapping[str, str]) -> Request:
    """A page of a list, by wire keys and values. Raises BadInput for an id that is missing or unusable."""
    return Request(OPERATIONS[name].method, _path(name, ids) + query_string(parameters))


def decode_body(name: str, body: bytes) -> tuple[Sent, str | None]:
    """What an operation sends, and its command_id, from a body exactly as in Telnyx's documentation.

    Raises BadInput, naming the key that is unknown or missing, or the field and what it may be.
    """
    kind = OPERATIONS[name].takes
    if kind is None or OPERATIONS[name].listed:
        raise BadInput(f"{name}: it takes no body")
    if name in _VERBS:
        return commands.decode_command(name, body)
    return commands.decode(name, kind, body), None


def decode_query(name: str, query: bytes) -> Sent:
    """What a list is asked, from a JSON object of flat wire keys; numbers and booleans may be text.

    Raises BadInput.
    """
    kind = OPERATIONS[name].takes
    if kind is None or not OPERATIONS[name].listed:
        raise BadInput(f"{name}: it takes no query")
    return commands.decode(name, kind, query, strict=False)


def _path(name: str, ids: Mapping[str, str]) -> str:
    operation = OPERATIONS[name]
    for place in operation.ids:
        if place not in ids:
            raise BadInput(f"{name}: {place} is missing")
    return _PLACE.sub(lambda place: commands.segment(ids[place[1]]), operation.path)
