"""What any action may need of the caller's leg first: answered, told of the recording, spoken to."""

from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeAlias

import msgspec

from shared import commands, dialplan
from shared.dialplan.walk import steps
from shared.ids import Row
from workers.logic.draft import Draft
from workers.logic.steps import purpose

Ready: TypeAlias = Literal["yes", "not yet", "never"]


def answered(draft: Draft) -> Ready:
    """Telnyx wants the answer before any other command on an incoming call (facts.md section 10)."""
    if draft.main.answered_at is not None:
        return "yes"
    if draft.call.request is not None:
        return "not yet"  # an outbound leg is answered by the person called
    assert draft.step.action is not None
    record = record_from_answer(draft.plan, [draft.step.action])
    _, sent = draft.want("answer", "answer", lambda _: commands.Answer(**record), draft.call.main)
    return "never" if sent.state == "failed" else "not yet"


def record_fields(policy: dialplan.RecordingPolicy | None) -> dict[str, Any]:
    """The recording parameters that answer, transfer and bridge have in common."""
    if policy is None:
        return {}
    return {"record": "record-from-answer", "record_channels": policy.channels, "record_format": policy.format}


def record_from_answer(plan: dialplan.Plan, actions: Iterable[dialplan.Action]) -> dict[str, Any]:
    """The recording parameters of the answer itself, where anything that may follow wants to begin with it."""
    for action in actions:
        for _, step in steps(action, ()):
            if isinstance(step, dialplan.Transfer | dialplan.Ring) and step.record:
                policy = plan.recording[step.record]
                if policy.start == "answer":
                    return record_fields(policy)
    return {}


def policy_of(draft: Draft, name: str | None) -> dialplan.RecordingPolicy | None:
    return draft.plan.recording[name] if name else None


def announced(draft: Draft, policy: dialplan.RecordingPolicy | None) -> Ready:
    """Answered, and told of the recording where the policy says so."""
    ready = answered(draft)
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
