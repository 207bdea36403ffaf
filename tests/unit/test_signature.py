"""Signatures: exactly Telnyx's are good, and everything else is one and the same error."""

import base64

import pytest

from ingress.signature import BadSignature, keys_of, verify
from tests.signing import KEY, OTHER_KEY, is_good, malleated, signature

NOW = 1_800_000_000.0
BODY = b'{"data": {"id": "e1"}}'
KEYS = keys_of([bytes(KEY.verify_key)])
STAMP = b"1800000000"
GOOD = signature(BODY, STAMP.decode()).encode()
RAW = base64.b64decode(GOOD)


def is_taken(timestamp=STAMP, sig=GOOD, body=BODY, now=NOW):
    return is_good(KEYS, timestamp, sig, body, now)


def test_a_signature_by_our_key_over_these_bytes_is_taken():
    assert is_taken()


@pytest.mark.parametrize(("age_s", "good"), [(0, True), (299, True), (300, True), (301, False)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_timestamp_is_good_for_300_seconds_into_the_past_and_the_future(age_s, good, sign):
    assert is_taken(now=NOW + sign * age_s) is good


@pytest.mark.parametrize(
    "sig",
    [
        None,
        b"",
        b"not base64",
        GOOD[:-2],
        GOOD + b"\n",
        b" " + GOOD[1:],
        GOOD[:40] + b"\n" + GOOD[41:],
        GOOD[:40] + b"*" + GOOD[41:],
        GOOD[:-2] + b"A=",
        b"=" * 88,
        "ß".encode() * 44,
        base64.urlsafe_b64encode(b"\xff" * 64),
        base64.b64encode(RAW[:63]),
        base64.b64encode(RAW + b"\0"),
        base64.b64encode(bytes(64)),
        base64.b64encode(malleated(RAW)),
        base64.b64encode(RAW[:-1] + bytes([RAW[-1] ^ 1])),
        signature(BODY, STAMP.decode(), OTHER_KEY).encode(),
        signature(BODY + b" ", STAMP.decode()).encode(),
        signature(BODY, "1800000001").encode(),
    ],
)
def test_any_other_signature_is_bad(sig):
    assert not is_taken(sig=sig)


@pytest.mark.parametrize(
    "timestamp",
    [
        None,
        b"",
        b"1_80000000",
        b"+180000000",
        b"1800000000 ",
        b" 180000000",
        b"-180000000",
        b"1800000000.0",
        b"18e8",
        b"9" * 5_000,
        "١٨٠٠٠٠٠٠٠٠".encode(),
        b"180000000\n",
        b"1800000000\n",
        b"\xff" * 10,
    ],
)
def test_a_timestamp_that_is_not_ten_ascii_digits_is_bad_even_when_it_was_signed(timestamp):
    over = b"" if timestamp is None else timestamp
    sig = base64.b64encode(KEY.sign(over + b"|" + BODY).signature)

    assert not is_taken(timestamp, sig)


@pytest.mark.parametrize("body", [b"", BODY + b" ", BODY.replace(b": ", b":"), BODY.replace(b"e1", b"e2")])
def test_another_body_is_bad(body):
    assert not is_taken(body=body)


def test_with_two_keys_either_may_have_signed():
    keys = keys_of([bytes(OTHER_KEY.verify_key), bytes(KEY.verify_key)])

    verify(keys, STAMP, GOOD, BODY, NOW)
    verify(keys, STAMP, signature(BODY, STAMP.decode(), OTHER_KEY).encode(), BODY, NOW)


def test_a_key_that_was_taken_out_is_bad():
    with pytest.raises(BadSignature):
        verify(keys_of([bytes(OTHER_KEY.verify_key)]), STAMP, GOOD, BODY, NOW)
