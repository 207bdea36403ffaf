"""A look for the leg of a dial reads the list of live legs to its end."""

import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest

from shared import commands
from shared.ids import Row
from shared.telnyx import Telnyx
from tests.integration.workers.bench import run
from tests.integration.workers.commits import CALL
from tests.integration.workers.telnyx import reply, response, telnyx
from workers.delivery import outbox
from workers.delivery.attempt import attempt
from workers.delivery.outbox import Waiting
from workers.delivery.retry import Succeeded
from workers.logic.decision import Outgoing

PAGES = {"": (["one", "two"], "b"), "b": (["three", "four"], "c"), "c": (["five"], "")}


def page_of(asked):
    """The page that a request asks for, by its cursor."""
    return parse_qs(urlsplit(asked.path).query).get("page[after]", [""])[0]


def listing(legs, after):
    """Live legs as Telnyx lists them, and where the next page begins."""
    data = [{"call_leg_id": leg, "call_control_id": f"v3:{leg}"} for leg in legs]
    return response(json.dumps({"data": data, "meta": {"cursors": {"after": after} if after else {}}}).encode())


def looked(answer):
    """What came of one look, and the pages that were asked for."""
    look = Outgoing(Row(2), "look_for_leg", "looks", commands.look_at_active_calls("29"), None)

    async def scenario():
        async with telnyx(answer) as there:
            client = Telnyx(there.url, "the-key")
            tried = await attempt(client, Waiting(outbox.build(CALL, 1, 0, look), time.time()), time.time)
            await client.aclose()
            return tried, [page_of(asked) for asked in there.requests]

    return run(scenario())


def test_legs_of_every_page_are_found():
    async def answer(asked):
        return listing(*PAGES[page_of(asked)])

    tried, pages = looked(answer)

    assert isinstance(tried.verdict, Succeeded)
    assert [item["call_leg_id"] for item in tried.answer.items] == ["one", "two", "three", "four", "five"]
    assert pages == ["", "b", "c"]


def test_a_list_of_one_page_is_asked_for_once():
    async def answer(_asked):
        return listing(["one"], "")

    tried, pages = looked(answer)

    assert [item["call_leg_id"] for item in tried.answer.items] == ["one"]
    assert pages == [""]


@pytest.mark.parametrize("status", [429, 500])
def test_where_a_page_is_refused_the_look_has_failed_and_is_no_proof_that_there_was_no_leg(status):
    async def answer(asked):
        return reply(status, "10000") if page_of(asked) == "c" else listing(*PAGES[page_of(asked)])

    tried, _ = looked(answer)

    assert not isinstance(tried.verdict, Succeeded)
    assert tried.answer.status == status


def test_a_page_that_cannot_be_read_is_no_proof_either():
    async def answer(asked):
        return b"nothing of HTTP\r\n\r\n" if page_of(asked) else listing(*PAGES[""])

    tried, _ = looked(answer)

    assert not isinstance(tried.verdict, Succeeded)
    assert tried.answer.status is None
