"""Whether an action is whole and well formed, whoever wrote it: the dialplan or a hook."""

from collections.abc import Iterator

from shared.dialplan.faults import Fault, wrong
from shared.dialplan.forms import is_hook_name, is_url
from shared.dialplan.schema import Action, Hook, LeaveMessage, Play
from shared.dialplan.walk import KeyPath


def form_faults(path: KeyPath, action: Action) -> Iterator[Fault]:
    """Of this action alone, without those that may follow it."""
    match action:
        case LeaveMessage(text=text, url=url):
            yield from exactly_one(path, text=text, url=url)
            if url is not None and not is_url(url):
                yield wrong((*path, "url"), url)
        case Play(url=url) if not is_url(url):
            yield wrong((*path, "url"), url)
        case Hook(call=name) if not is_hook_name(name):
            yield wrong((*path, "call"), name)


def exactly_one(path: KeyPath, **choices: str | None) -> Iterator[Fault]:
    if sum(value is not None for value in choices.values()) != 1:
        yield Fault(path, f"needs exactly one of {' and '.join(choices)}")
