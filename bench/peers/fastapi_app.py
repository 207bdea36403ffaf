"""The modern way: FastAPI, pydantic models, PyNaCl, RQ's `Queue.enqueue` in the thread pool."""

import base64
import os
import time
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from pydantic import BaseModel
from redis import Redis
from rq import Queue

app = FastAPI()
key = VerifyKey(base64.b64decode(os.environ["TELNYX_PUBLIC_KEY"]))
queue = Queue("routing", connection=Redis.from_url(os.environ["REDIS_URL"]))


class Data(BaseModel):
    id: str
    event_type: str
    occurred_at: str
    payload: dict[str, Any]


class Event(BaseModel):
    data: Data


@app.post("/webhooks/telnyx")
async def webhook(
    request: Request,
    telnyx_timestamp: Annotated[str, Header()],
    telnyx_signature_ed25519: Annotated[str, Header()],
) -> None:
    body = await request.body()
    try:
        key.verify(telnyx_timestamp.encode() + b"|" + body, base64.b64decode(telnyx_signature_ed25519))
    except BadSignatureError:
        raise HTTPException(401) from None
    if abs(time.time() - int(telnyx_timestamp)) > 300:
        raise HTTPException(401)
    event = Event.model_validate_json(body)
    await run_in_threadpool(
        queue.enqueue,
        "bench.peers.plain_jobs.handle",
        body.decode(),
        job_id=event.data.id,
        unique=True,
        result_ttl=0,
    )
