"""A call can be followed through the logs of every process: event, call and command id, and no number."""

import json
import re

from shared import queues
from shared.ids import SessionId, inbound_call_id
from tests import signing
from tests.e2e.busy import CALLED_BACK
from tests.e2e.stack import WEBHOOKS
from tests.waiting import wait_until

NUMBER = re.compile(r"\+1312\d{7}|%2B1312\d{7}")


def lines(process, event):
    found = [json.loads(line) for line in (process.log.read_text() + process.err.read_text()).splitlines()]
    return [line for line in found if line["event"] == event]


def test_the_ids_lead_from_the_webhook_over_the_call_to_its_commands(own_stack):
    stack = own_stack("--speed", "20").start("web", "routing", LOG_FORMAT="json", LOG_LEVEL="DEBUG")
    web, routing = stack.running["web"], stack.running["routing"]
    stack.sim.ring_in(CALLED_BACK)
    stack.until_quiet()
    (call,) = stack.books.calls()
    wait_until(lambda: len(lines(routing, "command_settled")) == 3, "every command is told of")

    accepted = {line["event_id"] for line in lines(web, "webhook") if line["answer"] == "200"}
    applied = [line for line in lines(routing, "applied") if "event_id" in line]
    settled = lines(routing, "command_settled")

    assert {line["event_id"] for line in applied} == accepted
    assert {(line["call"], line["job"] == line["event_id"]) for line in applied} == {(call.id, True)}
    assert [(line["verb"], line["call"], line["outcome"]) for line in settled] == [
        ("answer", call.id, "effective"),
        ("speak", call.id, "effective"),
        ("hangup", call.id, "effective"),
    ]
    assert [line["command_id"] for line in settled] == [sent.command_id for sent in stack.sim.ledger()]
    assert not any("job" in line or "event_id" in line for line in settled)  # of the job that began the sending
    assert {line["process"] for line in settled} == {"routing"}
    assert not any(NUMBER.search(file.read_text()) for one in (web, routing) for file in (one.log, one.err))


def test_what_is_given_up_and_what_is_refused_says_of_which_event(own_stack):
    stack = own_stack("--adopt").start("web", "routing", LOG_FORMAT="json")
    body = signing.webhook_body(direction="incoming", to="+13125550999", from_="+13125550142")
    event = signing.event_id_of(body)
    session = json.loads(body)["data"]["payload"]["call_session_id"]
    own_call = queues.call_key(inbound_call_id(SessionId(session)))
    stack.redis.set(own_call, "of a wrong type")

    stack.post(body)
    stack.http.post(WEBHOOKS, content=body, headers=signing.signed(body, key=signing.OTHER_KEY))
    wait_until(lambda: lines(stack.running["routing"], "job_parked"), "it is given up")

    (parked,) = lines(stack.running["routing"], "job_parked")
    (refused,) = lines(stack.running["web"], "webhook_refused")
    assert (parked["job"], parked["event_id"], parked["level"]) == (event, event, "error")
    assert (refused["status"], refused["event_id"]) == (401, None)
    assert refused["reason"] == "none of our keys made this signature"
