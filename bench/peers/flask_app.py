"""The plain way: Flask, the official SDK's verifier and models, RQ's `Queue.enqueue`."""

import os

import telnyx
from flask import Flask, request
from redis import Redis
from rq import Queue

app = Flask(__name__)
client = telnyx.Telnyx(api_key="KEY", public_key=os.environ["TELNYX_PUBLIC_KEY"])
queue = Queue("routing", connection=Redis.from_url(os.environ["REDIS_URL"]))


@app.post("/webhooks/telnyx")
def webhook() -> tuple[str, int]:
    body = request.get_data(as_text=True)
    event = client.webhooks.unwrap(body, headers=dict(request.headers))
    queue.enqueue("bench.peers.plain_jobs.handle", body, job_id=event.data.id, unique=True, result_ttl=0)
    return "", 200
