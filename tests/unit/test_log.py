"""What reaches the log: one line a record whatever the fields hold, and of an exception never its text."""

import json
import subprocess
import sys

import pytest

from tests.processes import ROOT

PROGRAM = r"""
import asyncio, logging, sys, threading
from shared.log import configure, log

configure("DEBUG", sys.argv[1], process="test")
FORGED = 'a\r\n{"event": "forged"}\x1b[2J\x00\x85\u2028\u2029b\ud800'
log.warning("from_outside", text=FORGED, listed=[FORGED], raw=FORGED.encode(errors="replace"))
log.warning(FORGED)
logging.getLogger("uvicorn.error").warning("path %s", FORGED)

def told(number):
    try:
        raise ValueError(f"no such caller: {number}")
    except ValueError as reason:
        raise KeyError(number) from reason

NUMBER = "+13125" + "550142"
try:
    told(NUMBER)
except KeyError as reason:
    log.error("unexpected", exc_info=reason)
    logging.getLogger("uvicorn.error").error("in the application", exc_info=reason)
try:
    raise ExceptionGroup(NUMBER, [RuntimeError(NUMBER)])
except ExceptionGroup:
    log.exception("several")

thread = threading.Thread(target=told, args=(NUMBER,))
thread.start()
thread.join()

async def lost():
    asyncio.get_running_loop().create_task(fails())
    await asyncio.sleep(0)

async def fails():
    told(NUMBER)

asyncio.run(lost())
if len(sys.argv) > 2:
    log.warning("still here")
    sys.exit(0)
told(NUMBER)
"""
EVENTS = ["from_outside", "unexpected", "in the application", "several", "crashed", "crashed"]
TOLD_OF_A_TASK = "Task exception was never retrieved"


@pytest.fixture(scope="module", params=["json", "text"])
def written(request):
    """What a process writes that logs hostile text, fails in every way, and dies of an exception."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, request.param], cwd=ROOT, capture_output=True, check=False
    )
    assert ran.returncode == 1
    assert ran.stdout == b""
    return request.param, ran.stderr.decode()


def test_a_record_is_one_line_whatever_its_fields_hold(written):
    log_format, text = written
    told = [line for line in text.split("\n") if "from_outside" in line]

    assert len(told) == 1
    assert not any(line.lstrip().startswith('{"event": "forged"}') for line in text.splitlines())
    assert [c for c in text if not c.isprintable() and c != "\n"] == []
    if log_format == "json":
        assert json.loads(told[0])["text"].startswith('a\r\n{"event": "forged"}')


@pytest.mark.parametrize("written", ["json"], indirect=True)  # in one for people a traceback has its lines
def test_every_line_of_a_json_log_is_a_record(written):
    _, text = written

    records = [json.loads(line) for line in text.splitlines()]

    events = [record["event"] for record in records]
    assert [event for event in events if event in EVENTS] == EVENTS
    assert any(event.startswith(TOLD_OF_A_TASK) for event in events)
    assert {record["process"] for record in records if record["event"] != "crashed"} == {"test"}


def test_the_text_of_an_exception_is_left_out_and_its_types_and_places_are_told(written):
    _, text = written

    assert "+13125550142" not in text
    source = 'f"no such caller: '  # the line itself, which newer Pythons know of a -c program as well
    assert "no such caller: " not in text.replace('\\"', '"').replace(source, "")
    for what in ("KeyError", "ValueError", "RuntimeError", "in told"):
        assert what in text
