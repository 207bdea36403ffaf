"""A call through real processes, told by the operator's commands, and decided again from its export."""

import json

from console.export import decode
from tests.command import trunkline_process
from tests.e2e.record_calls import CALLER, CALLS, KINDS, PATIENT, play
from tests.e2e.stack import ALL
from tests.replay import recorded, replayed


def told(stack, *words):
    done = trunkline_process("calls", *words, **stack.env())
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_calls_are_listed_shown_and_exported_and_the_export_is_decided_as_the_call_was(own_stack, tmp_path):
    stack = own_stack("--speed", "20", dialplan=CALLS / "dialplan.toml").start(*ALL)
    refused, reminded = (play(stack, KINDS[name]) for name in ("answer_503_then_taken", "reminder_human"))
    file = tmp_path / "call.json"

    listed = json.loads(told(stack, "list", "--json", "--over"))["calls"]
    shown = told(stack, "show", refused)
    exports = [told(stack, "export", call) for call in (refused, reminded)]
    told(stack, "export", reminded, "--unmask", "--out", str(file))

    calls = [(call["id"], call["direction"], call["rule"], call["outcome"]) for call in listed]
    assert calls == [
        (reminded, "outbound", "reminder", "human"),
        (refused, "inbound", "clinic", "normal_clearing"),
    ]
    assert "< 1 answer 200 in " in shown
    assert shown.splitlines()[-1].startswith("slowest: ")
    for text in (*exports, file.read_text()):
        document = decode(text.encode())
        assert replayed(document) == recorded(document)
    assert [text for text in (shown, *exports) if CALLER in text or PATIENT in text or "Monday" in text] == []
    assert PATIENT in file.read_text()
