"""`trunkline telnyx …`: every operation by hand, against the stand-in."""

import json

import pytest

from tests.command import trunkline
from tests.sim_process import Simulator

CONNECTION = "2900000000000000001"
DIAL = ("dial", "--connection-id", CONNECTION, "--from", "+13125550300", "--to", "+12025550142")


@pytest.fixture(scope="module")
def stand_in():
    simulator = Simulator()
    simulator.put("callees", {"+12025550142": {"answers_after": 0.05}})  # and stays until somebody else hangs up
    yield simulator
    simulator.close()


@pytest.fixture
def telnyx(stand_in):
    def run(*arguments, **env):
        given = {"TELNYX_API_KEY": "KEY", "TELNYX_BASE_URL": stand_in.ready["url"], **env}
        return trunkline("telnyx", *arguments, **given)

    return run


@pytest.fixture
def leg(telnyx):
    return json.loads(telnyx(*DIAL, "--json").stdout)["data"]["call_control_id"]


def test_a_dial_prints_the_ids_of_its_leg(telnyx):
    done = telnyx(*DIAL, "--timeout-secs", "20", "--body", '{"time_limit_secs": 60}')

    assert done.returncode == 0, done.stderr
    assert {"call_control_id", "call_leg_id", "call_session_id"} <= {
        line.split()[0] for line in done.stdout.splitlines()
    }


def test_a_dial_takes_its_connection_from_the_environment(telnyx):
    without = (*DIAL[:1], *DIAL[3:])

    assert telnyx(*without).returncode == 2
    assert telnyx(*without, TELNYX_CONNECTION_ID=CONNECTION).returncode == 0


def test_active_calls_lists_the_legs_that_are_up(telnyx, leg):
    shown = telnyx("active-calls", CONNECTION)
    told = json.loads(telnyx("active-calls", CONNECTION, "--json").stdout)

    assert shown.stdout.splitlines()[0].split()[0] == "call_control_id"
    assert leg in shown.stdout
    assert leg in {call["call_control_id"] for call in told["data"]}


def test_a_second_hangup_shows_that_the_call_has_ended_and_exits_1(telnyx, leg):
    assert telnyx("hangup", leg).stdout.split() == ["result", "ok"]

    again = telnyx("hangup", leg)

    assert again.returncode == 1
    assert "90018" in again.stderr
    assert "to do" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("transfer", "v3:x", "--to", "+12025550142", "--body", '{"bogus": 1}'), "bogus"),
        (("transfer", "v3:x", "--to", "+12025550142", "--timeout-secs", "3"), "timeout_secs"),
        (("transfer", "v3:x"), "to"),
        (("transfer", "v3:x", "--to", "+1", "--body", '{"to": "+2"}'), "to is given twice"),
        (("answer", "v3:x", "--body", "not json"), "JSON"),
        (("answer", "v3:x", "--body", '{"record_format": "ogg"}'), "record_format"),
        (("answer",), "call_control_id"),
        (("events", "--query", '{"page[size]": 300}'), "page[size]"),
        (("events", "--query", '{"bogus": 1}'), "bogus"),
        (("applications", "create", "--application-name", "a"), "webhook_event_url"),
        (("applications",), "VERB"),
    ],
)
def test_what_cannot_be_right_is_named_and_never_sent(stand_in, telnyx, arguments, named):
    before = len(stand_in.get("ledger"))

    done = telnyx(*arguments)

    assert done.returncode == 2
    assert named in done.stderr
    assert done.stderr.strip().count("\n") == 0
    assert len(stand_in.get("ledger")) == before


def test_an_emergency_number_is_never_sent_and_one_outside_the_limits_only_when_forced(stand_in, telnyx, tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text(
        'version = 1\ntimezone = "UTC"\n[limits]\nallow = ["+49*"]\n[default]\nthen = { do = "reject" }'
    )
    before = len(stand_in.get("ledger"))

    emergency = telnyx("transfer", "v3:x", "--to", "+1911", "--force", DIALPLAN=str(plan))
    outside = telnyx(*DIAL, DIALPLAN=str(plan))

    assert (emergency.returncode, outside.returncode) == (2, 2)
    assert "emergency" in emergency.stderr
    assert "[limits] allow" in outside.stderr
    assert len(stand_in.get("ledger")) == before
    assert telnyx(*DIAL, "--force", DIALPLAN=str(plan)).returncode == 0


def test_an_application_is_made_shown_listed_changed_and_deleted(telnyx):
    named = ("--application-name", "clinic", "--webhook-event-url", "https://voice.example.com/hook")
    made = json.loads(telnyx("applications", "create", *named, "--json").stdout)["data"]

    renamed = ("--application-name", "clinic 2", "--webhook-event-url", "https://voice.example.com/hook")
    changed = telnyx("applications", "update", made["id"], *renamed, "--body", '{"webhook_api_version": "2"}')

    assert changed.returncode == 0, changed.stderr
    assert "clinic 2" in telnyx("applications", "show", made["id"]).stdout
    assert made["id"] in telnyx("applications", "list", "--name-contains", "clinic").stdout
    assert telnyx("applications", "delete", made["id"]).returncode == 0
    assert telnyx("applications", "show", made["id"]).returncode == 1


def test_events_tell_what_was_sent_for_a_leg(telnyx, leg):
    telnyx("hangup", leg)
    leg_id = next(
        item["call_leg_id"]
        for item in json.loads(telnyx("events", "--json").stdout)["data"]
        if item["type"] == "command"
    )

    told = json.loads(telnyx("events", "--leg-id", leg_id, "--json").stdout)["data"]

    assert told
    assert {item["call_leg_id"] for item in told} == {leg_id}


def test_a_key_that_telnyx_does_not_know_is_named(telnyx):
    done = telnyx("hangup", "v3:x", TELNYX_API_KEY="")

    assert done.returncode == 2
    assert "TELNYX_API_KEY" in done.stderr


def test_no_answer_exits_1_and_says_what_to_check(telnyx):
    done = telnyx("hangup", "v3:x", TELNYX_BASE_URL="http://127.0.0.1:1/v2")

    assert done.returncode == 1
    assert "TELNYX_BASE_URL" in done.stderr


def test_a_call_is_answered_bridged_and_moved_by_hand(stand_in, telnyx, leg):
    caller = stand_in.ring_in()
    stand_in.until("legs", lambda legs: any(one["call_control_id"] == leg and one["answered_at"] for one in legs))
    before = len(stand_in.get("ledger"))

    done = [
        telnyx("answer", caller, "--client-state", "eA==", "--command-id", "once"),
        telnyx("bridge", caller, "--call-control-id", leg, "--body", '{"play_ringtone": true}'),
        telnyx("transfer", caller, "--to", "+12025550142", "--timeout-secs", "20"),
        telnyx("hangup", caller, "--command-id", "last"),
    ]

    assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * 4
    sent = stand_in.get("ledger")[before:]
    assert [(entry["verb"], entry["effective"]) for entry in sent] == [
        ("answer", True),
        ("bridge", True),
        ("transfer", True),
        ("hangup", True),
    ]
    assert sent[0]["body"] == {"client_state": "eA==", "command_id": "once"}
    assert sent[1]["body"] == {"call_control_id": leg, "play_ringtone": True}
    assert sent[2]["body"] == {"to": "+12025550142", "timeout_secs": 20}
