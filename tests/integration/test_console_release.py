"""`trunkline release`, as the Procfile's release line runs it: without Redis."""

from pathlib import Path

import pytest

from tests import sim_process
from tests.command import trunkline

process, sim = sim_process.process, sim_process.sim

GOOD = 'version = 1\ntimezone = "UTC"\n[default]\nthen = { do = "reject" }'
BAD = GOOD.replace("reject", "rejct")


@pytest.fixture
def release(sim, tmp_path: Path):
    def run(plan=GOOD, **env):
        (tmp_path / "plan.toml").write_text(plan)
        telnyx = {"TELNYX_API_KEY": "KEY", "TELNYX_BASE_URL": sim.ready["url"]}
        return trunkline("release", **telnyx, DIALPLAN=str(tmp_path / "plan.toml"), **env)

    return run


def applications(sim):
    return sim.api.get("/call_control_applications").json()["data"]


def test_a_first_release_makes_the_application_and_the_next_one_changes_nothing(release, sim):
    first, second = (release(PUBLIC_URL="https://voice.example.com") for _ in range(2))

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    [one] = applications(sim)
    assert one["webhook_event_url"] == "https://voice.example.com/webhooks/telnyx"
    assert f"TELNYX_CONNECTION_ID={one['id']}" in first.stdout
    assert "it matches" in second.stdout


def test_a_release_leaves_failover_name_and_outbound_profile_as_they_are(release, sim):
    body = {
        "application_name": "desk",
        "webhook_event_url": "https://old.example.com",
        "webhook_event_failover_url": "https://two.example.com/webhooks/telnyx",
        "outbound": {"outbound_voice_profile_id": "77"},
    }
    made = sim.api.post("/call_control_applications", json=body).json()["data"]["id"]

    done = release(PUBLIC_URL="https://voice.example.com", TELNYX_CONNECTION_ID=made)

    [one] = applications(sim)
    assert (done.returncode, done.stderr) == (0, "")
    assert one["webhook_event_url"] == "https://voice.example.com/webhooks/telnyx"
    assert {name: one[name] for name in body if name not in {"webhook_event_url", "outbound"}} == {
        name: value for name, value in body.items() if name not in {"webhook_event_url", "outbound"}
    }
    assert one["outbound"]["outbound_voice_profile_id"] == "77"


def test_a_wrong_dialplan_is_never_provisioned(release, sim):
    done = release(BAD, PUBLIC_URL="https://voice.example.com")

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert applications(sim) == []


def test_without_public_url_telnyx_is_left_alone(release, sim):
    done = release()

    assert done.returncode == 0
    assert "PUBLIC_URL is not set" in done.stdout
    assert applications(sim) == []


def test_a_refusal_of_telnyx_blocks_the_release(release):
    done = release(PUBLIC_URL="https://voice.example.com", TELNYX_CONNECTION_ID="1")

    assert done.returncode == 1
    assert "10005" in done.stderr
    assert "the release is blocked" in done.stderr


def test_with_public_url_and_no_key_the_release_is_blocked(release):
    done = trunkline("release", PUBLIC_URL="https://voice.example.com")

    assert done.returncode == 2
    assert "TELNYX_API_KEY" in done.stderr


@pytest.mark.parametrize("name", ["DYNO", "RENDER", "RAILWAY_ENVIRONMENT_NAME"])
def test_recordings_in_a_folder_that_does_not_last_are_warned_of(release, name):
    lost, kept = release(**{name: "x"}), release(**{name: "x", "RECORDINGS_URL": "s3://bucket"})

    assert (lost.returncode, kept.returncode) == (0, 0)
    assert "files are gone when it restarts" in lost.stderr
    assert kept.stderr == ""
