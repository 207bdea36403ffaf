"""Small pure rules of the stand-in: signatures, retries, loopback."""

import base64

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from simulator.delivery import RETRY_PAUSES_S, attempt_url, is_final
from simulator.loopback import NotLoopbackError, check_host, check_webhook_url
from simulator.sign import Signer

SEED = base64.b64encode(bytes(32)).decode()


def test_a_signature_covers_timestamp_bar_and_body():
    signer = Signer.from_seed(SEED)
    key = VerifyKey(base64.b64decode(signer.public_key))

    headers = dict(signer.headers(b'{"a":1}', 1700000000))
    signature = base64.b64decode(headers["telnyx-signature-ed25519"])

    assert headers["telnyx-timestamp"] == "1700000000"
    assert key.verify(b'1700000000|{"a":1}', signature)
    with pytest.raises(BadSignatureError):
        key.verify(b'1700000001|{"a":1}', signature)


def test_the_same_seed_is_the_same_key_and_no_seed_a_fresh_one():
    keys = [Signer.from_seed(seed).public_key for seed in (SEED, SEED, None, None)]

    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


@pytest.mark.parametrize("seed", ["not base64", base64.b64encode(bytes(31)).decode()])
def test_a_malformed_seed_is_refused(seed):
    with pytest.raises(ValueError, match=r"."):
        Signer.from_seed(seed)


@pytest.mark.parametrize(
    ("status", "final"),
    [
        *((status, True) for status in (200, 204, 301, 400, 401, 422)),
        *((status, False) for status in (None, 408, 429, 500, 503)),
    ],
)
def test_only_silence_server_errors_408_and_429_are_retried(status, final):
    assert is_final(status) is final


def test_after_two_failures_the_failover_address_has_its_turn():
    urls = [attempt_url(["primary", "failover"], attempt) for attempt in range(1, 7)]

    assert urls == ["primary", "primary", "failover", "failover", "primary", "primary"]


def test_all_retries_fit_in_a_minute():
    assert 55.0 < sum(RETRY_PAUSES_S) <= 60.0


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_hosts_are_accepted(host):
    assert check_host(host) == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", "127.0.0.1.example.com", ""])
def test_other_hosts_are_refused(host):
    with pytest.raises(NotLoopbackError):
        check_host(host)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "127.0.0.1:80",
        "http:///path",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1@192.0.2.1/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nx: y",
    ],
)
def test_webhooks_never_leave_this_machine(url):
    with pytest.raises(NotLoopbackError):
        check_webhook_url(url)
