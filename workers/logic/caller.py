"""What any action may need of the caller's leg first: answered, told of the recording, spoken to."""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import msgspec

from shared import commands, dialplan
from shared.ids import Row
from workers.logic.draft import Draft
from workers.logic.steps import purpose

Ready: TypeAlias = Literal["yes", "not yet", "never"]


def answered(draft: Draft, recording: dialplan.RecordingPolicy | None = None) -> Ready:
    """Telnyx wants the answer before any other command on an incoming call (facts.md section 10)."""
    if draft.main.answered_at is not None:
        return "yes"
    if draft.call.request is not None:
        return "not yet"  # an outbound leg is answered by the person called
    record = record_fields(recording if recording and recording.start == "answer" else None)
    _, sent = draft.want("answer", "answer", lambda _: commands.Answer(**record), draft.call.main)
    return "never" if sent.state == "failed" else "not yet"


def record_fields(policy: dialplan.RecordingPolicy | None) -> dict[str, Any]:
    """The recording parameters that answer, transfer and bridge have in common."""
    if policy is None:
        return {}
    return {"record": "record-from-answer", "record_channels": policy.channels, "record_format": policy.format}


def policy_of(draft: Draft, name: str | None) -> dialplan.RecordingPolicy | None:
    return draft.plan.recording[name] if name else None


def announced(draft: Draft, policy: dialplan.RecordingPolicy | None) -> Ready:
    """Answered, and told of the recording where the policy says so."""
    ready = answered(draft, policy)
    if ready != "yes" or policy is None or not policy.announce:
        return ready
    return speak(draft, "announce", policy.announce)


def speak(draft: Draft, what: str, text: str) -> Ready:
    """Whether a text was spoken to its end on the caller's leg; asks for it at the first turn."""
    name = purpose(draft, what)
    build: Callable[[Row], commands.Speak] = lambda _: commands.Speak(  # noqa: E731 - one expression, used once
        payload=text, voice=draft.plan.voice or "", language=draft.plan.language
    )
    row, sent = draft.want("speak", name, build, draft.call.main)
    if sent.state in {"failed", "void"}:
        return "never"
    if draft.main.spoken >= _spoken_up_to(draft, row) or draft.has_fired(name, 10 + 0.2 * len(text)):
        draft.cancel(name)
        return "yes"
    return "not yet"


def _spoken_up_to(draft: Draft, row: Row) -> int:
    """How many speak.ended there are when this one has ended: they carry nothing that tells them apart."""
    told = (sent for number, sent in draft.call.sent.items() if number <= row and sent.verb == "speak")
    return sum(sent.state in {"open", "done", "unknown"} for sent in told)


def caller_id(draft: Draft, choice: str) -> str | msgspec.UnsetType:
    """`business` is the number that the caller dialled; a carrier may refuse the caller's own (error D51)."""
    if draft.call.request is not None:
        return draft.plan.outbound[draft.call.request.profile].from_
    number = draft.main.to if choice == "business" else draft.main.from_
    return number if number and number.startswith("+") else msgspec.UNSET
