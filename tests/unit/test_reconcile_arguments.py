"""How far back `trunkline reconcile` is asked to look."""

import pytest

from console.cli import build_parser


@pytest.mark.parametrize(
    ("given", "seconds"),
    [([], 7200.0), (["--since", "90s"], 90.0), (["--since", "30m"], 1800.0), (["--since", "24h"], 86400.0)],
)
def test_a_time_is_a_number_with_its_unit(given, seconds):
    assert build_parser().parse_args(["reconcile", *given]).since == seconds


@pytest.mark.parametrize("given", ["25h", "0m", "2", "h", "-1h", "1.5h", "2h30m", "²h", ""])
def test_any_other_time_is_refused(given, capsys):
    with pytest.raises(SystemExit) as refused:
        build_parser().parse_args(["reconcile", f"--since={given}"])

    assert refused.value.code == 2
    assert "is not a time such as 30m or 2h, up to 24h" in capsys.readouterr().err
