"""What Telnyx tells: the key, our clock beside its own, and the application."""

import base64
import time
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
import msgspec

from console import application
from console.advice import advice
from console.doctor.check import Check
from console.provision import find
from shared.errors import BadInput, ConfigError, TelnyxError
from shared.settings import Settings
from shared.telnyx import Api, Telnyx
from shared.telnyx.applications import Application

TIMEOUT_S: Final = 10.0
STALE_S: Final = 300.0  # what a webhook's time may differ (Telnyx docs: receiving-webhooks)
NOTICED_S: Final = 30.0

KEY, PUBLIC, CLOCK, APPLICATION = "API key", "public key", "clock", "application"
WEBHOOKS, SETTINGS, PROFILE = "webhook address", "webhook settings", "outbound profile"


async def checks(settings: Settings) -> list[Check]:
    """Never raises for what Telnyx, or the network, does."""
    if not settings.telnyx_api_key:
        missing = Check(
            KEY, "wrong", "TELNYX_API_KEY is missing", "set it to an API v2 key of your Telnyx account"
        )
        return [missing, *_unknown("there is no API key", PUBLIC, CLOCK, APPLICATION, WEBHOOKS, SETTINGS, PROFILE)]
    return [*await _of_key(settings), *await _of_application(settings)]


async def _of_key(settings: Settings) -> list[Check]:
    """One request tells three things: `GET /public_key` (facts.md section 2)."""
    headers = {"authorization": f"Bearer {settings.telnyx_api_key}"}
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as http:
            answer = await http.get(f"{settings.telnyx_base_url}/public_key", headers=headers)
    except httpx.HTTPError as reason:
        found = f"{settings.telnyx_base_url} does not answer ({type(reason).__name__})"
        away = Check(KEY, "wrong", found, "check TELNYX_BASE_URL and the network")
        return [away, *_unknown("Telnyx does not answer", PUBLIC, CLOCK)]
    clock = _clock(answer.headers.get("date", ""), time.time())
    if answer.status_code != 200:
        mend = advice(TelnyxError(answer.status_code))
        return [
            Check(KEY, "wrong", f"Telnyx answered {answer.status_code}", mend),
            *_unknown("Telnyx did not tell its own", PUBLIC),
            clock,
        ]
    return [Check(KEY, "ok", "Telnyx takes it"), _public_key(answer.content, settings), clock]


class _Key(msgspec.Struct):
    public: str


class _PublicKey(msgspec.Struct):
    data: _Key


def _public_key(body: bytes, settings: Settings) -> Check:
    try:
        theirs = base64.b64decode(msgspec.json.decode(body, type=_PublicKey).data.public, validate=True)
    except (msgspec.DecodeError, ValueError):
        return _unknown("Telnyx's answer cannot be read", PUBLIC)[0]
    mend = f"set TELNYX_PUBLIC_KEY={base64.b64encode(theirs).decode()}"
    if not settings.telnyx_public_keys:
        return Check(PUBLIC, "wrong", "TELNYX_PUBLIC_KEY is missing", mend)
    if theirs not in settings.telnyx_public_keys:
        return Check(PUBLIC, "wrong", "it is not that of this account: every webhook is refused", mend)
    return Check(PUBLIC, "ok", "it is that of this account")


def _clock(date: str, now: float) -> Check:
    try:
        off_s = now - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return _unknown("the answer has no date", CLOCK)[0]
    found = f"within {max(1, round(abs(off_s)))} s of Telnyx's"
    mend = "let this machine's clock be set by NTP"
    if abs(off_s) > STALE_S:
        return Check(CLOCK, "wrong", f"{off_s:+.0f} s off Telnyx's: every webhook is refused", mend)
    return Check(CLOCK, "warn", found, mend) if abs(off_s) > NOTICED_S else Check(CLOCK, "ok", found)


async def _of_application(settings: Settings) -> list[Check]:
    rest = (WEBHOOKS, SETTINGS, PROFILE)
    telnyx = Telnyx(settings.telnyx_base_url, settings.telnyx_api_key)
    try:
        found = await find(Api(telnyx), settings.connection_id, application.NAME)
    except TelnyxError as reason:
        return [Check(APPLICATION, "wrong", str(reason), advice(reason)), *_unknown("no application", *rest)]
    except (BadInput, ConfigError) as reason:
        trouble = Check(APPLICATION, "wrong", str(reason), "set TELNYX_CONNECTION_ID to one application's id")
        return [trouble, *_unknown("no application", *rest)]
    finally:
        await telnyx.aclose()
    if found is None:
        none = f"none is called {application.NAME!r}, and TELNYX_CONNECTION_ID is not set"
        missing = Check(APPLICATION, "wrong", none, "trunkline provision --apply")
        return [missing, *_unknown("no application", *rest)]
    return [_active(found), *_webhooks(found, settings), _profile(found)]


def _active(found: Application) -> Check:
    named = f"{found.id} {found.application_name or ''}".strip()
    if found.active is False:
        return Check(APPLICATION, "wrong", f"{named} is not active", "trunkline provision --apply")
    return Check(APPLICATION, "ok", named)


def _webhooks(found: Application, settings: Settings) -> list[Check]:
    wanted = application.wanted(settings.public_url or "https://unknown.invalid", None)
    differing = {one.setting: one for one in application.changes(wanted, found)}
    address, mend = f"{found.webhook_event_url}", "trunkline provision --apply"
    if not settings.public_url:
        where = Check(WEBHOOKS, "unknown", f"{address}; PUBLIC_URL is not set", "set PUBLIC_URL to compare them")
    elif "webhook_event_url" in differing:
        where = Check(WEBHOOKS, "wrong", f"{address} is not that of PUBLIC_URL", mend)
    else:
        where = Check(WEBHOOKS, "ok", address)
    if "webhook_api_version" in differing:
        version: Any = found.webhook_api_version
        return [where, Check(SETTINGS, "wrong", f"API version {version}: no webhook can be read", mend)]
    others = [one for name, one in differing.items() if name not in {"webhook_event_url", "active"}]
    if others:
        told = ", ".join(f"{one.setting} is {one.found}, not {one.wanted}" for one in others)
        return [where, Check(SETTINGS, "warn", told, mend)]
    return [where, Check(SETTINGS, "ok", "as provisioned")]


def _profile(found: Application) -> Check:
    profile = found.outbound.outbound_voice_profile_id if found.outbound else None
    if not profile:
        mend = "trunkline provision --outbound-profile ID --apply"
        return Check(PROFILE, "wrong", "none: Telnyx refuses transfers and outbound calls (D38)", mend)
    return Check(PROFILE, "ok", profile)


def _unknown(why: str, *names: str) -> list[Check]:
    return [Check(name, "unknown", f"not checked: {why}") for name in names]
