"""`trunkline dev`: everything up on this machine against a Telnyx stand-in, until Ctrl-C.

Code, dialplan and hooks may change meanwhile: the processes that they belong to begin anew. What all of them log
comes on this terminal.
"""

import argparse
import base64
import contextlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from console import dev_notes
from console.dev_logs import Logs
from console.dev_notes import DevNotes
from console.fleet import TOKEN, Fleet
from console.reload import Watched
from shared.errors import ConfigError
from shared.settings import Settings

LOOK_EVERY_S: Final = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=run)


def run(_: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Start, say where everything is, and follow what changes."""
    seed = base64.b64encode(secrets.token_bytes(32)).decode()
    password = env.get("CONSOLE_PASSWORD", "").strip() or secrets.token_urlsafe(9)
    plan = Settings.for_console(env).dialplan
    # Adopting: the stand-in takes commands for calls of which only a triggered event has told.
    options = ["--adopt", "--private-key", seed]
    chosen = {"CONSOLE_PASSWORD": password, "LOG_FORMAT": env.get("LOG_FORMAT", "text")}
    with Fleet({**env, **chosen}, options) as fleet, contextlib.ExitStack() as ends:
        lent = {name: fleet.env[name] for name in dev_notes.LENT}
        dev_notes.write(DevNotes(fleet.web, fleet.control, seed, lent, os.getpid()))
        ends.callback(dev_notes.forget, os.getpid())
        print(_welcome(fleet, password), flush=True)
        logs = Logs(fleet.folder, coloured=sys.stdout.isatty() and not env.get("NO_COLOR"))
        with contextlib.suppress(KeyboardInterrupt):
            _follow(fleet, logs, plan)
    return 0


def _welcome(fleet: Fleet, password: str) -> str:
    return f"""Trunkline is up. Ctrl-C ends it.
  web          {fleet.web}  (webhooks at /webhooks/telnyx, POST /calls with bearer {TOKEN})
  Telnyx       {fleet.control}  (the stand-in's control: POST /calls, GET /ledger, GET /legs, …)
  Valkey       {fleet.redis_url}
  logs         {fleet.folder}
  page         {fleet.web}/console/  (any user, password {password})

From another terminal in this folder, where every command finds its way, ring the clinic of the example dialplan:
  trunkline ring +13125550100
  trunkline calls list
Or send a single event:
  trunkline trigger call.initiated --set to=+13125550100
"""


def _follow(fleet: Fleet, logs: Logs, plan: Path) -> None:
    """For ever."""
    watched, ended = Watched(plan), set[str]()
    while True:
        time.sleep(LOOK_EVERY_S)
        for line in logs.lines():
            print(line, flush=True)
        ended_before, ended = ended, fleet.ended()
        for name in sorted(ended - ended_before):
            print(f"{name} has ended; the next change of code or dialplan begins it anew", flush=True)
        changed = watched.changed()
        if changed:
            _take_up(changed, watched, fleet, plan)


def _take_up(changed: list[Path], watched: Watched, fleet: Fleet, plan: Path) -> None:
    """What cannot run is told, and tried again with the next change."""
    names = ", ".join(file.name for file in changed)
    if any(map(watched.is_plan, changed)) and not _is_right(plan, fleet.env):
        print(f"{names} changed; what runs goes on with the old dialplan", flush=True)
        return
    lines = watched.lines(changed) | fleet.ended()
    try:
        fleet.restart(lines)
    except ConfigError as reason:
        print(f"{names} changed: {reason}", flush=True)
    else:
        print(f"{names} changed: {', '.join(sorted(lines))} began anew", flush=True)


def _is_right(plan: Path, env: Mapping[str, str]) -> bool:
    """In a process of its own: this one would know a hook only as it was when it first saw it."""
    command = [sys.executable, "-m", "console", "dialplan", "check", str(plan)]
    done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - our own module
    return done.returncode != 2
