"""Rows 34 to 48: bodies that were signed, and what they say."""

import json
from collections.abc import Iterator

from tests.integration.hostile.case import Case, accepted, content
from tests.integration.hostile.wire import CAP, post
from tests.signing import webhook_body

OUR_CONNECTION = "2900000000000000001"
DEEP = "[" * 100_000 + "]" * 100_000


def wire(
    payload: str = "{}", event_id: str = '"e1"', event_type: str = '"call.unheard_of"', more: str = ""
) -> bytes:
    """A webhook from pieces of JSON text."""
    return f'{{"data": {{"id": {event_id}, "event_type": {event_type}, "payload": {payload}{more}}}}}'.encode()


def cases() -> Iterator[Case]:
    yield from _repeats_and_strangers()
    for (row, name), body in _no_json().items():
        yield content(row, name, 400, body)
    for (row, name), body in _wrong_shapes().items():
        yield content(row, name, 422, body)
    for (row, name), body in _odd_but_whole().items():
        yield content(row, name, 200, body)


def _repeats_and_strangers() -> Iterator[Case]:
    raw = post(webhook_body())
    yield accepted(34, "the same bytes three times", raw * 3, answers=(200,) * 3, duplicates=2)
    anew = webhook_body(event_id="sent-again")
    again = post(webhook_body("call.hangup", event_id="sent-again"))
    yield accepted(34, "the same id in another event", post(anew) + again, answers=(200, 200), duplicates=1)
    for name, connection in {"another number": "42", "empty": "", "a wildcard": "*"}.items():
        foreign = Case(35, f"connection: {name}", (200,), (post(webhook_body(connection_id=connection)),), kept=1)
        yield foreign
    yield accepted(35, "no connection", post(webhook_body(connection_id=None)))
    yield accepted(35, "connection is a list", post(webhook_body(connection_id=[OUR_CONNECTION])))


def _no_json() -> dict[tuple[int, str], bytes]:
    good = webhook_body()
    odd = wire('{"x": "§"}')
    return {
        (36, "empty"): b"",
        (36, "spaces"): b"   ",
        (37, "truncated"): good[:-1],
        (37, "trailing bytes"): good + b"x",
        (37, "two documents"): good + good,
        (37, "trailing comma"): good[:-1] + b",}",
        (37, "comment"): b"/* */" + good,
        (37, "BOM"): b"\xef\xbb\xbf" + good,
        (37, "UTF-16"): good.decode().encode("utf-16"),
        (37, "UTF-32"): good.decode().encode("utf-32"),
        (37, "NaN"): wire('{"x": NaN}'),
        (37, "Infinity"): wire('{"x": Infinity}'),
        (37, "-Infinity"): wire('{"x": -Infinity}'),
        (37, "single quotes"): good.replace(b'"', b"'"),
        (37, "leading zero"): wire('{"x": 01}'),
        (37, "a form"): b"data=%7B%7D",
        (37, "gzip without saying so"): b"\x1f\x8b\x08" + bytes(100),
        (38, "in the payload"): wire(f'{{"x": {DEEP}}}'),
        (38, "in an unknown field"): wire(more=f', "x": {DEEP}'),
        (38, "as the id"): wire(event_id=DEEP),
        (38, "opened only"): b"[" * CAP,
        (38, "objects"): b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
        (39, "in a known field"): wire(event_id='"§"').replace("§".encode(), b"\xff"),
        (39, "in an unknown field"): odd.replace("§".encode(), b"\xff"),
        (39, "in an unknown key"): wire('{"§": 1}').replace("§".encode(), b"\xff"),
        (39, "overlong"): odd.replace("§".encode(), b"\xc0\xaf"),
        (39, "a surrogate"): odd.replace("§".encode(), b"\xed\xa0\x80"),
        (39, "beyond U+10FFFF"): odd.replace("§".encode(), b"\xf4\x90\x80\x80"),
        (40, "lone surrogate"): wire(event_id='"\\ud800"'),
        (40, "lone surrogate in an unknown field"): wire('{"x": "\\udfff"}'),
        (40, "raw control byte"): wire(event_id='"a\x01"'),
        (40, "raw newline"): wire('{"x": "a\nb"}'),
    }


