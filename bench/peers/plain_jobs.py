"""The plain way's worker: stock RQ runs this for each event; it rejects the caller by the official SDK."""

import os

import msgspec
import telnyx

client = telnyx.Telnyx(api_key="KEY", base_url=os.environ.get("TELNYX_BASE_URL"))


def handle(body: str) -> None:
    data = msgspec.json.decode(body)["data"]
    if data["event_type"] == "call.initiated":
        client.calls.actions.reject(data["payload"]["call_control_id"], cause="USER_BUSY", command_id=data["id"])
