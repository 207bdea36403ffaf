"""What an answer holds, and what it proves about its command."""

import json
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.telnyx import Answer, ApiError, Meaning, meaning, read_answer
from shared.telnyx.answer import Page

NOW = 1_795_187_204.0
LONG = {"code": "9" * 99, "title": "t" * 999, "detail": "d" * 999}
NEXT = "/v2/connections/1/active_calls?page[after]=a%3D&page[limit]=1"


@pytest.mark.parametrize(
    ("status", "headers", "wait_s"),
    [
        (429, {"retry-after": "3"}, 3.0),
        (503, {"retry-after": "0.5"}, 0.5),
        (429, {"retry-after-ms": "250", "retry-after": "3"}, 0.25),
        (429, {"retry-after": formatdate(NOW + 7, usegmt=True)}, 7.0),
        (429, {"x-ratelimit-reset": "5"}, 5.0),
        (429, {"retry-after": "2", "x-ratelimit-reset": "5"}, 2.0),
        (429, {"retry-after": "60"}, 60.0),
        (429, {"retry-after": "61", "x-ratelimit-reset": "5"}, 5.0),
        (503, {"x-ratelimit-reset": "5"}, None),
        (429, {"retry-after": "61"}, None),
        (429, {"retry-after": "0"}, None),
        (429, {"retry-after": "-1"}, None),
        (429, {"retry-after": "nan"}, None),
        (429, {"retry-after": "inf"}, None),
        (429, {"retry-after": "1_0"}, None),
        (429, {"retry-after": "\u0663"}, None),
        (429, {"retry-after": "3, 3"}, None),
        (429, {"retry-after": "9" * 5_000}, None),
        (429, {"retry-after": formatdate(NOW - 7, usegmt=True)}, None),
        (429, {"retry-after": formatdate(NOW + 7_000, usegmt=True)}, None),
        (429, {"retry-after": "Mon, 99 Xyz 99999 99:99:99 GMT"}, None),
        (429, {}, None),
    ],
)
def test_the_wait_that_telnyx_asks_for_is_read_where_it_makes_sense(status, headers, wait_s):
    assert read_answer(status, headers, b"", NOW, on_leg=True).retry_after_s == wait_s


@pytest.mark.parametrize(("text", "read"), [("true", True), ("false", False), ("TRUE", True), ("1", None)])
def test_should_retry_is_read_from_its_header(text, read):
    assert read_answer(500, {"x-should-retry": text}, b"", NOW, on_leg=True).should_retry is read


@pytest.mark.parametrize(
    ("errors", "read"),
    [
        ([{"code": "90018", "title": "t"}], (ApiError("90018", "t"),)),
        ([{"code": 90018}], (ApiError("90018"),)),
        ([{"code": "1", "title": None, "detail": None, "source": {"pointer": "/to"}}], (ApiError("1"),)),
        ([{"title": "no code"}], (ApiError("", "no code"),)),
        (["text", None, {"code": []}, {"code": "1"}], (ApiError("1"),)),
        ([LONG], (ApiError("9" * 32, "t" * 500, "d" * 500),)),
        ([{"code": str(n)} for n in range(50)], tuple(ApiError(str(n)) for n in range(10))),
        ({"code": "1"}, ()),
        (None, ()),
    ],
)
def test_errors_are_read_as_far_as_they_can_be(errors, read):
    assert read_answer(422, {}, json.dumps({"errors": errors}).encode(), NOW, on_leg=True).errors == read


@pytest.mark.parametrize(
    ("meta", "page"),
    [
        (
            {"cursors": {"after": "abc", "before": "x"}, "next": "/v2/x?page[after]=other"},
            Page(after="abc", before="x", by_cursor=True),
        ),
        ({"cursors": {"after": None}, "next": NEXT}, Page(after="a=", by_cursor=True)),
        ({"cursors": {}, "total_items": 2, "next": None}, Page(by_cursor=True)),
        ({"previous": "/v2/x?page%5Bbefore%5D=b"}, Page(before="b", by_cursor=True)),
        ({"page_number": 2, "page_size": 20, "total_pages": 3, "total_results": 41}, Page(number=2, total=3)),
        ({"page_number": 1, "total_pages": 3, "next": "/v2/x?page[number]=2"}, Page(number=1, total=3)),
        ({"next": None}, Page()),
        ({"next": "//["}, Page()),
        ({"next": 5}, Page()),
        ({"page_number": "2"}, Page()),
        (None, Page()),
    ],
)
def test_a_list_says_where_it_goes_on(meta, page):
    body = json.dumps({"data": [{"call_leg_id": "l"}], "meta": meta}).encode()

    answer = read_answer(200, {}, body, NOW, on_leg=False)

    assert answer.items == ({"call_leg_id": "l"},)
    assert answer.page == page


@given(
    st.integers(200, 599), st.binary(max_size=60), st.dictionaries(st.just("retry-after"), st.text(max_size=12))
)
def test_no_body_and_no_header_can_break_the_reading(status, body, headers):
    answer = read_answer(status, headers, body, NOW, on_leg=True)

    assert answer.status in {status, None}
    assert meaning(answer) in Meaning


