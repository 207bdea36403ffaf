"""What `dialplan explain` takes: one question at a time, and one line for each mistake."""

import json

import pytest

from console.cli import build_parser
from shared.errors import ConfigError

FILE = """
version = 1
timezone = "America/Chicago"
[[rules]]
name = "gold"
when = { header = { "X-Tier" = "gold" }, tags = "vip", attestation = "A", connection = "29", from = "anonymous" }
then = { do = "hook", call = "no_such_module:choose" }
[outbound.reminder]
from = "+13125550300"
human = { do = "hangup" }
[default]
then = { do = "reject" }
"""
INCOMING = ("--to", "+13125550100", "--from", "+12025550142")


@pytest.fixture
def explain(tmp_path, capsys):
    """`explain("--to", …)`: what was printed."""
    file = tmp_path / "plan.toml"
    file.write_text(FILE)

    def ask(*words, **env):
        arguments = build_parser().parse_args(["dialplan", "explain", *words])
        assert arguments.run(arguments, {"DIALPLAN": str(file), **env}) == 0
        return capsys.readouterr().out

    return ask


def test_everything_that_a_rule_may_ask_for_can_be_given(explain):
    words = ("--tag", "x", "--tag", "vip", "--header", "x-tier=gold", "--attestation", "A", "--connection", "29")

    told = json.loads(explain("--to", "+13125550100", "--from", "anonymous", *words, "--json"))

    assert told["rule"] == "gold"


def test_the_connection_is_ours_unless_another_one_is_given(explain):
    ours = explain(*INCOMING, TELNYX_CONNECTION_ID="30")

    assert "no   gold  from: another number calls" in ours
    assert "connection: the call came over 30" in explain(
        "--to", "+13125550100", "--from", "", TELNYX_CONNECTION_ID="30"
    )


def test_a_hook_that_cannot_be_loaded_is_told(explain):
    assert "hook no_such_module:choose cannot be loaded, so its calls go to [default]: " in explain(*INCOMING)


def test_a_profile_is_explained_with_its_conditions(explain):
    told = explain("--profile", "reminder", "--at", "2026-12-25 10:00").splitlines()

    assert told[2].endswith("[outbound.reminder] calls anybody on Fri 2026-12-25 at 10:00 (America/Chicago)")
    assert [line.split()[0] for line in told[4:8]] == ["hours", "limits", "dnc", "attempts"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--to is missing: --to NUMBER --from NUMBER, --profile NAME or --call ID"),
        (("--to", "+13125550100"), "--from is missing"),
        (
            ("--to", "5550100", "--from", "anonymous"),
            "--to '5550100' is no E.164 number (+13125550100) and no SIP URI",
        ),
        (
            ("--to", "+13125550100", "--from", "me"),
            "--from 'me' is no E.164 number (+13125550100) and no SIP URI, nor",
        ),
        ((*INCOMING, "--header", "X-Tier"), "--header 'X-Tier' is not NAME=VALUE, for example X-Tier=gold"),
        ((*INCOMING, "--header", "X Tier=gold"), "--header 'X Tier=gold' is not NAME=VALUE"),
        ((*INCOMING, "--at", "noon"), "--at 'noon' is no time: write"),
        ((*INCOMING, "--unmask"), "--unmask does not go with --to"),
        (("--profile", "reminder", "--tag", "vip"), "--tag does not go with --profile"),
        (("--profile", "reminder", "--to", "911"), "--to '911' is no E.164 number"),
        (("--profile", "remnider"), "there is no [outbound.remnider] in "),
        (("--call", "x", "plan.toml"), "FILE does not go with --call"),
        (("--call", "x", "--profile", "reminder"), "--profile does not go with --call"),
        (("--call", "x"), "REDIS_URL is missing"),
        ((*INCOMING, "nowhere.toml"), "nowhere.toml does not exist"),
    ],
)
def test_a_mistake_is_told_in_one_line(explain, words, said):
    with pytest.raises(ConfigError) as caught:
        explain(*words)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
