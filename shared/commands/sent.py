"""What all that we send has in common: a field left unset is left out of the body, an unknown key is a mistake."""

from typing import TypeAlias, TypeVar

from msgspec import Struct, UnsetType

_T = TypeVar("_T")
Maybe: TypeAlias = _T | UnsetType


class Sent(Struct, frozen=True, forbid_unknown_fields=True):
    """An object of a request; `Maybe[X | None]` where an explicit null means something to Telnyx."""
