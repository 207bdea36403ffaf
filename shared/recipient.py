"""Where the person at a number may be, and what their clocks say; pure."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import timezone

from shared.numbers import is_e164


def zones(number: str) -> tuple[ZoneInfo, ...]:
    """Every zone that a number may be in; none for a SIP URI, and for a number that belongs to no place."""
    if not is_e164(number):
        return ()
    try:
        names = timezone.time_zones_for_number(phonenumbers.parse(number))
        return tuple(ZoneInfo(name) for name in names if name != timezone.UNKNOWN_TIMEZONE)
    except (phonenumbers.NumberParseException, ZoneInfoNotFoundError):
        return ()
