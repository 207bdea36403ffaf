"""A fleet on one machine, as `trunkline dev`, the demo and a trial of a dialplan start it."""

from pathlib import Path

from console.trial import Trial


def test_a_fleet_gets_ready_where_the_environment_names_a_proxy(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")  # nobody is there

    with Trial(Path(__file__).parents[2] / "dialplan.toml") as trial:
        assert trial.ended() == set()
