"""`trunkline dev`: everything up on this machine against a Telnyx stand-in, until Ctrl-C."""

import argparse
import contextlib
import signal
from collections.abc import Mapping

from console.fleet import TOKEN, Fleet


def run(_: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Start, say where everything is, and wait."""
    with Fleet(env, []) as fleet:
        print(
            f"""Trunkline is up. Ctrl-C ends it.
  web          {fleet.web}  (webhooks at /webhooks/telnyx, POST /calls with bearer {TOKEN})
  Telnyx       {fleet.control}  (the stand-in's control: POST /calls, GET /ledger, GET /legs, …)
  Valkey       {fleet.redis_url}
  logs         {fleet.folder}

Ring the clinic of the example dialplan:
  curl -s {fleet.control}/calls -d '{{"from": "+12025550142", "to": "+13125550100"}}'""",
            flush=True,
        )
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    return 0
