"""What the page of `dialplan explain` shows is what is printed."""

import re
import shlex

import pytest

from console.cli import build_parser
from tests.processes import ROOT

PAGE = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
[CLINIC] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
SAMPLES = re.findall(
    r"^\$ trunkline (dialplan explain [^\n]* clinic\.toml)\n(.*?)(?=^\$ |^```)", PAGE, re.DOTALL | re.MULTILINE
)


@pytest.mark.parametrize(("command", "shown"), SAMPLES, ids=[command for command, _ in SAMPLES])
def test_a_sample_is_what_is_printed(command, shown, tmp_path, monkeypatch, capsys):
    (tmp_path / "clinic.toml").write_text(CLINIC)
    monkeypatch.chdir(tmp_path)
    arguments = build_parser().parse_args(shlex.split(command))

    assert arguments.run(arguments, {}) == 0

    whole, cut, _ = shown.partition("…\n")
    printed = capsys.readouterr().out
    assert printed.startswith(whole.rstrip("\n"))
    assert cut or printed == whole


def test_every_option_stands_on_the_page():
    options = [option for verb in ("explain", "diff") for option in options_of(verb)]

    assert [option for option in options if not re.search(rf"{option}\b", PAGE)] == []
    assert len(SAMPLES) == 4


def options_of(verb):
    required = ["--against", "new.toml"] if verb == "diff" else []
    known = vars(build_parser().parse_args(["dialplan", verb, *required]))
    return [f"--{name}" for name in known if name not in {"run", "file"}]
