"""Every recorded call, decided again: the same commands and states come out at each step."""

import pytest

from console import export
from tests.processes import ROOT
from tests.replay import recorded, replayed

CALLS = sorted((ROOT / "tests" / "calls").glob("*.json"))


@pytest.mark.parametrize("file", CALLS, ids=lambda file: file.stem)
def test_a_recorded_call_is_decided_as_it_was(file):
    document = export.decode(file.read_bytes())

    assert replayed(document) == recorded(document)


def test_there_are_recorded_calls_and_they_sent_something():
    documents = [export.decode(file.read_bytes()) for file in CALLS]

    assert len(documents) >= 7
    assert [doc.call for doc in documents if not any(came.commands for came in recorded(doc))] == []


def test_a_call_that_would_be_decided_otherwise_is_found():
    document = export.decode(CALLS[0].read_bytes())
    elsewhere = document.dialplan.replace("+13125550111", "+13125550112").replace("USER_BUSY", "NOT_FOUND")

    changed = export.Document(
        call=document.call,
        connection=document.connection,
        plan=document.plan,
        steps=document.steps,
        dialplan=elsewhere,
    )

    assert replayed(changed) != recorded(document)
