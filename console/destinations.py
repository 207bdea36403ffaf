"""Whom `telnyx dial` and `telnyx transfer` may ring when an operator types the number.

Whoever holds the API key could ring anybody without us. So this holds back a slip of the hand: an emergency number
is refused always, what is outside the dialplan's [limits] allow unless it is forced.
"""

from typing import Final

from shared import dialplan
from shared.commands import Dial, Transfer
from shared.errors import BadInput
from shared.numbers import is_emergency
from shared.settings import Settings

RINGING: Final = (Dial, Transfer)
_UNNAMED: Final = Settings(redis_url="").dialplan


def refuse_destinations(sent: Dial | Transfer, settings: Settings, *, forced: bool) -> None:
    """Raises BadInput for a number that is not to be rung, DialplanError when the dialplan cannot be read.

    Without DIALPLAN there need not be a dialplan; one that is named must be there.
    """
    numbers = (sent.to,) if isinstance(sent.to, str) else sent.to
    if any(map(is_emergency, numbers)):
        raise BadInput("to is an emergency number, and those are never dialled")
    if forced or (settings.dialplan == _UNNAMED and not settings.dialplan.exists()):
        return
    plan = dialplan.load(settings.dialplan).plan
    if plan.limits.allow is not None and not all(dialplan.may_dial(plan, number) for number in numbers):
        raise BadInput(f"to is outside [limits] allow of {settings.dialplan}; --force rings it all the same")
