"""What our call control application has to be, and where the one at Telnyx differs. Pure."""

from typing import Any, Final

from msgspec import UNSET, Struct

from shared.events import WEBHOOK_PATH
from shared.telnyx.applications import Application, ApplicationChanges, CreateApplication, OutboundSettings

NAME: Final = "trunkline"
WEBHOOK_TIMEOUT_SECS: Final = 2  # Telnyx's own default, made explicit; the web process answers within 1 s
FIRST_COMMAND_SECS: Final = 30  # a caller for whom nothing came by then hears the end, and not ringing for ever


class Wanted(Struct, frozen=True, kw_only=True):
    """The settings that Trunkline relies on; of those that are None Telnyx's own value stays."""

    application_name: str | None
    webhook_event_url: str
    webhook_event_failover_url: str | None = None
    outbound_voice_profile_id: str | None = None
    active: bool = True
    webhook_api_version: str = "2"  # the shape of "1" cannot be read here
    webhook_timeout_secs: int = WEBHOOK_TIMEOUT_SECS
    first_command_timeout: bool = True
    first_command_timeout_secs: int = FIRST_COMMAND_SECS


class Change(Struct, frozen=True):
    """One setting, as Telnyx has it and as it is wanted."""

    setting: str
    found: Any
    wanted: Any


def wanted(
    public_url: str, name: str | None, failover_url: str | None = None, profile_id: str | None = None
) -> Wanted:
    """What it has to be for web processes at these https addresses; a name of None stays as it is."""
    return Wanted(
        application_name=name,
        webhook_event_url=webhook_url(public_url),
        webhook_event_failover_url=None if failover_url is None else webhook_url(failover_url),
        outbound_voice_profile_id=profile_id,
    )


def webhook_url(public_url: str) -> str:
    """Where a deployment takes webhooks; PUBLIC_URL may name the route already."""
    return public_url.rstrip("/").removesuffix(WEBHOOK_PATH) + WEBHOOK_PATH


def changes(wanted: Wanted, found: Application | None) -> list[Change]:
    """What has to change, in the order of the settings; without an application everything that is wanted."""
    told = {name: getattr(wanted, name) for name in Wanted.__struct_fields__}
    differing = ((name, _found(found, name), value) for name, value in told.items() if value is not None)
    return [Change(name, was, value) for name, was, value in differing if was != value]


def warnings(wanted: Wanted, found: Application | None) -> list[str]:
    """What is not ours to choose, and will hurt."""
    if wanted.outbound_voice_profile_id or (found and _found(found, "outbound_voice_profile_id")):
        return []
    return ["no outbound voice profile: Telnyx refuses transfers and outbound calls (D38); --outbound-profile ID"]


def creation(wanted: Wanted) -> CreateApplication:
    """The application as it is made: its name must be known."""
    return CreateApplication(**_sent(changes(wanted, None)))


def update(differing: list[Change]) -> ApplicationChanges:
    """These changes and no other."""
    return ApplicationChanges(**_sent(differing))


def _found(found: Application | None, name: str) -> Any:
    if found is None:
        return None
    if name == "outbound_voice_profile_id":
        return found.outbound.outbound_voice_profile_id if found.outbound else None
    return getattr(found, name)


def _sent(differing: list[Change]) -> dict[str, Any]:
    sent = {change.setting: change.wanted for change in differing}
    profile = sent.pop("outbound_voice_profile_id", UNSET)
    if profile is not UNSET:
        sent["outbound"] = OutboundSettings(outbound_voice_profile_id=profile)
    return sent
