"""`trunkline dev`: everything up on this machine against a Telnyx stand-in, until Ctrl-C.

Code, dialplan and hooks may change meanwhile: the processes that they belong to begin anew.
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
from console.dev_notes import DevNotes
from console.fleet import CONNECTION, TOKEN, Fleet
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
    with Fleet({**env, "CONSOLE_PASSWORD": password}, options) as fleet, contextlib.ExitStack() as ends:
        dev_notes.write(DevNotes(fleet.web, seed, CONNECTION, os.getpid()))
        ends.callback(dev_notes.forget, os.getpid())
        print(
            f"""Trunkline is up. Ctrl-C ends it.
  web          {fleet.web}  (webhooks at /webhooks/telnyx, POST /calls with bearer {TOKEN})
  Telnyx       {fleet.control}  (the stand-in's control: POST /calls, GET /ledger, GET /legs, …)
  Valkey       {fleet.redis_url}
  logs         {fleet.folder}
  page         {fleet.web}/console/  (any user, password {password})

Ring the clinic of the example dialplan:
  curl -s {fleet.control}/calls -d '{{"from": "+12025550142", "to": "+13125550100"}}'
Or send a single event (in this folder):
  trunkline trigger call.initiated --set to=+13125550100""",
            flush=True,
        )
        with contextlib.suppress(KeyboardInterrupt):
            _follow(fleet, Watched(plan), plan)
    return 0


def _follow(fleet: Fleet, watched: Watched, plan: Path) -> None:
    """For ever. What cannot run is told, and tried again with the next change."""
    while True:
        time.sleep(LOOK_EVERY_S)
        changed = watched.changed()
        if not changed:
            continue
        names = ", ".join(file.name for file in changed)
        if any(map(watched.is_plan, changed)) and not _is_right(plan, fleet.env):
            print(f"{names} changed; what runs goes on with the old dialplan", flush=True)
            continue
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
