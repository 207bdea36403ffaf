"""The guard: every defect of a head has its answer, and the first in the order of the table wins."""

import asyncio

import pytest

from ingress.answers import Refused
from ingress.guard import check_webhook_head, only, read_body

GOOD = ((b"host", b"x"), (b"content-length", b"2"), (b"content-type", b"application/json"))


def head(*headers, method="POST", target=b"/webhooks/telnyx", query=b"", without=(), version="1.1"):
    kept = tuple(header for header in GOOD if header[0] not in without)
    return {
        "method": method,
        "raw_path": target,
        "query_string": query,
        "http_version": version,
        "headers": [*kept, *headers],
    }


def status(scope):
    try:
        check_webhook_head(scope)
    except Refused as refused:
        return refused.status
    return 200


def with_content_type(value):
    return head((b"content-type", value), without=[b"content-type"])


def with_length(value):
    return head((b"content-length", value), without=[b"content-length"])


CHUNKED = (b"transfer-encoding", b"chunked")


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (head(), 200),
        (head(method="GET"), 405),
        (head(method="post"), 405),
        (head(*[(b"x-%d" % i, b"") for i in range(97)]), 200),
        (head(*[(b"x-%d" % i, b"") for i in range(98)]), 431),
        (head((b"x", b"a" * 32_600)), 200),
        (head((b"x", b"a" * 32_768)), 431),
        (head(query=b"a" * (8 * 1024 - 16)), 200),
        (head(query=b"a" * (8 * 1024 - 15)), 414),
        (head((b"expect", b"100-continue")), 200),
        (head((b"expect", b"100-Continue")), 200),
        (head((b"expect", b"200-ok")), 417),
        (head(without=[b"host"]), 400),
        (head(without=[b"host"], version="1.0"), 200),
        (head((b"host", b"y")), 400),
        (head(CHUNKED, without=[b"content-length"]), 200),
        (head(CHUNKED), 400),
        (head((b"transfer-encoding", b"gzip, chunked"), without=[b"content-length"]), 400),
        (head(CHUNKED, CHUNKED, without=[b"content-length"]), 400),
        (head(without=[b"content-length"]), 411),
        (head((b"content-length", b"2")), 400),
        (with_length(b"-1"), 400),
        (with_length(b"0x2"), 400),
        (with_length(b"2, 2"), 400),
        (with_length(b"262144"), 200),
        (with_length(b"262145"), 413),
        (with_length(b"9" * 5_000), 413),
        (with_content_type(b"application/json; charset=utf-8"), 200),
        (with_content_type(b'Application/JSON;charset="UTF-8"'), 200),
        (with_content_type(b"application/json; charset=utf-16"), 415),
        (with_content_type(b"application/json; charset=utf-8; x=y"), 415),
        (with_content_type(b"application/jsonx"), 415),
        (with_content_type(b"text/json"), 415),
        (with_content_type(b"application/x-www-form-urlencoded"), 415),
        (with_content_type(b"multipart/form-data; boundary=x"), 415),
        (with_content_type(b""), 415),
        (head(without=[b"content-type"]), 415),
        (head((b"content-type", b"application/json")), 415),
        (head((b"content-encoding", b"identity")), 200),
        (head((b"content-encoding", b"gzip")), 415),
        (head((b"content-encoding", b"br")), 415),
    ],
)
def test_each_defect_of_a_head_has_its_status(scope, expected):
    assert status(scope) == expected


def test_the_first_defect_in_the_order_of_the_table_wins():
    defects = {
        405: {"method": "PUT"},
        431: {"headers": ((b"x", b"a" * 40_000),)},
        414: {"query": b"a" * 9_000},
        417: {"headers": ((b"expect", b"?"),)},
        400: {"headers": ((b"host", b"y"),)},
        413: {"headers": ((b"content-length", b"300000"),), "without": (b"content-length",)},
        415: {"headers": ((b"content-encoding", b"gzip"),)},
    }

    while defects:
        together = head(
            *(header for defect in defects.values() for header in defect.get("headers", ())),
            method=defects.get(405, {}).get("method", "POST"),
            query=defects.get(414, {}).get("query", b""),
            without=defects.get(413, {}).get("without", ()),
        )
        first = next(iter(defects))
        assert status(together) == first
        del defects[first]


def test_a_refused_method_is_told_which_one_is_allowed():
    with pytest.raises(Refused) as refused:
        check_webhook_head(head(method="GET"))

    assert refused.value.headers["allow"] == "POST"


def test_a_field_that_stands_twice_has_no_value():
    fields = check_webhook_head(head((b"a", b"1"), (b"b", b"1"), (b"b", b"1")))

    assert (only(fields, b"a"), only(fields, b"b"), only(fields, b"c")) == (b"1", None, None)


def receiving(*messages):
    """An ASGI receive that hands out these messages, and then nothing for ever."""
    left = list(messages)

    async def receive():
        if left:
            return left.pop(0)
        return await asyncio.Event().wait()

    return receive


def part(body, *, more):
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_in_parts_is_put_together():
    receive = receiving(part(b"ab", more=True), part(b"", more=True), part(b"cd", more=False))

    assert asyncio.run(read_body(receive, most=4)) == b"abcd"


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([part(b"abcde", more=False)], 413),
        ([part(b"abc", more=True), part(b"de", more=True)], 413),
        ([part(b"ab", more=True), {"type": "http.disconnect"}], 400),
    ],
)
def test_a_body_that_is_too_large_or_breaks_off_is_refused(messages, expected):
    with pytest.raises(Refused) as refused:
        asyncio.run(read_body(receiving(*messages), most=4))

    assert refused.value.status == expected
