"""Dialplans with a mistake in them, and what is said about it."""

import pytest

from shared.dialplan import parse
from shared.errors import DialplanError

HEAD = """\
version = 1
timezone = "America/Chicago"
voice = "female"
"""
DEFAULT = """\
[default]
then = { do = "reject" }
"""
NUMBER = "an E.164 number (+13125550100) or a SIP URI (sip:ana@example.com)"
PATTERN = "a number (+13125550100), a prefix (+1312*) or a SIP URI"
URL = "an http or https URL"
HOOK = 'a function as "module:function"'
NEEDS_AMD = 'needs amd = { mode = "premium" }'
NO_VARIABLES = "{ and } are for variables, and only the texts of [outbound.NAME] have those"
SPOKEN = "a text of 1 to 3000 characters"


def error_of(text):
    with pytest.raises(DialplanError) as caught:
        parse(text)
    return str(caught.value)


def told_of(tables):
    """What is said of these tables in a dialplan that is right around them, from the number of the line on."""
    told = error_of(HEAD + tables + DEFAULT)
    assert len(told.splitlines()) == 1
    return told.removeprefix("dialplan.toml:")


def rule(then, when='{ to = "+13125550100" }'):
    return f'[[rules]]\nname = "clinic: open"\nwhen = {when}\nthen = {then}\n'


def schedule(*lines):
    return "\n".join(("[schedules.clinic]", *lines, ""))


def box(*lines):
    return "\n".join(("[voicemail.clinic]", *lines, ""))


def group(*lines):
    return "\n".join(("[groups.sales]", 'members = ["+13125550211"]', *lines, ""))


def outbound(*lines):
    return "\n".join(("[outbound.reminder]", 'from = "+13125550300"', *lines, ""))
