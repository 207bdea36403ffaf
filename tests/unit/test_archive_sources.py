"""Where recordings may come from: every link outside the rule is refused, before anything is asked of anyone."""

import pytest

from shared.errors import ConfigError
from workers.archive.sources import SOURCES, check, is_public, read_trusted
from workers.archive.trouble import Refused

NOBODY = read_trusted(())
BUCKET = "/telephony-recorder-prod/a/b.wav"
GOOD = f"https://s3.amazonaws.com{BUCKET}?X-Amz-Expires=600&X-Amz-Signature=a%2Fb"

REFUSED = [
    ("", "plain URL"),
    ("not a link", "plain URL"),
    ("/etc/passwd", "scheme none"),
    ("file:///etc/passwd", "scheme file"),
    ("gs://bucket/file", "scheme gs"),
    ("s3://bucket/file", "scheme s3"),
    ("ftp://s3.amazonaws.com" + BUCKET, "scheme ftp"),
    ("gopher://127.0.0.1:6379/_FLUSHALL", "scheme gopher"),
    ("//s3.amazonaws.com" + BUCKET, "scheme none"),
    (f"http://s3.amazonaws.com{BUCKET}", "https on port 443 only"),
    (f"https://s3.amazonaws.com:8443{BUCKET}", "https on port 443 only"),
    (f"https://s3.amazonaws.com:0{BUCKET}", "https on port 443 only"),
    (f"https://s3.amazonaws.com:99999{BUCKET}", "not a URL"),
    (f"https://s3.amazonaws.com:4a3{BUCKET}", "not a URL"),
    (f"https://s3.amazonaws.com@127.0.0.1{BUCKET}", "user name"),
    (f"https://user:key@s3.amazonaws.com{BUCKET}", "user name"),
    (f"https://s3.amazonaws.com:443@evil.test{BUCKET}", "user name"),
    (f"https://evil.test%2F@s3.amazonaws.com{BUCKET}", "user name"),
    (f"https://s3.amazonaws.com#@evil.test{BUCKET}", "below /telephony-recorder-prod/ only"),
    (f"https://s3.amazonaws.com?@evil.test{BUCKET}", "below /telephony-recorder-prod/ only"),
    (f"https://s3%2eamazonaws.com{BUCKET}", "is not allowed"),
    (f"https:s3.amazonaws.com{BUCKET}", "is not allowed"),
    (f"https://s3.amazonaws.com\\@evil.test{BUCKET}", "plain URL"),
    (f"https://evil.test/\\s3.amazonaws.com{BUCKET}", "plain URL"),
    (f"https://evil.test{BUCKET}", "host evil.test is not allowed; see RECORDING_HOSTS"),
    (f"https://s3.amazonaws.com.evil.test{BUCKET}", "is not allowed"),
    (f"https://evil-s3.amazonaws.com{BUCKET}", "is not allowed"),
    (f"https://s3.amazonaws.com.{BUCKET}", "is not allowed"),
    (f"https://s3.eu-central-1.amazonaws.com{BUCKET}", "is not allowed"),
    ("https://evil.s3.amazonaws.com/file", "is not allowed"),
    ("https://storage.example.com/recordings/a.mp3", "is not allowed"),
    ("https://localhost/", "is not allowed"),
    ("https://127.0.0.1/", "is not allowed"),
    ("https://2130706433/", "is not allowed"),
    ("https://0177.0.0.1/", "is not allowed"),
    ("https://0x7f.1/", "is not allowed"),
    ("https://127.1/", "is not allowed"),
    ("https://017700000001/", "is not allowed"),
    ("https://0x7f000001/", "is not allowed"),
    ("https://127.0.0.1.nip.io/", "is not allowed"),
    ("https://\u2460\u2461\u2466.0.0.1/", "plain URL"),  # digits in circles
    ("https://0/", "is not allowed"),
    ("https://169.254.169.254/latest/meta-data/", "is not allowed"),
    ("https://metadata.google.internal/", "is not allowed"),
    ("https://[::1]/", "is not allowed"),
    ("https://[::ffff:127.0.0.1]/", "is not allowed"),
    ("https://[::ffff:7f00:1]/", "is not allowed"),
    ("https://[fe80::1%25eth0]/", "is not allowed"),
    ("https://[fd00::1]/", "is not allowed"),
    ("https://[::1", "not a URL"),
    ("https://", "is not allowed"),
    (f"https://\u04553.amazonaws.com{BUCKET}", "plain URL"),  # a Cyrillic s
    (f"https://s3。amazonaws.com{BUCKET}", "plain URL"),
    (f"https://xn--3-0tb.amazonaws.com{BUCKET}", "is not allowed"),
    (f"https://s3.amazonaws.com{BUCKET}\r\nX-Evil: 1", "plain URL"),
    (f"https://s3.ama\tzonaws.com{BUCKET}", "plain URL"),
    (f"https://s3.amazonaws.com{BUCKET}\0", "plain URL"),
    (f" https://s3.amazonaws.com{BUCKET}", "plain URL"),
    ("https://s3.amazonaws.com/other-bucket/a.wav", "below /telephony-recorder-prod/ only"),
    ("https://s3.amazonaws.com", "below /telephony-recorder-prod/ only"),
    ("https://s3.amazonaws.com/telephony-recorder-prod-evil/a.wav", "below /telephony-recorder-prod/ only"),
    ("https://s3.amazonaws.com/telephony-recorder-prod/../evil/a.wav", "below /telephony-recorder-prod/ only"),
    ("https://s3.amazonaws.com/telephony-recorder-prod/%2e%2E/evil/a.wav", "below /telephony-recorder-prod/ only"),
    ("https://s3.amazonaws.com/telephony-recorder-prod/..%2fevil/a.wav", "below /telephony-recorder-prod/ only"),
    (GOOD + "a" * 9000, "plain URL"),
]


