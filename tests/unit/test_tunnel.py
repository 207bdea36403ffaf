"""What `trunkline listen` reads in a tunnel's output, and how its command is filled in."""

import pytest

from console.listen.tunnel import addresses, words
from shared.errors import ConfigError

DOOR = "http://127.0.0.1:4711"


@pytest.mark.parametrize(
    ("output", "found"),
    [
        ("|  https://a-b-c.trycloudflare.com                 |", ["https://a-b-c.trycloudflare.com"]),
        ("see https://developers.cloudflare.com/cloudflare-one/connections", []),
        ("(https://www.cloudflare.com/website-terms/), and", []),
        (
            'msg="started tunnel" addr=http://localhost:8000 url=https://ab12.ngrok-free.app',
            ["https://ab12.ngrok-free.app"],
        ),
        ("your url is: https://wise-dog.loca.lt\n", ["https://wise-dog.loca.lt"]),
        ("https://localhost:8443/ https://localhost:8443/", ["https://localhost:8443"]),
        ("at https://one.example.com.", ["https://one.example.com"]),
        ("http://plain.example.com", []),
    ],
)
def test_an_address_without_a_path_may_be_the_tunnels_own(output, found):
    assert addresses(output) == found


def test_the_command_is_filled_in_and_no_shell_reads_it():
    assert words("t --url {url} -p {port} 'a b'", DOOR) == ["t", "--url", DOOR, "-p", "4711", "a b"]


@pytest.mark.parametrize("command", ["", "cloudflared tunnel", "t '{url}"])
def test_a_command_that_leads_nowhere_is_refused(command):
    with pytest.raises(ConfigError, match="--tunnel"):
        words(command, DOOR)
