"""The calls on the page: listed, searched, one of them as a picture; numbers masked, hostile names harmless."""

import time

import pytest

from console.page.listing import PER_PAGE
from shared import calls, queues
from shared.calls import Call, Leg
from shared.ids import CallId, LegId
from tests.integration.happened import STRANGER, call_of, happens, of_leg, three_calls
from tests.integration.workers.bench import CALLER, CLINIC, DESK, incoming
from tests.integration.workers.telnyx import in_turn, reply

WHOLE = (CALLER, CLINIC, DESK, STRANGER, "+442071838750")


@pytest.fixture
def three(redis_url, page, valkey):
    return three_calls(redis_url, valkey)


def listed(text, ids):
    """Which of these calls a screen lists, in its order."""
    return sorted((call for call in ids if f"id={call}" in text), key=lambda call: text.index(f"id={call}"))


def kept(valkey, name, began, **fields):
    """A call in the index, as a worker would have left it."""
    call = Call(CallId(name), **fields)
    valkey.hset(queues.call_key(name), "record", calls.encode(call))
    valkey.zadd(queues.CALLS, {name: began})


def test_calls_are_listed_the_newest_first_and_masked(page, three):
    rings, rejected, gone = three

    text = page.text()

    assert listed(text, three) == [gone, rejected, rings]
    assert [number for number in WHOLE if number in text] == []
    assert "+1•••42" in text
    assert "trunkline calls list --limit 50" in text


@pytest.mark.parametrize(
    ("query", "sessions"),
    [
        ({"rule": "clinic"}, ["gone", "rings"]),
        ({"rule": "[default]"}, ["rejected"]),
        ({"outcome": "originator_cancel"}, ["gone"]),
        ({"state": "live"}, ["rings"]),
        ({"state": "over"}, ["gone", "rejected"]),
        ({"rule": "clinic", "state": "over"}, ["gone"]),
        ({"rule": "nobody's"}, []),
    ],
    ids=str,
)
def test_a_list_is_narrowed(page, three, query, sessions):
    assert listed(page.text(**query), three) == [call_of(session) for session in sessions]


@pytest.mark.parametrize(
    ("number", "sessions"), [(CALLER, ["rejected", "rings"]), ("+44*", ["gone"]), ("+1999*", [])]
)
def test_calls_of_a_number_are_found_by_a_form_so_that_no_address_holds_it(page, three, number, sessions):
    answer = page.post("", q=number)

    assert answer.status_code == 200
    assert listed(answer.text, three) == [call_of(session) for session in sessions]
    assert "Searched the newest 3 calls of this number" in answer.text
    assert [whole for whole in WHOLE if f'<td data-label="from">{whole}' in answer.text] == []


@pytest.mark.parametrize("session", ["rings", "gone"])
@pytest.mark.parametrize("told", ["its own", "session", "control"])
def test_any_id_leads_to_its_call(page, three, session, told):
    ids = {"its own": call_of(session), "session": session, "control": f"v3:{session}"}

    answer = page.post("", q=ids[told])

    assert (answer.status_code, answer.headers["location"]) == (303, f"/console/call?id={call_of(session)}")


@pytest.mark.parametrize("asked", ["nobody", "v3:nobody", "<script>", "\x00"])
def test_an_id_that_nobody_has_is_told(page, three, asked):
    answer = page.post("", q=asked)

    assert answer.status_code == 200
    assert "No call of this id is kept" in answer.text


def test_a_call_is_shown_with_its_picture_and_the_rule_that_took_it(page, redis_url, valkey):
    happens(redis_url, valkey, incoming(), of_leg("call.answered", "session-1"), answer=in_turn(reply(503)))

    text = page.text("call", id=call_of("session-1"))

    assert [number for number in WHOLE if number in text] == []
    assert "yes  clinic" in text
    for span in ("received", "queued", "answered"):
        assert f'<rect class="{span}" x="' in text
    assert text.count('<div class="line slowest">') == 1
    assert "leg 1</h3>" in text
    assert "> transfer" in text
    assert f"trunkline calls show {call_of('session-1')}" in text


def test_a_call_that_is_over_is_not_fetched_anew(page, three):
    rings, _, gone = three

    assert 'data-every="2"' in page.text("call", id=rings)
    assert 'data-every="0"' in page.text("call", id=gone)


def test_a_call_that_is_not_there_is_told(page):
    assert page.get("call", id="nobody").status_code == 404
    assert page.get("call").status_code == 404


def test_numbers_are_shown_to_whoever_asks_for_them_and_it_is_written_down(page, three):
    one, every = page.post("call", id=three[0]), page.post("unmask", rule="clinic")

    assert CALLER in one.text
    assert DESK in one.text
    assert (CALLER in every.text, "+442071838750" in every.text, STRANGER in every.text) == (True, True, False)
    assert page.audited() == [
        {"who": "ana", "action": "call unmask", "on": three[0]},
        {"who": "ana", "action": "calls unmask", "on": "list", "rule": "clinic", "outcome": "", "state": ""},
    ]
    assert [number for number in WHOLE if number in page.text("call", id=three[0])] == []


def test_no_log_holds_a_number_that_somebody_typed_where_none_belongs(page, three):
    answers = [
        page.post("call", id=CALLER),
        page.post("unmask", rule=CALLER, outcome=CALLER),
        page.post("dead/letter", id=CALLER),
        page.post("dead/discard", reason=CALLER),
        page.post("outbound/pause", profile=CALLER),
        page.post("queues/drain", kind=CALLER, sure="yes"),
    ]

    assert [answer.status_code for answer in answers] == [404, 200, 404, 404, 400, 400]
    assert [line["action"] for line in page.audited()] == ["calls unmask"]
    assert CALLER not in page.log()


HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'{{ 7 * 7 }}"


def test_hostile_names_are_text(page, valkey):
    leg = Leg(direction=HOSTILE, from_=HOSTILE, to=HOSTILE)
    kept(valkey, "one", time.time(), rule=HOSTILE, legs={LegId("leg"): leg}, main=LegId("leg"), outcome=HOSTILE)

    for answer in (
        page.get(),
        page.get(rule=HOSTILE, outcome=HOSTILE, state=HOSTILE, after=HOSTILE),
        page.get("call", id="one"),
        page.get("call", id=HOSTILE),
        page.get(HOSTILE),
        page.post("", q=HOSTILE),
        page.post("unmask", rule=HOSTILE),
        page.post("outbound/pause", profile=HOSTILE),
        page.post("dead/replay", reason=HOSTILE),
    ):
        assert answer.status_code in {200, 400, 404}
        assert answer.text.count("<script") == answer.text.count('<script src="/console/page.js"')
        assert "<img" not in answer.text
        assert ">49" not in answer.text


def test_a_list_goes_on_where_it_ended_also_within_one_instant(page, valkey):
    began = time.time() - 100
    names = [f"call-{n:03d}" for n in range(PER_PAGE * 2 + 7)]
    valkey.zadd(queues.CALLS, {name: began - n // 60 for n, name in enumerate(names)})
    seen, query = [], {}

    for _ in range(3):
        text = page.text(**query)
        seen.append(listed(text, names))
        query = {"after": text.partition("after=")[2].partition('"')[0]}

    assert [len(part) for part in seen] == [PER_PAGE, PER_PAGE, 7]
    assert sorted(name for part in seen for name in part) == names
    assert ">older</a>" not in text
