"""Which links are followed, where a fresh one comes from, and what is never told to anyone."""

import asyncio
import ssl
import subprocess
from pathlib import Path

import pytest

from tests.archiving import ON_THE_HOST, SOUND, Outcome, fetch, fetched, is_whole
from tests.storage_host import LOOK, RECORDING_ID, SECRET, Stall, StorageHost, answer, looked_up, redirect
from workers.engine.job import Park, Retry


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_link_that_the_host_turns_down_is_replaced_by_a_fresh_one(tmp_path, status):
    answers = {"/a.wav": answer(status, b"expired"), "/fresh.wav": answer(200, SOUND)}
    answers[LOOK] = looked_up(wav=f"{ON_THE_HOST}/fresh.wav?{SECRET}", mp3="http://unused")

    outcome = fetch(tmp_path, answers)

    assert is_whole(outcome)
    assert outcome.paths == ["/a.wav", LOOK, "/fresh.wav"]
    assert [asked.headers.get("authorization") for asked in outcome.requests] == [None, "Bearer the-key", None]


def test_an_event_without_a_link_is_looked_up(tmp_path):
    answers = {LOOK: looked_up(wav=f"{ON_THE_HOST}/a.wav"), "/a.wav": answer(200, SOUND)}

    assert is_whole(fetch(tmp_path, answers, {}))


def test_the_other_format_is_better_than_none(tmp_path):
    answers = {LOOK: looked_up(mp3=f"{ON_THE_HOST}/a.mp3"), "/a.mp3": answer(200, SOUND)}

    assert is_whole(fetch(tmp_path, answers, {}), kind="mp3")


LOOKED_UP = {
    "no such recording": (answer(404, b'{"errors":[{"code":"10005"}]}'), Retry),
    "overloaded": (answer(429, b"{}", "Retry-After: 40"), Retry),
    "server error": (answer(500), Retry),
    "no links yet": (answer(200, b'{"data":{"download_urls":null}}'), Retry),
    "odd links": (answer(200, b'{"data":{"download_urls":{"wav":7,"mp3":null}}}'), Retry),
    "odd data": (answer(200, b'{"data":{"download_urls":[]}}'), Retry),
    "no JSON": (answer(200, b"<html>"), Retry),
    "a fresh link that is turned down": (looked_up(wav=f"{ON_THE_HOST}/gone.wav"), Retry),
    "a key that may not": (answer(401, b"{}"), Park),
    "a fresh link off the list": (looked_up(wav="https://evil.test/a.wav"), Park),
}


@pytest.mark.parametrize(("reply", "verdict"), LOOKED_UP.values(), ids=LOOKED_UP.keys())
def test_a_look_that_brings_no_file_ends_in_a_verdict(tmp_path, reply, verdict):
    outcome = fetch(tmp_path, {LOOK: reply}, {})

    assert isinstance(outcome.verdict, verdict), outcome.verdict
    assert outcome.files == {}


def test_a_pause_that_telnyx_asks_for_is_kept(tmp_path):
    outcome = fetch(tmp_path, {LOOK: answer(429, b"{}", "Retry-After: 40")}, {})

    assert outcome.verdict == Retry(40.0, True, "GET /recordings: Telnyx answered 429")


def test_a_link_off_the_list_is_parked_and_nobody_is_asked(tmp_path):
    outcome = fetch(tmp_path, {"/a.wav": answer(200, SOUND)}, hosts=("files.example.com",))

    why = "recording link refused: host 127.0.0.1 is not allowed; see RECORDING_HOSTS"
    assert outcome.verdict == Park(why)
    assert (outcome.requests, outcome.files) == ([], {})
    assert why in outcome.logs


def test_a_redirect_on_the_list_is_followed(tmp_path):
    answers = {"/a.wav": redirect("b"), "/b": redirect(f"{ON_THE_HOST}/c"), "/c": redirect("//127.0.0.1:{port}/d")}

    outcome = fetch(tmp_path, {**answers, "/d": answer(200, SOUND)})

    assert is_whole(outcome)
    assert outcome.paths == ["/a.wav", "/b", "/c", "/d"]


@pytest.mark.parametrize(
    "location",
    [
        *("http://localhost:{port}/b", "http://127.0.0.2:{port}/b", "http://[::1]:{port}/b", "file:///etc/passwd"),
        *("http://2130706433:{port}/b", "http://0177.0.0.1:{port}/b", "http://0x7f.1:{port}/b"),
        *("http://[::ffff:127.0.0.1]:{port}/b", "//127.1:{port}/b", "http://u@127.0.0.1:{port}/b"),
        "https://s3.amazonaws.com@127.0.0.1:{port}/b",
    ],
)
def test_a_redirect_off_the_list_is_parked_and_not_followed(tmp_path, location):
    outcome = fetch(tmp_path, {"/a.wav": redirect(location), "/b": answer(200, SOUND)})

    assert isinstance(outcome.verdict, Park)
    assert outcome.verdict.reason.startswith("recording link refused: ")
    assert (outcome.paths, outcome.files) == (["/a.wav"], {})


