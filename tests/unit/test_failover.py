"""Sentinel URLs, whose form is ours: what each says, and which are refused."""

import pytest

from shared.errors import ConfigError
from shared.failover import Sentinels


@pytest.mark.parametrize(
    ("url", "hosts", "service", "of_server"),
    [
        pytest.param("redis+sentinel://a:26379/calls", [("a", 26379)], "calls", {"db": 0}, id="one"),
        pytest.param(
            "redis+sentinel://a:1,10.0.0.2:2/calls/3", [("a", 1), ("10.0.0.2", 2)], "calls", {"db": 3}, id="two"
        ),
        pytest.param(
            "redis+sentinel://app:p%40ss@a:1,b:2/calls/0",
            [("a", 1), ("b", 2)],
            "calls",
            {"db": 0, "username": "app", "password": "p@ss"},
            id="with credentials of the server",
        ),
        pytest.param(
            "redis+sentinel://:pw@a:1/calls", [("a", 1)], "calls", {"db": 0, "password": "pw"}, id="password"
        ),
    ],
)
def test_a_sentinel_url_tells_hosts_service_database_and_credentials(url, hosts, service, of_server):
    assert Sentinels.read(url) == (hosts, service, of_server)


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://a:1",
        "redis+sentinel://a/calls",
        "redis+sentinel://a:1,b/calls",
        "redis+sentinel://:1/calls",
        "redis+sentinel://a:port/calls",
        "redis+sentinel://a:1/calls/zero",
        "redis+sentinel://a:1/calls/-1",
        "redis+sentinel://a:1/calls?db=1",
    ],
)
def test_any_other_is_refused_with_the_form_and_without_its_password(url):
    with pytest.raises(ConfigError, match=r"reads redis\+sentinel://host:port,host:port/service/db$"):
        Sentinels.read(url)
