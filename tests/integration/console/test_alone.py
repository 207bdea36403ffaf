"""`trunkline page`: the page without the web process, for this machine."""

import signal
import socket

import httpx
import pytest

from console.cli import build_parser
from tests.command import trunkline
from tests.integration.console.conftest import PASSWORD
from tests.ports import free_port
from tests.processes import Process
from tests.waiting import PATIENCE_S, wait_until


def test_the_page_is_served_alone_until_it_is_told_to_stop(redis_url, valkey, dialplan_path, tmp_path):
    port = free_port()
    env = {"REDIS_URL": redis_url, "CONSOLE_PASSWORD": PASSWORD, "DIALPLAN": str(dialplan_path)}
    alone = Process("console", "page", "--port", str(port), env=env, log_path=tmp_path / "log")
    try:
        url, auth = f"http://127.0.0.1:{port}/console/", (b"ana", PASSWORD.encode())
        wait_until(lambda: url in alone.output, "it listens")
        with httpx.Client(auth=auth, timeout=PATIENCE_S, trust_env=False) as client:
            seen = client.get(url)
            refused = httpx.get(url, trust_env=False)
            others = [client.get(f"http://127.0.0.1:{port}{path}").status_code for path in ("/", "/metrics")]

        assert PASSWORD not in alone.output
        assert (seen.status_code, refused.status_code, others) == (200, 401, [404, 404])
        assert alone.stop() == 128 + signal.SIGTERM
        assert "Application shutdown complete" in alone.output
    finally:
        alone.kill()


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "REDIS_URL is missing"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "CONSOLE_PASSWORD is missing"),
        (
            {"REDIS_URL": "redis://127.0.0.1:1/0", "CONSOLE_PASSWORD": "x", "DIALPLAN": "/nowhere/plan.toml"},
            "nowhere/plan.toml",
        ),
    ],
    ids=["redis", "password", "dialplan"],
)
def test_what_it_cannot_do_without_is_named_on_one_line(env, said):
    done = trunkline("page", **env)

    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_port_that_is_taken_is_told_on_one_line(dialplan_path):
    env = {"REDIS_URL": "redis://127.0.0.1:1/0", "CONSOLE_PASSWORD": "x", "DIALPLAN": str(dialplan_path)}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = trunkline("page", "--port", str(port), **env)

    told = f"trunkline page: no port {port} of 127.0.0.1 (Address already in use): name another one by --port\n"
    assert done == (2, "", told)


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(["page", "--port", port])

    assert ended.value.code == 2