def test_a_fourth_redirect_is_not_followed(tmp_path):
    answers = {"/a.wav": redirect("/1"), "/1": redirect("/2"), "/2": redirect("/3"), "/3": redirect("/4")}

    outcome = fetch(tmp_path, {**answers, "/4": answer(200, SOUND)})

    assert isinstance(outcome.verdict, Retry)
    assert outcome.paths == ["/a.wav", "/1", "/2", "/3"]


def test_no_log_line_and_no_file_holds_the_signature_of_a_link(tmp_path):
    replies = [answer(200, SOUND), answer(403), answer(500), Stall(b""), redirect(f"https://evil.test/?{SECRET}")]
    outcomes = [
        fetch(tmp_path / str(number), {"/a.wav": reply}, deadline_s=0.5) for number, reply in enumerate(replies)
    ]

    assert all(SECRET in asked.path for outcome in outcomes for asked in outcome.requests[:1])
    told = [str(outcome.verdict) + outcome.logs + str(outcome.files.keys()) for outcome in outcomes]
    assert not any("canary" in text for text in told)
    assert b"canary" not in outcomes[0].files[f"{RECORDING_ID}.json"]


LISTED = {"wav": f"https://s3.amazonaws.com/telephony-recorder-prod/a.wav?{SECRET}"}
NOT_PUBLIC = [
    *("127.0.0.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.169.254"),
    *("224.0.0.1", "::1", "::ffff:127.0.0.1", "fe80::1", "fd00::1", "ff02::1", "64:ff9b::7f00:1"),
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused_though_the_name_is_on_the_list(tmp_path, address):
    async def rebound(host: str, port: int) -> list[str]:
        return ["52.216.1.1", address]

    outcome = fetch(tmp_path, {}, LISTED, resolve=rebound)

    assert isinstance(outcome.verdict, Park)
    assert "resolves to an address that is not public" in outcome.verdict.reason


def test_a_name_that_changes_its_mind_is_asked_once_and_its_first_answer_is_used(tmp_path):
    answers = [["127.0.0.1"], ["127.0.0.2"]]

    async def rebinding(host: str, port: int) -> list[str]:
        return answers.pop(0)

    links = {"wav": "http://recordings.test:{port}/a.wav"}
    outcome = fetch(tmp_path, {"/a.wav": answer(200, SOUND)}, links, hosts=("recordings.test",), resolve=rebinding)

    assert is_whole(outcome)
    assert answers == [["127.0.0.2"]]


def test_a_redirect_to_a_listed_name_is_resolved_and_judged_anew(tmp_path):
    async def to_loopback(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    outcome = fetch(tmp_path, {"/a.wav": redirect(LISTED["wav"])}, resolve=to_loopback)

    assert isinstance(outcome.verdict, Park)
    assert "s3.amazonaws.com resolves to an address that is not public" in outcome.verdict.reason
    assert outcome.paths == ["/a.wav"]


def test_a_proxy_of_the_environment_is_not_asked(tmp_path, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")  # nobody listens there

    assert is_whole(fetch(tmp_path, {"/a.wav": answer(200, SOUND)}))


def test_a_name_without_an_address_is_tried_later(tmp_path):
    async def unknown(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    outcome = fetch(tmp_path, {}, LISTED, resolve=unknown)

    assert outcome.verdict == Retry(2.0, True, "s3.amazonaws.com: its name cannot be resolved")


def test_the_resolved_address_is_used_and_the_host_is_asked_for(tmp_path):
    async def pinned(host: str, port: int) -> list[str]:
        assert host == "recordings.test"
        return ["127.0.0.3", "127.0.0.1", "127.0.0.4"]  # nobody listens on the others

    links = {"wav": "http://recordings.test:{port}/a.wav"}
    outcome = fetch(tmp_path, {"/a.wav": answer(200, SOUND)}, links, hosts=("recordings.test",), resolve=pinned)

    assert is_whole(outcome)
    assert outcome.requests[0].headers["host"].startswith("recordings.test:")


def test_tls_names_the_host_and_a_certificate_that_nobody_vouches_for_is_not_taken(tmp_path):
    make_certificate(tmp_path, "recordings.test")
    named: list[str | None] = []

    async def pinned(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async def scenario() -> Outcome:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
        context.sni_callback = lambda _socket, name, _context: named.append(name)
        host = StorageHost({"/a.wav": answer(200, SOUND)})
        server = await asyncio.start_server(host.serve, "127.0.0.1", 0, ssl=context)
        host.port = server.sockets[0].getsockname()[1]
        links = {"wav": "https://recordings.test:{port}/a.wav"}
        async with server:
            return await fetched(host, tmp_path / "to", links, hosts=("recordings.test",), resolve=pinned)

    outcome = asyncio.run(scenario())

    assert outcome.verdict == Retry(2.0, True, "recordings.test: ConnectError")
    assert named == ["recordings.test"]
    assert (outcome.requests, outcome.files) == ([], {})


def make_certificate(folder: Path, name: str) -> None:
    """A self-signed one, as `cert` and `key`."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    try:
        subprocess.run([*command, *files, "-subj", f"/CN={name}", "-days", "2"], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs the openssl command to make a certificate")
