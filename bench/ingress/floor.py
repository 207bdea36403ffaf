"""What HTTP itself costs: our own server and protocol, with a handler that does less. `VERIFY=1`: it verifies."""

import base64
import os
import time

import uvicorn
from starlette.types import Receive, Scope, Send

from ingress.guard import MAX_WEBHOOK_BYTES, check_webhook_head, only, read_body
from ingress.http_protocol import GuardedProtocol
from ingress.signature import keys_of, verify

KEYS = keys_of([base64.b64decode(os.environ["TELNYX_PUBLIC_KEY"])])
VERIFY = os.environ.get("VERIFY") == "1"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    fields = check_webhook_head(scope) if VERIFY else None
    body = await read_body(receive, MAX_WEBHOOK_BYTES)
    if fields is not None:
        timestamp, signature = only(fields, b"telnyx-timestamp"), only(fields, b"telnyx-signature-ed25519")
        verify(KEYS, timestamp, signature, body, time.time())
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http=GuardedProtocol,
        lifespan="off",
        log_config=None,
        access_log=False,
    )