def judged(
    status: int | None, *codes: str, retry: bool | None = None, on_leg: bool = True, data: bool = False
) -> Meaning:
    """The meaning of an answer with these codes."""
    return meaning(
        Answer(
            status=status,
            errors=tuple(ApiError(code) for code in codes),
            should_retry=retry,
            on_leg=on_leg,
            data={"call_leg_id": "l"} if data else {},
        )
    )


@pytest.mark.parametrize(
    ("status", "codes", "expected"),
    [
        (200, [], Meaning.DONE),
        (204, [], Meaning.DONE),
        (422, ["90018"], Meaning.ENDED),
        (404, [], Meaning.ENDED),
        (404, ["10005"], Meaning.ENDED),
        (404, ["90015"], Meaning.FAILED),
        (404, ["10006"], Meaning.FAILED),
        (422, ["90015"], Meaning.FAILED),
        (422, ["90034"], Meaning.TRY_AGAIN_NEW),
        (422, ["90020"], Meaning.TRY_AGAIN_NEW),
        (422, ["90019"], Meaning.FAILED),
        (422, ["90033"], Meaning.FAILED),
        (422, ["90032"], Meaning.FAILED),
        (422, ["90035"], Meaning.FAILED),
        (422, ["90036"], Meaning.REFUSED_FOR_NOW),
        (422, ["90038"], Meaning.DONE),
        (422, ["90031"], Meaning.FAILED),
        (422, ["90045"], Meaning.FAILED),
        (422, ["90054"], Meaning.DONE),
        (422, ["90061"], Meaning.DONE),
        (429, ["90103"], Meaning.REFUSED_FOR_NOW),
        (429, ["10011"], Meaning.REFUSED_FOR_NOW),
        (429, [], Meaning.REFUSED_FOR_NOW),
        (422, ["10011"], Meaning.FAILED),
        (422, ["10004"], Meaning.FAILED),
        (400, ["10015"], Meaning.FAILED),
        (422, ["10000"], Meaning.FAILED),
        (422, [], Meaning.FAILED),
        (402, [], Meaning.FAILED),
        (401, ["10009"], Meaning.DENIED),
        (403, ["10010"], Meaning.DENIED),
        (403, [], Meaning.DENIED),
        (422, ["10009"], Meaning.DENIED),
        (422, ["10007"], Meaning.NO_PROOF),
        (400, ["10008"], Meaning.NO_PROOF),
        (None, [], Meaning.NO_PROOF),
        (408, [], Meaning.NO_PROOF),
        (409, [], Meaning.NO_PROOF),
        (500, ["10007"], Meaning.NO_PROOF),
        (500, ["90018"], Meaning.NO_PROOF),
        (503, [], Meaning.NO_PROOF),
        (599, [], Meaning.NO_PROOF),
        (700, [], Meaning.NO_PROOF),
        (101, [], Meaning.NO_PROOF),
        (303, [], Meaning.NO_PROOF),
        (301, [], Meaning.FAILED),
        (307, [], Meaning.FAILED),
        (422, ["90034", "10033"], Meaning.FAILED),
        (422, ["90054", "10033"], Meaning.FAILED),
        (422, ["10033", "90018"], Meaning.ENDED),
        (422, ["90034", "90034"], Meaning.TRY_AGAIN_NEW),
    ],
)
def test_an_answer_proves_what_the_table_of_meanings_says(status, codes, expected):
    assert judged(status, *codes) is expected


@pytest.mark.parametrize(
    ("status", "codes", "retry", "expected"),
    [
        (422, [], True, Meaning.NO_PROOF),
        (404, ["90015"], True, Meaning.NO_PROOF),
        (403, [], True, Meaning.NO_PROOF),
        (422, ["90018"], True, Meaning.ENDED),
        (422, ["90034"], True, Meaning.TRY_AGAIN_NEW),
        (429, [], True, Meaning.REFUSED_FOR_NOW),
        (429, [], False, Meaning.FAILED),
        (422, ["90034"], False, Meaning.FAILED),
        (422, ["90036"], False, Meaning.FAILED),
        (500, [], False, Meaning.NO_PROOF),
        (409, [], False, Meaning.NO_PROOF),
        (200, [], True, Meaning.DONE),
    ],
)
def test_should_retry_overrides_where_the_status_alone_decides(status, codes, retry, expected):
    assert judged(status, *codes, retry=retry) is expected


def test_not_found_ends_only_what_was_addressed_to_a_leg():
    assert judged(404, on_leg=True) is Meaning.ENDED
    assert judged(404, on_leg=False) is Meaning.FAILED


@pytest.mark.parametrize(("data", "expected"), [(True, Meaning.DONE), (False, Meaning.NO_PROOF)])
def test_errors_in_a_success_weigh_only_where_they_stand_alone(data, expected):
    assert judged(200, "10015", data=data) is expected


@given(
    st.none() | st.integers(100, 700),
    st.lists(st.sampled_from(["90018", "90034", "10011", "90054", "1", ""]), max_size=3),
    st.sampled_from([None, True, False]),
    st.booleans(),
)
def test_nothing_is_final_while_the_command_may_have_been_performed(status, codes, retry, on_leg):
    verdict = judged(status, *codes, retry=retry, on_leg=on_leg)

    if status is None or status >= 500 or status in {408, 409}:
        assert verdict is Meaning.NO_PROOF
