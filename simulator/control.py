"""The control API under /_sim, for whoever tests against the stand-in (JSON, no authentication).

| route                    | body or query                              | answer                            |
|--------------------------|--------------------------------------------|-----------------------------------|
| POST /calls              | scenario.InboundCall: from, to,            | 201, the leg's three ids; sends   |
|                          | hangs_up_after?, presses?, …               | call.initiated                    |
| POST /legs/{ccid}/hangup |                                            | the far side puts the phone down  |
| POST /legs/{ccid}/press  | {"digits": keys}                           | the far side presses keys         |
| PUT /callees             | {number, SIP URI or "*": scenario.Habits}  | adds or replaces these            |
| PUT /faults              | {"rules": [faults.Rule], "seed"?: n}       | replaces all rules, --chaos too   |
| PUT /config              | dedupe_secs, first_command_timeout_secs,   | changes what is given             |
|                          | webhook_url (null: send none),             |                                   |
|                          | recording_url_secs (of the event's link)   |                                   |
| POST /scenario           | {"name": file name in scenarios/}          | how many calls it will place      |
| GET /ledger              | ?after=seq                                 | list of ledger.Entry              |
| GET /legs                |                                            | ids, state, times, cause of each  |
| GET /webhooks            |                                            | list of delivery.Webhook          |
| GET /idle                |                                            | idle, live_legs,                  |
|                          |                                            | webhooks_pending, timers          |
| POST /reset              |                                            | as started, all calls forgotten   |

A rule: {"fault": name, "on"?: verb or event type, "probability"?: 1.0, "times"?: n, "secs"?: of a wait}; "the
next two transfers get a 503" is {"fault": "503", "on": "transfer", "times": 2}. A body or query that cannot be
used is 400 {"error": text}.
"""

from pathlib import Path
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from simulator.exchange import Exchange
from simulator.faults import FaultPlan, Faults
from simulator.leg import Leg
from simulator.loopback import check_webhook_url
from simulator.scenario import Habits, InboundCall, parse_scenario

_SCENARIOS = Path(__file__).with_name("scenarios")
_NotNegative = Annotated[float, msgspec.Meta(ge=0.0)]
_IDS = ("call_control_id", "call_leg_id", "call_session_id")
_VIEW = (
    "connection_id",
    "direction",
    "to",
    "state",
    "client_state",
    "adopted",
    "bridged_to",
    "started_at",
    "answered_at",
    "bridged_at",
    "ended_at",
)


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is unset stays as it is."""

    dedupe_secs: _NotNegative | msgspec.UnsetType = msgspec.UNSET
    first_command_timeout_secs: _NotNegative | msgspec.UnsetType = msgspec.UNSET
    recording_url_secs: _NotNegative | msgspec.UnsetType = msgspec.UNSET
    webhook_url: str | msgspec.UnsetType | None = msgspec.UNSET


class Press(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    digits: Annotated[str, msgspec.Meta(pattern="^[0-9A-D*#]+$")]


class ScenarioName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(pattern="^[a-z0-9_-]+$")]


def control_routes() -> list[BaseRoute]:
    return [
        Route("/calls", _ring_in, methods=["POST"]),
        Route("/legs", _legs),
        Route("/legs/{call_control_id}/hangup", _hang_up, methods=["POST"]),
        Route("/legs/{call_control_id}/press", _press, methods=["POST"]),
        Route("/callees", _callees, methods=["PUT"]),
        Route("/faults", _faults, methods=["PUT"]),
        Route("/config", _config, methods=["PUT"]),
        Route("/scenario", _scenario, methods=["POST"]),
        Route("/ledger", _ledger),
        Route("/webhooks", _webhooks),
        Route("/idle", _idle),
        Route("/reset", _reset, methods=["POST"]),
    ]


def _exchange(http: Request) -> Exchange:
    exchange: Exchange = http.app.state.exchange
    return exchange


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


async def bad_control(_http: Request, error: Exception) -> Response:
    """The answer to a body that cannot be used."""
    return _json({"error": str(error)}, 400)


async def _ring_in(http: Request) -> Response:
    call = msgspec.json.decode(await http.body(), type=InboundCall)
    leg = _exchange(http).ring_in(call)
    return _json({name: getattr(leg, name) for name in _IDS}, 201)


async def _hang_up(http: Request) -> Response:
    _exchange(http).hang_up_far_side(http.path_params["call_control_id"])
    return _json({})


async def _press(http: Request) -> Response:
    digits = msgspec.json.decode(await http.body(), type=Press).digits
    _exchange(http).press(http.path_params["call_control_id"], digits)
    return _json({})


async def _callees(http: Request) -> Response:
    callees = msgspec.json.decode(await http.body(), type=dict[str, Habits])
    _exchange(http).switch.callees |= callees
    return _json({})


async def _faults(http: Request) -> Response:
    _exchange(http).faults = Faults(msgspec.json.decode(await http.body(), type=FaultPlan))
    return _json({})


async def _config(http: Request) -> Response:
    config = msgspec.json.decode(await http.body(), type=Config)
    exchange = _exchange(http)
    if isinstance(config.webhook_url, str):
        exchange.courier.urls[:1] = [check_webhook_url(config.webhook_url)]
    elif config.webhook_url is None:
        exchange.courier.urls.clear()
    if config.dedupe_secs is not msgspec.UNSET:
        exchange.ledger.dedupe_s = config.dedupe_secs
    if config.first_command_timeout_secs is not msgspec.UNSET:
        exchange.switch.first_command_timeout_s = config.first_command_timeout_secs
    if config.recording_url_secs is not msgspec.UNSET:
        exchange.switch.recording_url_s = config.recording_url_secs
    return _json({})


async def _scenario(http: Request) -> Response:
    name = msgspec.json.decode(await http.body(), type=ScenarioName).name
    try:
        text = (_SCENARIOS / f"{name}.toml").read_text()
    except FileNotFoundError:
        return _json({"error": f"no scenario {name!r}"}, 404)
    scenario = parse_scenario(text)
    _exchange(http).play(scenario)
    return _json({"name": name, "calls": len(scenario.calls)})


async def _ledger(http: Request) -> Response:
    try:
        after = int(http.query_params.get("after", "0"))
    except ValueError:
        return _json({"error": "after is the seq of an entry"}, 400)
    return _json(_exchange(http).ledger.entries[max(after, 0) :])


async def _legs(http: Request) -> Response:
    return _json([_leg_view(leg) for leg in _exchange(http).switch.legs.values()])


def _leg_view(leg: Leg) -> dict[str, object]:
    view: dict[str, object] = {name: getattr(leg, name) for name in (*_IDS, *_VIEW)}
    cause, source, sip = leg.ending or (None, None, None)
    return view | {
        "from": leg.from_,
        "hangup_cause": cause,
        "hangup_source": source,
        "sip_hangup_cause": sip,
    }


async def _webhooks(http: Request) -> Response:
    return _json(_exchange(http).courier.webhooks)


async def _idle(http: Request) -> Response:
    exchange = _exchange(http)
    counts = {
        "live_legs": exchange.live_legs,
        "webhooks_pending": exchange.courier.pending,
        "timers": exchange.clock.running,
    }
    return _json({"idle": not any(counts.values())} | counts)


async def _reset(http: Request) -> Response:
    exchange = _exchange(http)
    http.app.state.exchange = Exchange(exchange.options)
    await exchange.close()
    return _json({})
