"""Lists are read to their end, once each item, whichever way Telnyx pages; and they do end."""

import asyncio

import pytest

from shared.errors import TelnyxError
from shared.telnyx.answer import Answer, Page
from shared.telnyx.pages import MAX_PAGES, every_item, next_page


class Pages:
    """Answers to the queries that a reader asks, in turn; the last one again and again."""

    def __init__(self, *answers):
        self.asked = []
        self._answers = answers

    async def fetch(self, parameters):
        self.asked.append(dict(parameters))
        return self._answers[min(len(self.asked), len(self._answers)) - 1]


def page(*ids, **where):
    return Answer(status=200, items=tuple({"id": id_} for id_ in ids), page=Page(**where))


def read(fetch, **parameters):
    async def collect():
        return [item async for item in every_item(fetch, parameters)]

    return asyncio.run(collect())


SECOND, AFTER_X = {"page[number]": "2"}, {"page[after]": "x"}
LISTS = {  # what is answered, which items are read, and what is asked for
    "by number": ([page("a", "b", number=1, total=2), page("c", number=2, total=2)], "abc", [{}, SECOND]),
    "one page": ([page("a", number=1, total=1)], "a", [{}]),
    "numbers without totals": ([page("a"), page("b"), page()], "ab", [{}, SECOND, {"page[number]": "3"}]),
    "the first page again": ([page("a"), page("a")], "a", [{}, SECOND]),
    "empty": ([page()], "", [{}]),
    "by cursor": ([page("a", after="x", by_cursor=True), page("b", by_cursor=True)], "ab", [{}, AFTER_X]),
    "the same cursor again": ([page("a", after="x", by_cursor=True)], "a", [{}, AFTER_X]),
    "cursors without a cursor": ([page("a", by_cursor=True)], "a", [{}]),
    "a cursor goes before a number": (
        [page("a", number=1, total=9, after="x", by_cursor=True), page(by_cursor=True)],
        "a",
        [{}, AFTER_X],
    ),
    "an item that moved on": (
        [page("a", "b", number=1, total=2), page("b", "c", number=2, total=2)],
        "abc",
        [{}, SECOND],
    ),
    "a number that stays": (
        [page("a", "b", number=1, total=5), page("a", "b", number=1, total=5)],
        "ab",
        [{}, SECOND],
    ),
}


@pytest.mark.parametrize(("answers", "ids", "asked"), LISTS.values(), ids=LISTS.keys())
def test_a_list_is_read_to_its_end(answers, ids, asked):
    pages = Pages(*answers)

    items = read(pages.fetch)

    assert "".join(item["id"] for item in items) == ids
    assert pages.asked == asked


@pytest.mark.parametrize(
    ("asked", "page", "following"),
    [
        ({"page[number]": "3"}, Page(), {"page[number]": "4"}),
        ({"page[number]": "3", "sort": "x"}, Page(number=3, total=4), {"page[number]": "4", "sort": "x"}),
        ({"page[size]": "5"}, Page(after="x", by_cursor=True), {"page[size]": "5", "page[after]": "x"}),
        ({"page[after]": "x", "page[limit]": "5"}, Page(after="y", by_cursor=True),
         {"page[after]": "y", "page[limit]": "5"}),
        ({"page[before]": "x"}, Page(after="x", before="w", by_cursor=True), {"page[before]": "w"}),
        ({"page[before]": "x"}, Page(after="x", by_cursor=True), None),
        ({"page[number]": "4"}, Page(number=4, total=4), None),
    ],
)  # fmt: skip
def test_the_next_page_keeps_what_was_asked(asked, page, following):
    assert next_page(asked, page) == following


def test_an_item_that_changed_between_two_pages_is_the_same_item():
    first = Answer(status=200, items=({"call_control_id": "v3:a", "call_duration": 1},))
    again = Answer(status=200, items=({"call_control_id": "v3:a", "call_duration": 2},))

    items = read(Pages(first, again).fetch)

    assert items == [{"call_control_id": "v3:a", "call_duration": 1}]


def test_items_without_an_id_are_told_apart_by_all_that_they_hold():
    rows = ({"call_leg_id": "l", "name": "a"}, {"name": "b", "call_leg_id": "l"})

    items = read(Pages(Answer(status=200, items=rows), Answer(status=200)).fetch)

    assert tuple(items) == rows


def test_a_list_without_an_end_is_given_up():
    number = iter(range(MAX_PAGES + 1))

    async def fetch(parameters):
        return page(str(next(number)))

    with pytest.raises(TelnyxError, match=f"no end after {MAX_PAGES} pages"):
        read(fetch)

    assert next(number) == MAX_PAGES


def test_a_reader_that_stops_asks_for_no_more_pages():
    pages = Pages(page("a"), page("b"))

    async def first():
        return await anext(every_item(pages.fetch, {}))

    assert asyncio.run(first()) == {"id": "a"}
    assert pages.asked == [{}]
