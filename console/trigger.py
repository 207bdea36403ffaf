"""`trunkline trigger EVENT`: a signed sample of a Telnyx event, posted to a web process of this machine."""

import argparse
import base64
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import httpx
import msgspec
from nacl.signing import SigningKey

from console import dev_notes, samples, table
from console.loopback import loopback
from console.options import named_value
from shared.errors import ConfigError, Unavailable
from shared.events import WEBHOOK_PATH
from shared.settings import Settings

TIMEOUT_S: Final = 10.0


class Target(NamedTuple):
    url: str
    key: SigningKey
    connection_id: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `trunkline trigger`."""
    parser.add_argument("event", metavar="EVENT", choices=samples.names(), help=", ".join(samples.names()))
    parser.add_argument(
        "--set",
        dest="values",
        action="append",
        type=named_value("KEY=VALUE"),
        default=[],
        metavar="KEY=VALUE",
        help="of the event's payload; as often as needed",
    )
    parser.add_argument("--call", metavar="NAME", help="events with one name are of one call (default: a new one)")
    parser.add_argument("--to", type=_webhooks, metavar="URL", help="default: the web process of `trunkline dev`")
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="with the base64 seed to sign with; default: dev's"
    )
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 when it was answered 200, else 1; bad input raises ConfigError."""
    target = _target(arguments, Settings.for_console(env).connection_id)
    call, event_id = arguments.call or uuid.uuid4().hex[:8], str(uuid.uuid4())
    values = {"connection_id": target.connection_id} if target.connection_id else {}
    try:
        body = samples.now_of(
            samples.read(arguments.event), datetime.now(UTC), event_id, call, values | dict(arguments.values)
        )
    except ValueError as reason:
        raise ConfigError(f"trunkline trigger: {reason}") from None
    status = _post(target, msgspec.json.encode(body))
    told = {"event": arguments.event, "id": event_id, "call": call, "status": status}
    print(msgspec.json.encode(told).decode() if arguments.json else table.fields(told))
    return 0 if status == 200 else 1


def _target(arguments: argparse.Namespace, connection_id: str) -> Target:
    """Raises ConfigError."""
    notes = dev_notes.read()
    if notes is None and not (arguments.to and arguments.key):
        raise ConfigError(
            "trunkline trigger: `trunkline dev` does not run in this folder: start it, or give --to and --key"
        )
    url = arguments.to or _webhooks(notes.web if notes else "")
    key = _key(arguments.key) if arguments.key else _signing_key(notes.seed if notes else "", dev_notes.FILE)
    return Target(
        url, key, connection_id or (notes.env["TELNYX_CONNECTION_ID"] if notes and not arguments.to else "")
    )


def _key(file: Path) -> SigningKey:
    """Raises ConfigError."""
    try:
        return _signing_key(file.read_text(encoding="ascii").strip(), file)
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"trunkline trigger: --key {file} cannot be read") from None


def _signing_key(seed: str, file: Path) -> SigningKey:
    try:
        return SigningKey(base64.b64decode(seed, validate=True))
    except (ValueError, TypeError):
        raise ConfigError(f"trunkline trigger: {file} does not hold base64 of 32 bytes") from None


def _post(target: Target, body: bytes) -> int:
    """Raises Unavailable. No proxy and no redirect: it goes to that address of this machine alone."""
    stamp = str(int(time.time()))
    signature = target.key.sign(stamp.encode() + b"|" + body).signature
    headers = {
        "content-type": "application/json",
        "user-agent": "telnyx-webhooks",
        "telnyx-timestamp": stamp,
        "telnyx-signature-ed25519": base64.b64encode(signature).decode(),
    }
    try:
        with httpx.Client(timeout=TIMEOUT_S, trust_env=False) as http:
            return http.post(target.url, content=body, headers=headers).status_code
    except httpx.HTTPError as reason:
        raise Unavailable(f"{target.url} does not answer ({type(reason).__name__})") from None


def _webhooks(text: str) -> str:
    """An http address of this machine; without a path, of its webhooks."""
    url = loopback(text)
    return url if urlsplit(url).path else url + WEBHOOK_PATH
