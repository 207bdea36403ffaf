"""A fleet under least-privilege Redis users, with canaries for its secrets: what it may do, and what it tells."""

import json

import pytest
import redis

from shared import queues
from tests.integration.security.fleet import CRASHED_BY_A_HOOK, PRIVATE, SECRETS, played, url_of, users
from tests.processes import embedded_valkey

REFUSED = [
    ("FLUSHALL",),
    ("FLUSHDB",),
    ("CONFIG", "SET", "appendonly", "no"),
    ("DEBUG", "SLEEP", "0"),
    ("KEYS", "*"),
    ("SHUTDOWN",),
    ("ACL", "LIST"),
    ("REPLICAOF", "127.0.0.1", "1"),
    ("SAVE",),
    ("MONITOR",),
    ("SCRIPT", "FLUSH"),
    ("FUNCTION", "FLUSH"),
    ("GET", "another:application"),
    ("PUBLISH", "another", "x"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = embedded_valkey(tmp_path_factory.mktemp("secured"), enable_debug_command="yes")
    server.start()
    return server  # whoever plays on it ends it


@pytest.fixture(scope="module")
def seen(server, tmp_path_factory):
    with played(server, tmp_path_factory.mktemp("fleet")) as left:
        yield left


def hits(text, canaries):
    return [name for name, canary in canaries.items() if canary in text]


def test_calls_of_every_kind_run_under_the_users_that_the_page_gives(seen):
    assert seen.calls == dict.fromkeys(("voicemail", "reminder", "broken", "crashing"), "over")
    assert seen.ready[0] == 200
    assert seen.ready[1]["durability"] == {"mode": "fsync", "may_lose": "nothing"}
    assert (seen.audit.returncode, seen.audit.stderr) == (0, "")
    assert seen.denied == []


def test_what_was_to_go_wrong_went_wrong(seen):
    """So the canaries had every chance to show themselves."""
    assert seen.crashed in CRASHED_BY_A_HOOK
    assert "[critical ] crashed" in seen.logs["crashed"]
    assert "in crash_once" in seen.logs["crashed"]
    assert any("3 exceptions, the last ValueError" in reason for reason in seen.dead.values())
    assert seen.links


def test_no_secret_and_nothing_of_a_call_is_in_any_log(seen):
    never = SECRETS | PRIVATE | {"signature": seen.signature} | {link: link for link in seen.links}

    found = {name: hits(log, never) for name, log in seen.logs.items()}

    assert all(seen.logs.values())
    assert {name: told for name, told in found.items() if told} == {}


def test_a_forged_id_begins_no_line_of_its_own(seen):
    lines = "\n".join(seen.logs.values()).split("\n")

    assert len([line for line in lines if '"forged"' in line and "not a job id" in line]) == 1
    assert [line for line in lines if line.startswith('{"event": "forged"}') or "\x1b" in line] == []


def test_no_secret_is_in_the_command_line_of_any_process(seen):
    assert len(seen.argv) >= 3
    assert hits("\n".join(seen.argv), SECRETS | PRIVATE) == []


def test_no_secret_and_no_signature_is_in_the_database(seen):
    """Numbers and bodies are: they are what the calls are about."""
    text = repr(seen.database)

    assert hits(text, {"caller": PRIVATE["caller"]}) == ["caller"]
    assert hits(text, SECRETS | {"signature": seen.signature}) == []


def test_what_rqs_tools_show_of_a_job_holds_nothing_of_a_call(seen):
    """Its description and why it was parked; a worker logs both, and a dashboard shows them to many."""
    hashes = [value for key, value in seen.database.items() if key.startswith(b"rq:job:")]
    shown = [one.get(field, b"").decode() for one in hashes for field in (b"description", b"exc_info")]

    assert len(hashes) >= 2
    assert hits("\n".join(shown), SECRETS | PRIVATE) == []


@pytest.mark.parametrize("user", ["ingress", "workers"])
@pytest.mark.parametrize("command", REFUSED, ids=" ".join)
def test_neither_user_can_do_harm_beyond_trunkline(server, seen, user, command):
    with (
        redis.Redis.from_url(url_of(server, user)) as client,
        pytest.raises(redis.exceptions.NoPermissionError),
    ):
        client.execute_command(*command)


def test_the_web_process_can_read_no_call_and_no_command(server, seen):
    kept = [key for key in seen.database if key.startswith((b"trunkline:call:", b"trunkline:timeline:"))]
    assert kept
    with redis.Redis.from_url(url_of(server, "ingress")) as client:
        for key in (*kept, queues.outbox_key("x").encode()):
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command("HGETALL" if b":call:" in key else "GET", key)
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.eval("return redis.call('GET', KEYS[1])", 1, queues.outbox_key("x"))


def test_a_wrong_password_of_the_server_is_told_without_it(server, seen, start_web):
    web = start_web(REDIS_URL=url_of(server, "ingress").replace("6f1d", "0000"), LOG_LEVEL="DEBUG")
    web.http.get("/ready")
    web.stop()

    assert "redis_unreachable" in web.output
    assert "canary" not in web.output
    assert all(json.loads(line) for line in web.output.splitlines())


def test_the_page_gives_two_users():
    assert [command[2] for command in users()] == ["ingress", "workers"]
