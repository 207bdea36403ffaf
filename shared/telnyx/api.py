"""Telnyx's API as typed methods, for the command line and whoever else waits for an answer.

Each method sends once and returns the typed result or raises TelnyxError. Workers use `Telnyx.send` and judge the
`Answer` instead: to them a refusal is data, and what is sent again is decided elsewhere.
"""

from collections.abc import AsyncIterator
from typing import Final

from shared import commands as c
from shared.telnyx import applications as apps
from shared.telnyx.call_events import CallEvent, ListCallEvents
from shared.telnyx.calls import Accepted, ActiveCall, Call, ListActiveCalls
from shared.telnyx.client import Telnyx
from shared.telnyx.exchange import Exchange
from shared.telnyx.recordings import ListRecordings, Recording

TIMEOUT_S: Final = 10.0


class Api:
    """A method for each operation, named as Telnyx names it; a command's parameters are its type's fields.

    Any of them may raise BadInput, before anything is sent, and TelnyxError. `checked=False` sends values that are
    newer than our lists, on purpose. A `command_id` makes Telnyx ignore a repeat within 60 s (command-retries).
    """

    def __init__(self, telnyx: Telnyx, timeout_s: float = TIMEOUT_S, checked: bool = True) -> None:
        self._exchange = Exchange(telnyx, timeout_s, checked)

    async def dial(self, dial: c.Dial, command_id: str | None = None) -> Call:
        """Telnyx's success means accepted, never answered."""
        return await self._exchange.one(Call, "dial", {}, dial, command_id)

    async def answer(self, call_control_id: str, command: c.Answer, command_id: str | None = None) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def bridge(self, call_control_id: str, command: c.Bridge, command_id: str | None = None) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def hangup(self, call_control_id: str, command: c.Hangup, command_id: str | None = None) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def transfer(self, call_control_id: str, command: c.Transfer, command_id: str | None = None) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def reject(self, call_control_id: str, command: c.Reject, command_id: str | None = None) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def client_state_update(self, call_control_id: str, command: c.UpdateClientState) -> Accepted:
        """The one command that takes no command_id."""
        return await self._command(call_control_id, command)

    async def speak(self, call_control_id: str, command: c.Speak, command_id: str | None = None) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def playback_start(
        self, call_control_id: str, command: c.StartPlayback, command_id: str | None = None
    ) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def playback_stop(
        self, call_control_id: str, command: c.StopPlayback, command_id: str | None = None
    ) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def record_start(
        self, call_control_id: str, command: c.StartRecording, command_id: str | None = None
    ) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def record_stop(
        self, call_control_id: str, command: c.StopRecording, command_id: str | None = None
    ) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def record_pause(
        self, call_control_id: str, command: c.PauseRecording, command_id: str | None = None
    ) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def record_resume(
        self, call_control_id: str, command: c.ResumeRecording, command_id: str | None = None
    ) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def gather_using_speak(
        self, call_control_id: str, command: c.GatherUsingSpeak, command_id: str | None = None
    ) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def send_dtmf(
        self, call_control_id: str, command: c.SendDtmf, command_id: str | None = None
    ) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def streaming_start(
        self, call_control_id: str, command: c.StartStreaming, command_id: str | None = None
    ) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def streaming_stop(
        self, call_control_id: str, command: c.StopStreaming, command_id: str | None = None
    ) -> Accepted:
        return await self._command(call_control_id, command, command_id)

    async def retrieve_call(self, call_control_id: str) -> Call:
        return await self._exchange.one(Call, "retrieve_call", {"call_control_id": call_control_id})

    def list_active_calls(
        self, connection_id: str, asked: ListActiveCalls | None = None
    ) -> AsyncIterator[ActiveCall]:
        ids = {"connection_id": connection_id}
        return self._exchange.each(ActiveCall, "list_active_calls", ids, asked)

    def list_call_events(self, asked: ListCallEvents | None = None) -> AsyncIterator[CallEvent]:
        return self._exchange.each(CallEvent, "list_call_events", {}, asked)

    def list_call_control_applications(
        self, asked: apps.ListApplications | None = None
    ) -> AsyncIterator[apps.Application]:
        return self._exchange.each(apps.Application, "list_call_control_applications", {}, asked)

    async def create_call_control_application(self, application: apps.CreateApplication) -> apps.Application:
        return await self._exchange.one(apps.Application, "create_call_control_application", {}, application)

    async def retrieve_call_control_application(self, id_: str) -> apps.Application:
        return await self._exchange.one(apps.Application, "retrieve_call_control_application", {"id": id_})

    async def update_call_control_application(
        self, id_: str, application: apps.UpdateApplication
    ) -> apps.Application:
        return await self._exchange.one(
            apps.Application, "update_call_control_application", {"id": id_}, application
        )

    async def change_call_control_application(
        self, id_: str, changes: apps.ApplicationChanges
    ) -> apps.Application:
        """Read, merge, write: Telnyx demands name and webhook address of every update."""
        current = await self.retrieve_call_control_application(id_)
        return await self.update_call_control_application(id_, apps.changed(current, changes))

    async def delete_call_control_application(self, id_: str) -> apps.Application | None:
        return await self._exchange.gone(apps.Application, "delete_call_control_application", {"id": id_})

    def list_recordings(self, asked: ListRecordings | None = None) -> AsyncIterator[Recording]:
        return self._exchange.each(Recording, "list_recordings", {}, asked)

    async def retrieve_recording(self, recording_id: str) -> Recording:
        return await self._exchange.one(Recording, "retrieve_recording", {"recording_id": recording_id})

    async def delete_recording(self, recording_id: str) -> Recording | None:
        return await self._exchange.gone(Recording, "delete_recording", {"recording_id": recording_id})

    async def _command(self, call_control_id: str, command: c.Command, command_id: str | None = None) -> Accepted:
        ids = {"call_control_id": call_control_id}
        return await self._exchange.one(Accepted, c.VERBS[type(command)], ids, command, command_id)
