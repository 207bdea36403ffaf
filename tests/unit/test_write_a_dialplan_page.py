"""The dialplan that docs/write-a-dialplan.md writes is right at every step, and answers as the page shows."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from console.cli import build_parser
from shared.dialplan import parse, warnings

PAGE = (Path(__file__).parents[2] / "docs" / "write-a-dialplan.md").read_text(encoding="utf-8")
PARTS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
FRAME, NAMED, RULES, OUTBOUND = PARTS
[HOOKS] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
[ASKS_THE_HOOK] = re.findall(r'`(then = \{ do = "hook".*?\})`', PAGE)
PLAIN = FRAME + NAMED + RULES
HOOKED = PLAIN[: PLAIN.rindex("then =")] + ASKS_THE_HOOK + "\n" + OUTBOUND
SAMPLES = re.findall(r"^\$ trunkline (dialplan explain [^\n]*)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("text", [FRAME, FRAME + NAMED, PLAIN, PLAIN + OUTBOUND])
def test_the_file_is_right_after_each_step(text):
    parse(text)


def test_nothing_is_warned_of_in_the_end_and_the_other_order_of_the_rules_is():
    is_open, is_closed = RULES.split("\n\n")
    [warning] = re.findall(r'`("shop: open": never reached.*?)`', PAGE)

    assert warnings(parse(PLAIN + OUTBOUND)) == []
    assert f"[[rules]] {warning}" in warnings(parse(FRAME + NAMED + is_closed + "\n" + is_open + "\n"))


@pytest.mark.parametrize(("text", "sample"), [*zip([PLAIN, HOOKED], SAMPLES, strict=True)], ids=["rules", "hook"])
def test_a_sample_is_what_is_printed(text, sample, tmp_path, monkeypatch, capsys):
    command, shown = sample
    (tmp_path / "dialplan.toml").write_text(text)
    (tmp_path / "hooks.py").write_text(HOOKS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "hooks", raising=False)
    arguments = build_parser().parse_args(shlex.split(command))

    assert arguments.run(arguments, {}) == 0

    printed = capsys.readouterr().out
    assert all(part in printed for part in shown.split("…\n"))
