"""Jobs forged in Redis, before a real worker: nothing is imported, nobody is asked, the good jobs run."""

import os
import pickle
import socket
import subprocess
import sys
import zlib
from pathlib import Path

import msgspec
import pytest
from rq.command import send_command
from rq.suspension import suspend

from shared import calls, queues
from shared.calls import Call
from shared.dialplan.hooks import HookCall
from shared.ids import CallId, SessionId, inbound_call_id
from tests.integration.workers.bench import account, incoming, loaded_plan, noted
from tests.integration.workers.queued import put, put_job, reason_of, webhook_data
from tests.processes import ROOT
from tests.waiting import wait_until
from workers.logic.decision import Download, Told

TRAP = "trunkline_trap"  # a module on the worker's path that leaves a mark when it is imported
MARKED = "imported"
REFUSED = "its data is not what a job carries"


class Pickled:
    """What runs a command when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


class Listener:
    """A port of loopback that counts who comes."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def visits(self):
        """How many have connected since the last question."""
        count = 0
        while True:
            try:
                self._socket.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1

    def close(self):
        self._socket.close()


@pytest.fixture
def listener():
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def trap(tmp_path):
    """The folder to be put on a worker's path."""
    folder = tmp_path / "trap"
    folder.mkdir()
    text = f"from pathlib import Path\nPath(__file__).with_name('{MARKED}').touch()\ndef run(*args): pass\n"
    (folder / f"{TRAP}.py").write_text(text)
    return folder


@pytest.fixture
def worker(url, start_worker, trap):
    return start_worker("routing", PYTHONPATH=str(trap))


def job(function, body=b"{}", args=None, kwargs=None):
    plain = [queues.SCHEMA, 0.0, body] if args is None else args
    return msgspec.msgpack.encode((function, None, plain, kwargs or {}))


def forgeries(listener, trap):
    """Name -> data, fields of the hash, what the reason says."""
    return {**forged_functions(), **forged_fields(listener), **forged_data(trap), **forged_work(listener)}


def forged_functions():
    return {
        "an unknown function": (job("no_such_function"), {}, "unknown function"),
        "one by its importable path": (job(f"{TRAP}.run"), {}, f"unknown function '{TRAP}.run'"),
        "one with a colon": (job(f"{TRAP}:run"), {}, f"unknown function '{TRAP}:run'"),
        "one of ours under another path": (job("workers.engine.jobs.run"), {}, "unknown function"),
        "a method of an instance": (
            msgspec.msgpack.encode(("run", f"{TRAP}.Class", [1, 0.0, b""], {})),
            {},
            REFUSED,
        ),
        "keyword arguments": (job(queues.APPLY_WEBHOOK, kwargs={"desk": TRAP}), {}, REFUSED),
    }


def forged_fields(listener):
    """Fields of RQ, none of which a job of ours has."""
    good = webhook_data(noted())
    webhooks = f'[{{"url": "{listener.url}", "statuses": ["finished", "failed"]}}]'
    return {
        "a success callback": (good, {"success_callback_name": f"{TRAP}.run"}, "success_callback_name"),
        "a failure callback": (b"none", {"failure_callback_name": f"{TRAP}.run"}, "failure_callback_name"),
        "a stopped callback": (good, {"stopped_callback_name": f"{TRAP}.run"}, "stopped_callback_name"),
        "webhooks": (good, {"webhooks": webhooks}, "webhooks"),
        "dependencies": (good, {"dependency_ids": '["other"]', "dependency_id": "other"}, "dependency_id"),
        "a group": (good, {"group_id": "other"}, "group_id"),
        "a repetition": (good, {"repeats_left": "3", "repeat_intervals": "[0]"}, "repeats_left"),
    }


def forged_data(trap):
    pickled = pickle.dumps(Pickled(trap / MARKED))
    return {
        "a schema that is no number": (job(queues.APPLY_WEBHOOK, args=["1", 0.0, b"{}"]), {}, REFUSED),
        "a schema below ours": (job(queues.APPLY_WEBHOOK, args=[0, 0.0, b"{}"]), {}, REFUSED),
        "too few arguments": (job(queues.APPLY_WEBHOOK, args=[queues.SCHEMA]), {}, REFUSED),
        "a pickle": (pickled, {}, REFUSED),
        "a pickle, compressed": (zlib.compress(pickled), {}, REFUSED),
        "a pickle as a body": (job(queues.APPLY_WEBHOOK, pickled), {}, "not an event"),
        "256 MB, compressed": (_bomb(), {}, REFUSED),
        "10 MB": (bytes(10_000_000), {}, REFUSED),
    }


