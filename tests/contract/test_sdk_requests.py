"""For the same arguments our client and the official SDK send the same: method, path, query and body."""

import asyncio
import inspect
import json
from operator import attrgetter
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from shared.telnyx import OPERATIONS, decode_body, decode_query
from tests.contract.sdk_arguments import all_arguments, turns
from tests.contract.sdk_methods import IN_THE_SDK, params_of
from tests.telnyx_contract import OPERATIONS as DOCUMENTED
from tests.telnyx_contract import ids_of
from tests.telnyx_stub import api_on

ANSWER: Final = {"call_control_id": "v3:a", "call_leg_id": "l", "call_session_id": "s", "id": "1", "result": "ok"}


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
