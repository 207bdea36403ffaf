"""What any action may need of the leg that the plan is about: answered, told of the recording, spoken to."""

from typing import Any, Final, Literal, TypeAlias

import msgspec

from shared import commands, dialplan
from shared.calls import Sent
from shared.ids import Row
from workers.logic.draft import Draft
from workers.logic.recording import of_answer, policy_fields
from workers.logic.steps import purpose

Ready: TypeAlias = Literal["yes", "not yet", "never"]

TAKEN: Final = frozenset({"done", "unknown"})  # by Telnyx, as far as we can know
SPOKEN_GRACE_S: Final = 10.0
SPOKEN_S_PER_CHARACTER: Final = 0.2  # a slow voice
LONGEST_PLAYED_S: Final = 600.0  # nothing tells how long a file is; after this its end counts as missed


def answered(draft: Draft) -> Ready:
    """Telnyx wants it before any other command on an incoming call (Telnyx SDK: calls/actions.py, answer)."""
    if draft.main.answered_at is not None:
        return "yes"
    if draft.call.request is not None:
        return "not yet"  # an outbound leg is answered by the person called
    assert draft.step.action is not None
    policy = of_answer(draft.plan, [draft.step.action])
    fields = policy_fields(draft.plan, policy)
    _, sent = draft.want("answer", "answer", lambda _: commands.Answer(**fields), draft.call.main, records=policy)
    return "never" if sent.state == "failed" else "not yet"


def announced(draft: Draft, policy: dialplan.RecordingPolicy | None) -> Ready:
    """Answered, and told of the recording where the policy says so."""
    ready = answered(draft)
    if ready != "yes" or policy is None or not policy.announce:
        return ready
    return speak(draft, "announce", policy.announce)


def speak(draft: Draft, what: str, text: str) -> Ready:
    """Whether a text was spoken to its end on the leg; asks for it at the first turn."""

    def build(_: Row) -> commands.Speak:
        return commands.Speak(payload=text, voice=draft.plan.voice, language=draft.plan.language)

    row, sent = draft.want("speak", purpose(draft, what), build, draft.call.main, says=text)
    return _heard(draft, row, sent, len(draft.main.spoken_at), spoken_within_s(text))


def spoken_within_s(text: str) -> float:
    """After this the end of a spoken text counts as missed."""
    return SPOKEN_GRACE_S + SPOKEN_S_PER_CHARACTER * len(text)


def play(draft: Draft, what: str, url: str) -> Ready:
    """Whether a file was played to its end on the leg; asks for it at the first turn."""

    def build(_: Row) -> commands.StartPlayback:
        return commands.StartPlayback(audio_url=url)

    row, sent = draft.want("playback_start", purpose(draft, what), build, draft.call.main)
    return _heard(draft, row, sent, len(draft.main.played_at), LONGEST_PLAYED_S)


def _heard(draft: Draft, row: Row, sent: Sent, ended: int, within_s: float) -> Ready:
    """`within_s` runs from when Telnyx took the command: while it is silent nothing is heard."""
    if sent.state in {"failed", "void"}:
        return "never"
    if ended >= _begun_up_to(draft, row, sent):
        draft.cancel(sent.purpose)
        return "yes"
    return "yes" if sent.state in TAKEN and draft.has_fired(sent.purpose, within_s) else "not yet"


def _begun_up_to(draft: Draft, row: Row, sent: Sent) -> int:
    """How many ends there are when this one has ended: their events carry nothing that tells them apart."""
    same = (other for number, other in draft.call.sent.items() if number <= row and other.verb == sent.verb)
    return sum(other.leg == sent.leg and other.state in {"open", "done", "unknown"} for other in same)


def caller_id(draft: Draft, choice: str) -> str | msgspec.UnsetType:
    """`business` is the number that the caller dialled; a carrier may refuse the caller's own (error D51)."""
    if draft.call.request is not None:
        return draft.plan.outbound[draft.call.request.profile].from_
    number = draft.main.to if choice == "business" else draft.main.from_
    return number if number and number.startswith("+") else msgspec.UNSET


def bridge_record(draft: Draft, name: str | None) -> tuple[dict[str, Any], str | None]:
    """The recording parameters of a transfer or bridge, and the policy where it begins its recording then."""
    begins = name is not None and draft.plan.recording[name].start == "bridge"
    return (policy_fields(draft.plan, name), name) if begins else ({}, None)