@pytest.mark.parametrize(("link", "why"), REFUSED, ids=[link[:60] for link, _ in REFUSED])
def test_a_link_outside_the_rule_is_refused_with_its_reason(link, why):
    with pytest.raises(Refused, match=r"^recording link refused: ") as refused:
        check(link, NOBODY)

    assert why in str(refused.value)


def test_a_reason_never_holds_the_signature_of_a_link():
    for host in ("s3.amazonaws.com", "evil.test", "u:p@evil.test", "s3.amazonaws.com:1"):
        with pytest.raises(Refused) as refused:
            check(f"https://{host}/other/?X-Amz-Signature=canary#canary", NOBODY)

        assert "canary" not in str(refused.value)


def test_the_documented_link_passes_with_its_target_byte_for_byte():
    source = check(GOOD, NOBODY)

    assert (source.scheme, source.host, source.port, source.trusted) == ("https", "s3.amazonaws.com", 443, False)
    assert source.target == BUCKET + "?X-Amz-Expires=600&X-Amz-Signature=a%2Fb"
    assert source.authority == "s3.amazonaws.com"


@pytest.mark.parametrize(("host", "prefix"), SOURCES.items())
def test_every_listed_host_passes_below_its_prefix(host, prefix):
    assert check(f"HTTPS://{host.upper()}:443{prefix}a.wav#x", NOBODY) == (
        "https",
        host,
        443,
        f"{prefix}a.wav",
        False,
    )


@pytest.mark.parametrize(
    ("entry", "link", "authority"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080/a", "127.0.0.1:8080"),
        ("files.example.com", "http://files.example.com/a", "files.example.com"),
        ("files.example.com", "https://files.example.com:8443/a", "files.example.com:8443"),
        ("Files.Example.com:8443", "https://FILES.example.com:8443/a", "files.example.com:8443"),
        ("files.example.com:443", "https://files.example.com/a", "files.example.com"),
        ("[::1]:8080", "http://[::1]:8080/a", "[::1]:8080"),
        ("s3.amazonaws.com", "https://s3.amazonaws.com/our-bucket/a", "s3.amazonaws.com"),
    ],
)
def test_a_host_of_the_operator_is_trusted_by_any_scheme_and_address(entry, link, authority):
    source = check(link, read_trusted((entry,)))

    assert source.trusted
    assert source.authority == authority


@pytest.mark.parametrize(
    ("entry", "link"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8081/a"),
        ("127.0.0.1:8080", "http://127.0.0.1/a"),
        ("127.0.0.1", "http://127.0.0.10/a"),
        ("example.com", "https://files.example.com/a"),
        ("files.example.com", "https://u@files.example.com/a"),
        ("files.example.com", "ftp://files.example.com/a"),
    ],
)
def test_trust_in_a_host_goes_no_further_than_it_says(entry, link):
    with pytest.raises(Refused):
        check(link, read_trusted((entry,)))


@pytest.mark.parametrize(
    "entry", ["http://x", "x/y", "x:", "x:0", "x:65536", "x:http", "u@x", "*.example.com", "a b", "::1", "[x]"]
)
def test_a_malformed_entry_of_recording_hosts_is_named(entry):
    with pytest.raises(ConfigError, match="RECORDING_HOSTS: ") as error:
        read_trusted((entry,))

    assert repr(entry) in str(error.value)


PUBLIC = ["52.216.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "100.128.0.1", "2600:1f00::1", "2a00:1450::1"]
NOT_PUBLIC = [
    *("0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.169.254"),
    *("172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.0.1", "198.18.0.1", "198.51.100.1"),
    *("203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "64:ff9b::7f00:1"),
    *("fe80::1", "fe80::1%eth0", "fc00::1", "fd00::1", "fec0::1", "ff02::1", "2001::1", "2001:db8::1"),
    *("2002:7f00:1::", "3fff::1", "100::1", "", "localhost", "0x7f.1", "2130706433"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_open_internet_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_other_address_is_public(address):
    assert not is_public(address)
