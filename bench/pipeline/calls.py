"""Calls whose webhooks are signed beforehand: that is Telnyx's work, not the pipeline's."""

import time
import uuid
from collections.abc import Iterator

import msgspec

from bench.ingress.load import request
from console.samples import FOLDER


class Call(msgspec.Struct, frozen=True):
    """`leg` is its call control id; the webhooks are whole HTTP requests."""

    leg: str
    initiated: bytes
    hangup: bytes


def calls(count: int) -> Iterator[Call]:
    samples = [_sample(name) for name in ("call.initiated", "call.hangup")]
    return iter([_call(samples) for _ in range(count)])


def _call(samples: list[bytes]) -> Call:
    leg = f"v3:{uuid.uuid4().hex}"
    ids = {b"CONTROL": leg.encode(), b"LEG": str(uuid.uuid4()).encode(), b"SESSION": str(uuid.uuid4()).encode()}
    requests = []
    for sample in samples:
        body = sample.replace(b"EVENT", str(uuid.uuid4()).encode())
        for placeholder, value in ids.items():
            body = body.replace(placeholder, value)
        requests.append(request(body))
    return Call(leg, *requests)


def _sample(name: str) -> bytes:
    body = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())
    body["data"] |= {"id": "EVENT", "occurred_at": time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())}
    body["data"]["payload"] |= {
        "call_control_id": "CONTROL",
        "call_leg_id": "LEG",
        "call_session_id": "SESSION",
        "direction": "incoming",
        "client_state": None,
    }
    return msgspec.json.encode(body)
