"""Whether every text can be spoken: by a voice, not too long, and with variables that something fills in."""

from collections.abc import Iterator
from typing import Final

from shared.dialplan.faults import Fault, wrong
from shared.dialplan.schema import Plan
from shared.dialplan.texts import names_in, spoken
from shared.dialplan.walk import KeyPath, actions
from shared.errors import DialplanError

LONGEST_SPOKEN: Final = 3000  # Telnyx docs: speak, payload
NO_VOICE: Final = 'missing; texts are spoken here, so choose a Telnyx voice such as "female"'


def text_faults(plan: Plan) -> Iterator[Fault]:
    for path, text in _texts(plan):
        if not plan.voice:
            yield Fault(("voice",), NO_VOICE)
        if not is_speakable(text):
            yield wrong(path, text)
        if path[0] == "outbound":
            yield from _template(path, text)
        elif "{" in text or "}" in text:
            yield Fault(path, "{ and } are for variables, and only the texts of [outbound.NAME] have those")


def is_speakable(text: str) -> bool:
    """Whether Telnyx takes it as a text to speak: not blank, and not too long."""
    return bool(text.strip()) and len(text) <= LONGEST_SPOKEN


def _template(path: KeyPath, text: str) -> Iterator[Fault]:
    try:
        names_in(text)
    except DialplanError as reason:
        yield Fault(path, str(reason))


def _texts(plan: Plan) -> Iterator[tuple[KeyPath, str]]:
    for name, policy in plan.recording.items():
        if policy.announce is not None:
            yield ("recording", name, "announce"), policy.announce
    for name, box in plan.voicemail.items():
        if box.greeting.say is not None:
            yield ("voicemail", name, "greeting", "say"), box.greeting.say
    for name, group in plan.groups.items():
        if group.accept == "press_1":
            yield ("groups", name, "prompt"), group.prompt
    for path, action in actions(plan):
        if (text := spoken(action)) is not None:
            yield (*path, "text"), text
