"""`trunkline listen`: through a tunnel on loopback to a web process, with the stand-in's applications."""

import json
import os
import shlex
import signal
import ssl
import subprocess
import sys

import httpx
import pytest
import trustme

from tests import sim_process
from tests.command import trunkline
from tests.processes import ROOT
from tests.signing import signed, webhook_body
from tests.waiting import PATIENCE_S, wait_until

process, sim = sim_process.process, sim_process.sim

OLD = "https://old.example.com/webhooks/telnyx"
TWO = "https://two.example.com/webhooks/telnyx"


@pytest.fixture
def application(sim):
    """Its id; of an older shape, with a failover, so that more than one setting has to be put back."""
    body = {"application_name": "dev", "webhook_event_url": OLD, "webhook_event_failover_url": TWO}
    return sim.api.post("/call_control_applications", json=body).json()["data"]["id"]


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "cert.pem")
    return folder


class Listening:
    def __init__(self, sim, application, folder, tunnel, *arguments):
        self.out, self.err = (folder / name for name in ("out", "err"))
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "console",
                    "listen",
                    "--tunnel",
                    tunnel,
                    "--application",
                    application,
                    *arguments,
                ],
                cwd=ROOT,
                env={
                    "PATH": os.environ["PATH"],
                    "SSL_CERT_FILE": str(folder / "ca.pem"),
                    "TELNYX_API_KEY": "KEY",
                    "TELNYX_BASE_URL": sim.ready["url"],
                },
                stdout=out,
                stderr=err,
            )

    def told(self, what):
        wait_until(lambda: what in self.err.read_text() or self.process.poll() is not None, what, PATIENCE_S * 2)
        assert what in self.err.read_text()

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S * 2)


@pytest.fixture
def listen(sim, application, tls):
    started = []

    def start(*arguments, tunnel=f"{sys.executable} -m tests.fake_tunnel {{url}} {tls}/cert.pem"):
        started.append(Listening(sim, application, tls, tunnel, *arguments))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.end()


def settings(sim, application):
    one = sim.api.get(f"/call_control_applications/{application}").json()["data"]
    return one["webhook_event_url"], one["webhook_event_failover_url"], one["webhook_api_version"]


def post(tls, url, body):
    context = ssl.create_default_context(cafile=str(tls / "ca.pem"))
    with httpx.Client(verify=context, timeout=PATIENCE_S, trust_env=False) as http:
        return http.post(url, content=body, headers=signed(body)).status_code


def test_events_come_through_the_tunnel_are_shown_and_the_address_is_put_back(sim, application, listen, tls, web):
    listening = listen("--forward-to", str(web.http.base_url))
    listening.told("is pointed here")
    url, failover, version = settings(sim, application)
    assert (url.startswith("https://localhost:"), failover, version) == (True, None, "2")
    secret = webhook_body("call.answered", **{"from": "+12025550142", "to": "+13125550100"})

    taken = post(tls, url, secret)
    refused = post(tls, url, b" " * 300_000)
    elsewhere = post(tls, url.replace("/webhooks/telnyx", "/calls"), b"{}")
    code = listening.end()

    assert (taken, refused, elsewhere) == (200, 413, 404)
    [line] = listening.out.read_text().splitlines()
    assert "200" in line
    assert "call.answered" in line
    assert "+12025550142" not in line
    assert code == 0
    assert settings(sim, application) == (OLD, TWO, "1")


def test_when_its_terminal_closes_the_address_is_put_back_too(sim, application, listen, tls):
    listening = listen("--forward-to", "http://127.0.0.1:1", "--json")
    listening.told("is pointed here")
    status = post(tls, settings(sim, application)[0], webhook_body("call.hangup"))

    assert listening.end(signal.SIGHUP) == 0
    assert status == 503  # nobody listens there: Telnyx tries again
    told = json.loads(listening.out.read_text())
    assert (told["event_type"], told["status"]) == ("call.hangup", 503)
    assert settings(sim, application) == (OLD, TWO, "1")


def test_a_tunnel_that_ends_by_itself_puts_it_back_and_exits_1(sim, application, listen, tls):
    pid = tls / "pid"
    tunnel = f"sh -c 'echo $$ > {pid}; exec {sys.executable} -m tests.fake_tunnel {{url}} {tls}/cert.pem'"
    listening = listen(tunnel=tunnel)
    listening.told("is pointed here")

    os.kill(int(pid.read_text()), signal.SIGTERM)

    assert listening.process.wait(PATIENCE_S) == 1
    listening.told("the tunnel ended")
    assert settings(sim, application) == (OLD, TWO, "1")


def test_what_somebody_else_has_changed_meanwhile_stays(sim, application, listen):
    listening = listen()
    listening.told("is pointed here")
    other = {"application_name": "dev", "webhook_event_url": "https://other.example.com/x"}
    sim.api.patch(f"/call_control_applications/{application}", json=other)

    assert listening.end(signal.SIGINT) == 1
    listening.told("left as it is")
    assert settings(sim, application)[0] == "https://other.example.com/x"


def test_what_cannot_be_put_back_is_told_with_the_command_that_does_it(sim, application, listen):
    listening = listen()
    listening.told("is pointed here")
    sim.api.delete(f"/call_control_applications/{application}")

    assert listening.end() == 1
    listening.told("NOT back")
    told = shlex.split(listening.err.read_text().splitlines()[-1].partition("by hand: ")[2])
    assert told[:5] == ["trunkline", "telnyx", "applications", "update", application]
    assert json.loads(told[6])["webhook_event_url"] == OLD


def refused(sim, application, tunnel):
    env = {"TELNYX_API_KEY": "KEY", "TELNYX_BASE_URL": sim.ready["url"]}
    return trunkline("listen", "--tunnel", tunnel, "--application", application, **env)


def test_an_application_with_live_calls_is_left_alone(sim, application):
    sim.put("callees", {"+12025550142": {"answers_after": 0.05}})  # and stays
    sim.api.post("/calls", json={"connection_id": application, "from": "+13125550300", "to": "+12025550142"})

    done = refused(sim, application, "sh -c 'echo {port}'")

    assert done.returncode == 1
    assert "live calls" in done.stderr
    assert settings(sim, application) == (OLD, TWO, "1")


def test_a_tunnel_that_says_nothing_of_use_changes_nothing(sim, application):
    done = refused(sim, application, "sh -c 'echo {port} is no good; exit 3'")

    assert done.returncode == 1
    assert "the tunnel ended" in done.stderr
    assert "is no good" in done.stderr
    assert settings(sim, application) == (OLD, TWO, "1")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--tunnel", "x {url}"), "--application"),
        (("--application", "1"), "--tunnel"),
        (("--tunnel", "x {url}", "--application", "1", "--forward-to", "https://example.com"), "--forward-to"),
        (("--tunnel", "x {url}", "--application", "1"), "TELNYX_API_KEY"),
    ],
)
def test_bad_input_exits_2(arguments, named):
    done = trunkline("listen", *arguments)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert named in done.stderr
