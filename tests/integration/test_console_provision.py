"""`trunkline provision`, against the stand-in's call control applications."""

import json

import pytest

from tests import sim_process
from tests.command import trunkline

PUBLIC_URL = "https://voice.example.com"
WEBHOOKS = f"{PUBLIC_URL}/webhooks/telnyx"


process, sim = sim_process.process, sim_process.sim


def provision(sim, *arguments, **env):
    given = {"TELNYX_API_KEY": "KEY", "TELNYX_BASE_URL": sim.ready["url"], "PUBLIC_URL": PUBLIC_URL, **env}
    return trunkline("provision", *arguments, **given)


def applications(sim):
    return sim.api.get("/call_control_applications").json()["data"]


def made(sim, **settings):
    body = {"application_name": "desk", "webhook_event_url": "https://old.example.com/x", **settings}
    return sim.api.post("/call_control_applications", json=body).json()["data"]["id"]


def test_without_apply_it_tells_and_changes_nothing(sim):
    done = provision(sim)

    assert done.returncode == 1
    assert WEBHOOKS in done.stdout
    assert "--apply" in done.stdout
    assert "D38" in done.stderr
    assert applications(sim) == []


def test_applied_it_is_made_once_and_matches_from_then_on(sim):
    like_it = made(sim, application_name="trunkline of old")

    first = provision(sim, "--apply", "--outbound-profile", "77")
    again = provision(sim, "--apply", "--outbound-profile", "77")
    looked = provision(sim)

    assert (first.returncode, again.returncode, looked.returncode) == (0, 0, 0)
    [one] = [one for one in applications(sim) if one["id"] != like_it]
    assert f"TELNYX_CONNECTION_ID={one['id']}" in first.stdout
    assert "it matches" in again.stdout
    assert looked.stderr == ""
    assert (one["application_name"], one["webhook_event_url"]) == ("trunkline", WEBHOOKS)
    assert (one["webhook_api_version"], one["webhook_timeout_secs"]) == ("2", 2)
    assert one["outbound"]["outbound_voice_profile_id"] == "77"


def test_by_its_id_an_application_is_changed_and_what_is_not_ours_stays(sim):
    id_ = made(sim, tags=["kept"], outbound={"outbound_voice_profile_id": "77", "channel_limit": 9})
    other = made(sim, application_name="trunkline")

    done = provision(sim, "--apply", "--failover-url", "https://two.example.com", TELNYX_CONNECTION_ID=id_)

    assert done.returncode == 0, done.stderr
    kept = {one["id"]: one for one in applications(sim)}
    assert kept[other]["webhook_event_url"] == "https://old.example.com/x"
    one = kept[id_]
    assert (one["application_name"], one["webhook_event_url"]) == ("desk", WEBHOOKS)
    assert one["webhook_event_failover_url"] == "https://two.example.com/webhooks/telnyx"
    assert (one["tags"], one["outbound"]["channel_limit"]) == (["kept"], 9)


def test_as_json_it_tells_each_difference(sim):
    id_ = made(sim, webhook_api_version="2")

    done = provision(sim, "--json", TELNYX_CONNECTION_ID=id_)

    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert (told["application"], told["applied"], told["created"]) == (id_, False, False)
    found = {change["setting"]: (change["found"], change["wanted"]) for change in told["changes"]}
    assert found["webhook_event_url"] == ("https://old.example.com/x", WEBHOOKS)
    assert "webhook_api_version" not in found


def test_two_applications_of_one_name_are_left_alone(sim):
    ids = [made(sim), made(sim)]

    done = provision(sim, "--apply", "--name", "desk")

    assert done.returncode == 2
    assert all(id_ in done.stderr for id_ in ids)
    assert {one["webhook_event_url"] for one in applications(sim)} == {"https://old.example.com/x"}


def test_an_id_that_telnyx_does_not_know_exits_1_and_makes_nothing(sim):
    done = provision(sim, "--apply", TELNYX_CONNECTION_ID="1")

    assert done.returncode == 1
    assert "10005" in done.stderr
    assert applications(sim) == []


def test_without_an_answer_from_telnyx_it_exits_1(sim):
    done = provision(sim, TELNYX_BASE_URL="http://127.0.0.1:1/v2")

    assert done.returncode == 1
    assert "no answer" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "env", "named"),
    [
        ((), {"PUBLIC_URL": ""}, "PUBLIC_URL"),
        ((), {"PUBLIC_URL": "http://voice.example.com"}, "PUBLIC_URL"),
        ((), {"TELNYX_API_KEY": ""}, "TELNYX_API_KEY"),
        (("--failover-url", "http://two.example.com"), {}, "--failover-url"),
        (("--name", ""), {}, "--name"),
    ],
)
def test_bad_input_is_one_line_and_exits_2(sim, arguments, env, named):
    done = provision(sim, *arguments, **env)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert named in done.stderr
