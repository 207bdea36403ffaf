"""A hook of somebody else: pure, so that a test needs nothing but a call and a time."""

from datetime import datetime

from shared.dialplan import Action, HookCall, Transfer, Voicemail


def friends_first(call: HookCall, now: datetime) -> Action:
    if call.from_.startswith("+1312") and now.hour < 22:
        return Transfer(to="+13125550111")
    return Voicemail(box="desk")
