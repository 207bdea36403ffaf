"""Numbers, addresses and texts of people, each turned into a fictional one that the dialplan treats alike; pure.

What stands in the dialplan is the business's own and stays as it is.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from console.parties import replaced
from shared.dialplan import Plan, fill
from shared.errors import DialplanError
from shared.numbers import country_code, is_e164, is_number, is_withheld, matches

REMOVED: Final = "removed"
NOWHERE: Final = "https://removed.invalid/"  # RFC 2606

_LINE: Final = "55501"  # 555-0100 to 555-0199 are nobody's in any area of the North American plan


class Disguise:
    """The same stands for the same throughout; `variables` are those of the call's request."""

    def __init__(self, plan: Plan, variables: Mapping[str, str]) -> None:
        self._written = frozenset(_texts(plan))
        self._patterns = [text for text in self._written if text.count("*") == 1 and text != "*"]
        self._variables = variables
        self._given: dict[str, str] = {}

    @property
    def variables(self) -> dict[str, str]:
        """Each named as what it stands for."""
        return {name: name for name in self._variables}

    def text(self, text: str) -> str:
        """Words of a protocol stay; links go, and so do the numbers and addresses in it."""
        if text in self._written:
            return text
        if text.startswith(("http://", "https://")):
            return NOWHERE
        return replaced(text, self._party)

    def free_text(self, text: str) -> str:
        """What a person may have written stays only where the dialplan writes it, or looks for it by a pattern."""
        if text in self._written or is_withheld(text):
            return text
        if is_number(text):
            return self._party(text)
        looked_for = sorted(pattern for pattern in self._patterns if matches(pattern, text))
        return looked_for[0].replace("*", "x") if looked_for else REMOVED

    def spoken(self, text: str) -> str:
        """A text of the dialplan with its variables filled in, filled in anew."""
        if text in self._written:
            return text
        for template in sorted(self._written):
            try:
                if "{" in template and fill(template, dict(self._variables)) == text:
                    return fill(template, self.variables)
            except DialplanError:  # a text of another profile, with other variables
                continue
        return REMOVED

    def _party(self, text: str) -> str:
        """A number or SIP URI."""
        if text in self._written or is_withheld(text):
            return text
        if not is_number(text):
            return REMOVED
        if text not in self._given:
            wanted = self._matching(text)
            taken = {text, *self._written, *self._given.values()}
            free = (each for each in _likes(text, wanted) if each not in taken)
            self._given[text] = next((each for each in free if self._matching(each) == wanted), f"+1202{_LINE}00")
        return self._given[text]

    def _matching(self, party: str) -> list[str]:
        return [pattern for pattern in self._patterns if matches(pattern, party)]


def _likes(party: str, patterns: list[str]) -> Iterator[str]:
    """Fictional parties of the same form, the likeliest to be matched by the same patterns first."""
    heads = sorted((pattern.removesuffix("*") for pattern in patterns if pattern.endswith("*")), key=len)
    for number in range(100):
        if is_e164(party):
            area = party[:5] if party.startswith("+1") else f"+{country_code(party)}"
            for head in (area, *reversed(heads)):
                room = len(party) - len(head)
                if room > 0:
                    yield head + f"{_LINE}{number:02}".rjust(room, "0")[-room:]
        else:
            scheme, _, rest = party.partition(":")
            yield f"{scheme}:person{number}@{rest.partition('@')[2]}"
            yield from (pattern.replace("*", f"person{number}") for pattern in patterns)


def _texts(value: Any) -> Iterator[str]:
    """Every text of a dialplan, those that it has by default too; groups and headers are named by keys."""
    match value:
        case str():
            yield value
        case msgspec.Struct():
            for name in value.__struct_fields__:
                yield from _texts(getattr(value, name))
        case dict():
            for key, each in value.items():
                yield key
                yield from _texts(each)
        case list() | tuple():
            for each in value:
                yield from _texts(each)
