"""An application's webhooks pointed elsewhere for a while, and put back."""

import asyncio
import shlex
from typing import Final

import msgspec

from shared.errors import BadInput, ConfigError, TelnyxError, Unavailable
from shared.events import WEBHOOK_PATH
from shared.telnyx import Api
from shared.telnyx.applications import Application, ApplicationChanges

TRIES: Final = 4
AGAIN_S: Final = 1.0


class Pointing:
    """Of one application. `look` first, then `point`, and `restore` whatever came of that."""

    def __init__(self, api: Api, application_id: str) -> None:
        self._api = api
        self.application_id = application_id
        self._before: Application | None = None
        self._address = ""

    async def look(self) -> Application:
        """Raises Unavailable for one with live calls, whose events would go astray, TelnyxError and BadInput."""
        before = await self._api.retrieve_call_control_application(self.application_id)
        if not (before.webhook_event_url or "").startswith(("https://", "http://")):
            raise ConfigError(
                f"trunkline listen: application {self.application_id} has no webhook address to go back to"
            )
        async for _ in self._api.list_active_calls(self.application_id):
            raise Unavailable(
                f"application {self.application_id} has live calls: their events would come here. Name another one"
            )
        self._before = before
        return before

    async def point(self, address: str) -> None:
        """No failover meanwhile: what is not taken here must not reach another deployment. Raises TelnyxError."""
        self._address = address + WEBHOOK_PATH
        await self._api.change_call_control_application(
            self.application_id,
            ApplicationChanges(
                webhook_event_url=self._address, webhook_event_failover_url=None, webhook_api_version="2"
            ),
        )

    async def restore(self) -> bool:
        """False where somebody else has changed the address meanwhile. Raises TelnyxError, after several tries."""
        for left in reversed(range(TRIES)):
            try:
                now = await self._api.retrieve_call_control_application(self.application_id)
                if now.webhook_event_url != self._address:
                    return now.webhook_event_url == self._known.webhook_event_url
                await self._api.change_call_control_application(self.application_id, self._old)
            except TelnyxError as reason:
                final = reason.status is not None and reason.status < 500 and reason.status != 429
                if final or not left:
                    raise
                await asyncio.sleep(AGAIN_S)
            else:
                return True
        return False

    def by_hand(self) -> str:
        """The command that does it."""
        told = {
            "application_name": self._known.application_name,
            "webhook_event_url": self._known.webhook_event_url,
            "webhook_event_failover_url": self._known.webhook_event_failover_url,
            "webhook_api_version": self._known.webhook_api_version,
        }
        body = shlex.quote(msgspec.json.encode(told).decode())
        return f"trunkline telnyx applications update {shlex.quote(self.application_id)} --body {body}"

    @property
    def _known(self) -> Application:
        if self._before is None:
            raise BadInput("it was never looked at")
        return self._before

    @property
    def _old(self) -> ApplicationChanges:
        return ApplicationChanges(
            webhook_event_url=self._known.webhook_event_url or "",
            webhook_event_failover_url=self._known.webhook_event_failover_url,
            webhook_api_version="1" if self._known.webhook_api_version == "1" else "2",
        )
