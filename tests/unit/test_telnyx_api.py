"""The typed methods on real connections: each sends its operation once and gives its result, or one error."""

import asyncio
import inspect

import pytest

from shared.commands import Answer, Hangup, Reject, UpdateClientState
from shared.errors import BadInput, TelnyxError
from shared.telnyx import OPERATIONS, Api, Telnyx
from shared.telnyx.applications import Application, ApplicationChanges, ListApplications
from shared.telnyx.call_events import CallEvent
from shared.telnyx.calls import Accepted, ActiveCall, Call, ListActiveCalls
from shared.telnyx.recordings import ListRecordings, Recording
from tests.telnyx_contract import IDS, LEAST, ids_of
from tests.telnyx_stub import api_on

LEG = {"call_control_id": "v3:a", "call_leg_id": "l", "call_session_id": "s"}
APPLICATION = {"id": "29", "application_name": "Clinic", "webhook_event_url": "https://a.example"}
GIVEN = {  # by the type of a result: what Telnyx answers, and what that reads as
    Accepted: ({"result": "ok"}, Accepted(result="ok")),
    Call: (LEG | {"is_alive": False}, Call(**LEG, is_alive=False)),
    ActiveCall: (LEG | {"call_duration": 5}, ActiveCall(**LEG, call_duration=5)),
    CallEvent: ({"name": "call.hangup", "metadata": {}}, CallEvent(name="call.hangup", metadata={})),
    Application: (APPLICATION, Application(**APPLICATION)),
    Recording: ({"id": "r", "from": "+1"}, Recording(id="r", from_="+1")),
}


def run(call, reply, checked=True):
    """What the call gives, and what Telnyx received."""

    async def play():
        async with api_on(reply, checked) as (api, stub):
            given = call(api)
            result = [item async for item in given] if inspect.isasyncgen(given) else await given
            return result, stub.received

    return asyncio.run(play())


def refusal(call, reply):
    with pytest.raises(TelnyxError) as raised:
        run(call, reply)
    return raised.value


def hang_up(api):
    return api.hangup("v3:a", Hangup())


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_each_operation_has_its_method(name):
    operation = OPERATIONS[name]
    data, expected = GIVEN[operation.gives]
    arguments = [*ids_of(name).values(), *([LEAST[name]] if operation.takes else [])]
    document = {"data": [data] if operation.listed else data, "meta": {"page_number": 1, "total_pages": 1}}

    result, [received] = run(lambda api: getattr(api, name)(*arguments), lambda _: (200, document))

    assert result == ([expected] if operation.listed else expected)
    assert received.method == operation.method
    assert received.target.count("/") == operation.path.count("/")


@pytest.mark.parametrize("verb", sorted(name for name in OPERATIONS if OPERATIONS[name].gives in {Accepted, Call}))
def test_a_command_id_goes_with_every_command_that_takes_one(verb):
    if "command_id" not in inspect.signature(getattr(Api, verb)).parameters:
        assert verb in {"client_state_update", "retrieve_call"}
        return
    arguments = [*ids_of(verb).values(), LEAST[verb]]
    data, _ = GIVEN[OPERATIONS[verb].gives]

    _, [received] = run(
        lambda api: getattr(api, verb)(*arguments, command_id="cmd-1"), lambda _: (200, {"data": data})
    )

    assert received.body["command_id"] == "cmd-1"


def test_a_command_id_of_the_same_text_is_sent_as_it_is():
    _, [first] = run(
        lambda api: api.reject("v3:a", Reject(cause="USER_BUSY"), "x y"), lambda _: (200, {"data": {}})
    )

    assert first.body == {"cause": "USER_BUSY", "command_id": "x y"}


def test_an_answer_that_records_tells_the_recording():
    result, _ = run(
        lambda api: api.answer("v3:a", Answer(record="record-from-answer")),
        lambda _: (200, {"data": {"result": "ok", "recording_id": "r"}}),
    )

    assert result == Accepted(result="ok", recording_id="r")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ((422, {"errors": [{"code": "90018", "title": "Call has already ended", "detail": "It is over."}]}),
         (422, "90018", "Call has already ended", "It is over.")),
        ((422, {"errors": [{"code": 1, "title": "a", "detail": "b"}, {"code": "2", "title": "c", "detail": "d"}]}),
         (422, "1", "a", "b; 2 c: d")),
        ((401, b"<html>"), (401, "", "refused", "Telnyx gave no reason")),
        ((500, {}), (500, "", "refused", "Telnyx gave no reason")),
        ((302, b""), (302, "", "refused", "Telnyx gave no reason")),
        ((200, {"errors": [{"code": "10007", "title": "Oh", "detail": "?"}]}), (200, "10007", "Oh", "?")),
        ((200, b"no json"),
         (None, "", "no answer", "unreadable body of a 200: it may have been done all the same")),
    ],
)  # fmt: skip
def test_every_failure_is_one_error_with_what_telnyx_said(reply, error):
    raised = refusal(hang_up, lambda _: reply)

    assert (raised.status, raised.code, raised.title, raised.detail) == error