def forged_work(listener):
    """Sound jobs that nobody has ordered: a hook of no dialplan, a download from nowhere."""
    told = Told(f"{TRAP}:run", HookCall(call="call-1", direction="outgoing", from_="", to=""))
    link = {"wav": f"{listener.url}/a.wav"}
    download = Download("8a1f5f6e-0000-4000-8000-000000000001", CallId("call-1"), link, "wav", "single", "", "")
    return {
        "a hook that the dialplan does not name": (
            job(queues.TELL_OUTCOME, msgspec.json.encode(told)),
            {},
            "could not be loaded",
        ),
        "a recording from somewhere": (
            job(queues.ARCHIVE_RECORDING, msgspec.json.encode(download)),
            {},
            "recording link refused",
        ),
    }


def _bomb():
    """What becomes 256 MB of zeros."""
    packer = zlib.compressobj(1)
    head = b"\x78\x9c"  # as RQ's own compression begins
    piece = bytes(1 << 20)
    whole = b"".join(packer.compress(piece) for _ in range(1 << 8)) + packer.flush()
    return head + whole[2:]


def test_the_trap_works(trap, listener):
    subprocess.run([sys.executable, "-c", f"import {TRAP}"], env={"PYTHONPATH": str(trap)}, check=True, cwd=ROOT)
    with socket.create_connection(("127.0.0.1", int(listener.url.rpartition(":")[2]))):
        pass

    assert (trap / MARKED).exists()
    assert listener.visits() == 1


def test_no_forged_job_imports_or_asks_anything_and_each_is_parked_with_its_reason(
    valkey, worker, listener, trap, redis_url
):
    forged = forgeries(listener, trap)
    suspend(valkey)  # RQ's own switch, which our workers do not know
    good = [put(valkey, noted(f"good-{n}")) for n in range(4)]
    for n, (data, fields, _) in enumerate(forged.values()):
        put_job(valkey, f"forged-{n}", data, **fields)
    good += [put(valkey, noted(f"good-{n}")) for n in range(4, 8)]

    wait_until(lambda: account(valkey)[1:] == (len(good), len(forged), 0), "all are applied or parked", 30)
    for name in [key.decode().rpartition(":")[2] for key in valkey.smembers(queues.RQ_WORKERS)]:
        send_command(valkey, name, "kill-horse")
        send_command(valkey, name, "stop-job", job_id="forged-0")
    put(valkey, noted("after"))
    wait_until(lambda: account(valkey).applied == len(good) + 1, "the worker works on")

    reasons = {name: reason_of(valkey, f"forged-{n}") for n, name in enumerate(forged)}
    assert {name: told for name, told in reasons.items() if forged[name][2] not in told} == {}
    assert worker.popen.poll() is None
    assert not (trap / MARKED).exists()
    assert listener.visits() == 0
    assert _peak_kb(worker.popen.pid) < 200_000  # 80,000 without any of these


def test_a_forged_dialplan_of_a_call_names_no_code_that_is_loaded(valkey, worker, listener, trap):
    """A record says under which plan its call stands, and both can be written."""
    text = f"""
        version = 1
        timezone = "UTC"
        voice = "female"
        [default]
        then = {{ do = "hook", call = "{TRAP}:run" }}
    """
    plan = loaded_plan(text)
    call_id = inbound_call_id(SessionId("session-1"))
    record = calls.encode(Call(call_id, plan=plan.hash))
    valkey.set(queues.plan_key(plan.hash), plan.text)
    valkey.hset(queues.call_key(call_id), mapping={"version": 1, "record": record})

    put(valkey, incoming("session-1", to="+13125550199"))
    wait_until(lambda: account(valkey)[1:] == (1, 0, 0), "it is applied")

    assert not (trap / MARKED).exists()
    timeline = b"".join(valkey.lrange(queues.timeline_key(call_id), 0, -1))
    assert f"hook {TRAP}:run could not be loaded".encode() in timeline


def _peak_kb(pid):
    """The most memory that a process ever had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
