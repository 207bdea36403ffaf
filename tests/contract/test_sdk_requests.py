"""For the same arguments our client and the official SDK send the same: method, path, query and body."""

import asyncio
import inspect
import json
from importlib import import_module
from operator import attrgetter
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from shared.telnyx import OPERATIONS, decode_body, decode_query
from tests.contract.sdk_arguments import all_arguments, literals, objects_of, turns, wire_types
from tests.telnyx_contract import OBJECTS, ids_of
from tests.telnyx_contract import OPERATIONS as DOCUMENTED
from tests.telnyx_stub import api_on


class Sdk(NamedTuple):
    method: str  # of a client
    params: str | None = None  # module and type under telnyx.types


def on_a_leg(method: str, params: str | None = None) -> Sdk:
    words = (params or method).split("_")
    kind = "".join(word.capitalize() for word in words)
    return Sdk(f"calls.actions.{method}", f"calls.action_{params or method}_params.Action{kind}Params")


IN_THE_SDK: Final = {
    "answer": on_a_leg("answer"),
    "bridge": on_a_leg("bridge"),
    "dial": Sdk("calls.dial", "call_dial_params.CallDialParams"),
    "hangup": on_a_leg("hangup"),
    "transfer": on_a_leg("transfer"),
    "list_active_calls": Sdk(
        "connections.list_active_calls", "connection_list_active_calls_params.ConnectionListActiveCallsParams"
    ),
    "list_call_events": Sdk("call_events.list", "call_event_list_params.CallEventListParams"),
    "list_call_control_applications": Sdk(
        "call_control_applications.list", "call_control_application_list_params.CallControlApplicationListParams"
    ),
    "create_call_control_application": Sdk(
        "call_control_applications.create",
        "call_control_application_create_params.CallControlApplicationCreateParams",
    ),
    "retrieve_call_control_application": Sdk("call_control_applications.retrieve"),
    "update_call_control_application": Sdk(
        "call_control_applications.update",
        "call_control_application_update_params.CallControlApplicationUpdateParams",
    ),
    "delete_call_control_application": Sdk("call_control_applications.delete"),
    "reject": on_a_leg("reject"),
    "client_state_update": on_a_leg("update_client_state"),
    "speak": on_a_leg("speak"),
    "playback_start": on_a_leg("start_playback"),
    "playback_stop": on_a_leg("stop_playback"),
    "record_start": on_a_leg("start_recording"),
    "record_stop": on_a_leg("stop_recording"),
    "record_pause": on_a_leg("pause_recording"),
    "record_resume": on_a_leg("resume_recording"),
    "gather_using_speak": on_a_leg("gather_using_speak"),
    "send_dtmf": on_a_leg("send_dtmf"),
    "streaming_start": on_a_leg("start_streaming"),
    "streaming_stop": on_a_leg("stop_streaming"),
    "retrieve_call": Sdk("calls.retrieve_status"),
    "list_recordings": Sdk("recordings.list", "recording_list_params.RecordingListParams"),
    "retrieve_recording": Sdk("recordings.retrieve"),
    "delete_recording": Sdk("recordings.delete"),
}
ANSWER: Final = {"call_control_id": "v3:a", "call_leg_id": "l", "call_session_id": "s", "id": "1", "result": "ok"}


def params_of(sdk, name: str) -> type | None:
    where = IN_THE_SDK[name].params
    if where is None:
        return None
    module, _, kind = where.rpartition(".")
    return getattr(import_module(f"{sdk.__name__}.types.{module}"), kind)


def flat(wire: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """A query's objects as Telnyx's keys: filter[occurred_at][eq]."""
    keys: dict[str, Any] = {}
    for key, value in wire.items():
        name = f"{prefix}[{key}]" if prefix else key
        keys |= flat(value, name) if isinstance(value, dict) else {name: value}
    return keys


async def by_sdk(sdk, url: str, name: str, given: list[dict[str, Any]]) -> None:
    """Call the method once with each of the arguments."""
    async with httpx.AsyncClient(trust_env=False) as http:
        client = sdk.AsyncTelnyx(api_key="KEY", base_url=url, max_retries=0, http_client=http)
        method = attrgetter(IN_THE_SDK[name].method)(client)
        for arguments in given:
            await method(*ids_of(name).values(), **arguments)


async def by_us(api, name: str, wire: list[dict[str, Any]]) -> None:
    """Call our method once with each of the documented bodies or queries."""
    for document in wire:
        arguments: list[Any] = list(ids_of(name).values())
        if OPERATIONS[name].listed:
            arguments.append(decode_query(name, json.dumps(flat(document)).encode()))
        elif OPERATIONS[name].takes:
            sent, command_id = decode_body(name, json.dumps(document).encode())
            arguments += [sent] if command_id is None else [sent, command_id]
        result = getattr(api, name)(*arguments)
        if inspect.isasyncgen(result):
            assert [item async for item in result] == []
        else:
            await result


def requests_of(sdk, name: str, given: list[Any], wire: list[Any]):
    """What the SDK sent, and what we did."""

    def reply(_received):
        return 200, {"data": [] if OPERATIONS[name].listed else ANSWER}

    async def play():
        async with api_on(reply, checked=False) as (api, stub):  # all at once excludes one another
            await by_sdk(sdk, api._exchange._telnyx._base_url, name, given)
            await by_us(api, name, wire)
            return [parsed(received) for received in stub.received]

    sent = asyncio.run(play())
    return sent[: len(given)], sent[len(given) :]


def parsed(received) -> tuple[str, str, list[tuple[str, str]], Any]:
    target = urlsplit(received.target)
    return received.method, target.path, sorted(parse_qsl(target.query, keep_blank_values=True)), received.body


def test_every_operation_has_its_method_in_the_sdk():
    assert IN_THE_SDK.keys() == OPERATIONS.keys()


@pytest.mark.parametrize("name", sorted(IN_THE_SDK))
def test_with_all_parameters_set_we_send_what_the_sdk_sends(sdk, name):
    params, rules = params_of(sdk, name), DOCUMENTED[name]["sends"]
    pairs = [all_arguments(params, rules, turn) for turn in range(turns(params))] if params else [({}, {})]

    theirs, ours = requests_of(sdk, name, [given for given, _ in pairs], [wire for _, wire in pairs])

    assert ours == theirs
    assert len(ours) == len(pairs)