def _wrong_shapes() -> dict[tuple[int, str], bytes]:
    return {
        (36, "null"): b"null",
        (36, "list"): b"[]",
        (36, "number"): b"1",
        (36, "text"): b'"x"',
        (36, "an empty object"): b"{}",
        (41, "NUL in the id"): wire(event_id='"a\\u0000"'),
        (41, "newline in the id"): wire(event_id='"a\\n"'),
        (41, "CRLF and a header in the id"): wire(event_id='"a\\r\\nset-cookie: x"'),
        (41, "ESC in the id"): wire(event_id='"\\u001b"'),
        (41, "line separator in a call id"): wire('{"call_leg_id": "a\\u2028"}'),
        (41, "NUL in a call id"): wire('{"call_control_id": "\\u0000"}'),
        (41, "newline in the event type"): wire(event_type='"call.hangup\\n"'),
        (42, "id"): wire(more=', "id": "e2"'),
        (42, "id, escaped"): wire(more=', "\\u0069d": "e2"'),
        (42, "event_type"): wire(more=', "event_type": "x"'),
        (42, "payload"): wire(more=', "payload": {}'),
        (42, "call id"): wire('{"call_leg_id": "a", "call_leg_id": "b"}'),
        (42, "data"): wire()[:-1] + b", " + wire()[1:],
        (43, "id is a number"): wire(event_id="1"),
        (43, "id is null"): wire(event_id="null"),
        (43, "id of 5,000 digits"): wire(event_id="9" * 5_000),
        (43, "id is 1e999"): wire(event_id="1e999"),
        (43, "event_type is a list"): wire(event_type="[]"),
        (43, "event_type is missing"): b'{"data": {"id": "e1", "payload": {}}}',
        (43, "payload is text"): wire('"x"'),
        (43, "payload is null"): wire("null"),
        (43, "payload is missing"): b'{"data": {"id": "e1", "event_type": "call.hangup"}}',
        (43, "data is null"): b'{"data": null}',
        (43, "data is a list"): b'{"data": []}',
        (43, "call id is a number"): wire('{"call_control_id": 1}'),
        (43, "call id is 2^64"): wire(f'{{"call_session_id": {2**64}}}'),
        (43, "no call ids where they are needed"): wire("{}", event_type='"call.answered"'),
        (43, "version 1 webhook"): b'{"event_type": "call_initiated", "payload": {}}',
        (45, "10 KB"): wire(event_id=f'"{"a" * 10_000}"'),
        (45, "129 characters"): wire(event_id=f'"{"a" * 129}"'),
        (45, "colon"): wire(event_id='"rq:job:a"'),
        (45, "star"): wire(event_id='"*"'),
        (45, "brace"): wire(event_id='"a{b}"'),
        (45, "space"): wire(event_id='"a b"'),
        (45, "empty"): wire(event_id='""'),
        (45, "beyond ASCII"): wire(event_id='"ä"'),
        (45, "a path"): wire(event_id='"../../etc/passwd"'),
    }


def _odd_but_whole() -> dict[tuple[int, str], bytes]:
    wide = {f"k{i}": 1 for i in range(20_000)}
    inside = '{"v": 1, "call": "forged", "row": "$(id)"}'
    return {
        (42, "in an object of no concern"): wire('{"x": {"a": 1, "a": 2}}', '"twice"'),
        (43, "5,000 digits"): wire('{"x": ' + "9" * 5_000 + "}", '"digits"'),
        (43, "2^64"): wire(f'{{"x": {2**64}}}', '"large"'),
        (43, "1e999"): wire('{"x": 1e999}', '"huge"'),
        (43, "wrong types in other fields"): webhook_body(tags={"a": 1}, start_time="noon", to=["+1"], state=1e99),
        (44, "20,000 unknown keys"): wire(json.dumps(wide), '"wide"'),
        (44, "a string of 250 KB"): webhook_body(x="x" * 250_000),
        (44, "250 KB of escapes"): wire('{"x": "' + "\\u0041" * 40_000 + '"}', '"escapes"'),
        (44, "names of ids in 9,000 values"): webhook_body(x=["call_leg_id"] * 9_000),
        (46, "not base64"): webhook_body(client_state="{not base64}"),
        (46, "9 KB"): webhook_body(client_state="A" * 9_000),
        (46, "a number"): webhook_body(client_state=1),
        (46, "JSON"): webhook_body(client_state=inside),
        (46, "control characters"): webhook_body(client_state="\0\r\n\x1b[2J"),
        (47, "call.levitated"): webhook_body("call.levitated"),
        (47, "of another product"): webhook_body("message.received"),
        (47, "punctuation"): webhook_body("{}:*'/../"),
        (48, "file:"): _recording("file:///etc/passwd"),
        (48, "http:"): _recording("http://api.telnyx.com/a.mp3"),
        (48, "an address"): _recording("https://169.254.169.254/latest/meta-data"),
        (48, "userinfo"): _recording("https://api.telnyx.com@127.0.0.1/a.mp3"),
        (48, "a private host"): _recording("https://localhost:6379/a.mp3"),
        (48, "no URL at all"): _recording("\0"),
    }


def _recording(url: str) -> bytes:
    """It is accepted here; the recording worker refuses to fetch it."""
    return webhook_body("call.recording.saved", recording_urls={"mp3": url})
