"""Every key of a dialplan has its choices in words."""

from typing import Literal, get_args, get_origin

import msgspec
import pytest

from shared.dialplan import (
    Amd,
    Box,
    Default,
    Greeting,
    Group,
    Limits,
    Outbound,
    Plan,
    RecordingPolicy,
    Rule,
    Schedule,
    When,
)
from shared.dialplan.schema import ACTIONS
from shared.dialplan.wording import expected

STRUCTS = [
    ((), Plan),
    (("rules", 0), Rule),
    (("rules", 0, "when"), When),
    (("recording", "x"), RecordingPolicy),
    (("groups", "x"), Group),
    (("limits",), Limits),
    (("outbound", "x"), Outbound),
    (("outbound", "x", "amd"), Amd),
    (("default",), Default),
    (("schedules", "x"), Schedule),
    (("voicemail", "x"), Box),
    (("voicemail", "x", "greeting"), Greeting),
    *((("rules", 0, "then"), action) for action in ACTIONS),
]


@pytest.mark.parametrize(("path", "struct"), STRUCTS, ids=[struct.__name__ for _, struct in STRUCTS])
def test_every_key_has_its_choices_in_words(path, struct):
    for field in msgspec.structs.fields(struct):
        told = expected((*path, field.encode_name))
        choices = [str(choice) for choice in get_args(field.type)] if get_origin(field.type) is Literal else []

        assert told
        assert all(choice in told for choice in choices)