def test_an_error_reads_as_one_line():
    raised = refusal(
        hang_up, lambda _: (404, {"errors": [{"code": "10005", "title": "Not found", "detail": "No."}]})
    )

    assert str(raised) == "404 10005 Not found No."


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (hang_up, "ConnectError: nothing was sent"),
        (lambda api: api.retrieve_call("v3:a"), "ConnectError: nothing was sent"),
    ],
)
def test_a_telnyx_that_is_not_there_was_told_nothing(call, said):
    async def play():
        telnyx = Telnyx("http://127.0.0.1:1", "KEY")
        try:
            await call(Api(telnyx))
        finally:
            await telnyx.aclose()

    with pytest.raises(TelnyxError) as raised:
        asyncio.run(play())

    assert (raised.value.status, raised.value.detail) == (None, said)


def test_a_dial_whose_answer_names_no_leg_is_an_error():
    raised = refusal(lambda api: api.dial(LEAST["dial"]), lambda _: (200, {"data": {"is_alive": False}}))

    assert (raised.status, raised.title) == (200, "unreadable answer")


@pytest.mark.parametrize("reply", [(200, {"data": {}}), (204, b""), (200, {})])
@pytest.mark.parametrize("name", ["delete_call_control_application", "delete_recording"])
def test_a_deletion_that_gives_nothing_back_is_done(name, reply):
    result, _ = run(lambda api: getattr(api, name)("1"), lambda _: reply)

    assert result is None


def test_what_telnyx_would_refuse_is_not_sent():
    async def play():
        async with api_on(lambda _: (200, {"data": {}})) as (api, stub):
            with pytest.raises(BadInput, match="reject: cause must be"):
                await api.reject("v3:a", Reject(cause="MOON"))
            with pytest.raises(BadInput, match=r"list_recordings: page\[size\] must be"):
                await anext(api.list_recordings(ListRecordings(page_size=251)))
            return stub.received

    assert asyncio.run(play()) == []


def test_a_newer_value_is_sent_where_nobody_checks():
    _, [received] = run(
        lambda api: api.reject("v3:a", Reject(cause="MOON")), lambda _: (200, {"data": {}}), checked=False
    )

    assert received.body == {"cause": "MOON"}


def test_a_list_goes_over_its_pages_with_the_same_filters():
    pages = {
        "1": {"data": [APPLICATION], "meta": {"page_number": 1, "total_pages": 2}},
        "2": {"data": [{"id": "30"}], "meta": {"page_number": 2, "total_pages": 2}},
    }
    asked = ListApplications(application_name_contains="clinic", page_size=1)

    result, received = run(
        lambda api: api.list_call_control_applications(asked),
        lambda request: (200, pages["2" if "page%5Bnumber%5D=2" in request.target else "1"]),
    )

    assert [application.id for application in result] == ["29", "30"]
    common = "GET /call_control_applications?page%5Bsize%5D=1&filter%5Bapplication_name%5D%5Bcontains%5D=clinic"
    assert [request.line for request in received] == [common, f"{common}&page%5Bnumber%5D=2"]


def test_active_calls_go_on_by_cursor():
    replies = [
        {"data": [LEG], "meta": {"cursors": {"after": "a="}, "next": "/v2/x?page[after]=a%3D"}},
        {"data": [LEG | {"call_control_id": "v3:b"}], "meta": {"cursors": {"after": None}}},
    ]

    result, received = run(
        lambda api: api.list_active_calls("290", ListActiveCalls(page_limit=1)), lambda _: (200, replies.pop(0))
    )

    assert [call.call_control_id for call in result] == ["v3:a", "v3:b"]
    assert received[1].target == "/connections/290/active_calls?page%5Blimit%5D=1&page%5Bafter%5D=a%3D"


def test_a_list_that_is_refused_on_its_way_raises_after_what_it_gave():
    replies = [
        (200, {"data": [{"id": "r"}]}),
        (429, {"errors": [{"code": "10011", "title": "Too many requests"}]}),
    ]
    told = []

    async def play():
        async with api_on(lambda _: replies.pop(0)) as (api, _):
            async for recording in api.list_recordings():
                told.append(recording.id)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(TelnyxError, match="429 10011 Too many requests"):
        asyncio.run(play())

    assert told == ["r"]


def test_a_change_reads_merges_and_writes():
    result, received = run(
        lambda api: api.change_call_control_application("29", ApplicationChanges(active=False)),
        lambda request: (200, {"data": APPLICATION | (request.body or {})}),
    )

    assert result.active is False
    assert [request.line for request in received] == [
        "GET /call_control_applications/29",
        "PATCH /call_control_applications/29",
    ]
    assert received[1].body == {
        "active": False,
        "application_name": "Clinic",
        "webhook_event_url": "https://a.example",
    }


def test_a_client_state_update_has_no_command_id():
    _, [received] = run(
        lambda api: api.client_state_update(IDS["call_control_id"], UpdateClientState(client_state="YQ==")),
        lambda _: (200, {"data": {"result": "ok"}}),
    )

    assert received.body == {"client_state": "YQ=="}
