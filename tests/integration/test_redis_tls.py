"""`rediss://`: the certificate is checked, by the system's authorities or a CA file, unless told not to."""

import ssl

import pytest
import redis
import trustme

from shared import valkey as connections
from shared.errors import ConfigError
from shared.settings import Settings
from tests.integration.workers.bench import run
from tests.relay import Relay
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture
def tls_url(authority, own_valkey):
    """`tls_url("localhost")`: of a server whose certificate is for that name; it is reached as localhost."""
    relays = []

    def serve(name):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(name).configure_cert(context)
        relays.append(Relay(own_valkey.port, tls=context))
        return f"rediss://localhost:{relays[-1].port}/0"

    yield serve
    for one in relays:
        one.close()


def ping(settings):
    """By the asyncio client and by the blocking one."""

    async def asked():
        client = connections.connect(settings)
        try:
            return await client.ping()
        finally:
            await client.aclose()

    with connections.connect_blocking(settings) as blocking:
        return run(asked()), blocking.ping()


def test_a_certificate_of_the_ca_file_is_accepted(tls_url, ca_file):
    assert ping(Settings(redis_url=tls_url("localhost"), redis_tls=ca_file)) == (True, True)


@pytest.mark.parametrize("name", ["localhost", "elsewhere.example"])
def test_insecure_accepts_any_and_says_so(tls_url, name, capsys):
    assert ping(Settings(redis_url=tls_url(name), redis_tls="insecure")) == (True, True)

    assert "redis_tls_insecure" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "choice"),
    [
        pytest.param("localhost", "verify", id="of an authority that the system does not know"),
        pytest.param("elsewhere.example", "CA file", id="of another host"),
    ],
)
@pytest.mark.parametrize(
    "connect", [lambda told: run(once(told)), lambda told: connections.connect_blocking(told).ping()]
)
def test_others_are_refused(tls_url, ca_file, name, choice, connect):
    settings = Settings(redis_url=tls_url(name), redis_tls=ca_file if choice == "CA file" else choice)

    with pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        connect(settings)


async def once(settings):
    client = connections.connect(settings)
    try:
        await client.ping()
    finally:
        await client.aclose()


def test_a_file_without_a_certificate_is_refused_with_a_line_that_names_it(tmp_path):
    empty = tmp_path / "empty.pem"
    empty.write_text("no certificate")

    with pytest.raises(ConfigError, match=r"REDIS_TLS=.*empty\.pem"):
        connections.connect(Settings(redis_url="rediss://localhost:1/0", redis_tls=str(empty)))


def test_a_web_process_serves_over_tls(tls_url, ca_file, start_web):
    web = start_web(REDIS_URL=tls_url("localhost"), REDIS_TLS=ca_file)

    wait_until(lambda: web.http.get("/ready").status_code == 200, "ready")
