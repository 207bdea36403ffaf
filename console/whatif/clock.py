"""`--at`: a time as the operator writes it, by the dialplan's clock unless it says by which; pure."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from shared.errors import ConfigError


def read(text: str, zone: ZoneInfo) -> datetime:
    """An aware time. An hour that the autumn repeats is its first pass. Raises ConfigError, one line."""
    try:
        told = datetime.fromisoformat(text)
        if told.tzinfo is not None:
            return told.astimezone(zone)
        there = told.replace(tzinfo=zone)
        back = there.astimezone(UTC).astimezone(zone)
    except (ValueError, OverflowError):
        raise ConfigError(
            f'--at {text!r} is no time: write "2026-12-25 10:00", with Z or an offset such as +01:00 for another '
            f"clock than {zone.key}"
        ) from None
    if back.replace(tzinfo=None) != told:
        raise ConfigError(
            f"--at {text!r} never comes in {zone.key}: the clocks are put forward over it; write {back:%H:%M} or "
            "an offset"
        )
    return there


def told(at: datetime, zone: ZoneInfo) -> str:
    """A time by the clock of a zone, which it names."""
    return f"{at.astimezone(zone):%a %Y-%m-%d at %H:%M} ({zone.key})"
