"""`trunkline dnc`: the do-not-call list as an operator keeps it."""

import json

import pytest

from console.dnc import BATCH
from tests.command import trunkline

LISTED = ["+13125550123", "+13125550124", "sip:Ana@sales.example.com"]


@pytest.fixture
def dnc(redis_url, valkey):
    return lambda *words, given=b"": trunkline("dnc", *words, given=given, REDIS_URL=redis_url)


def kept(valkey):
    return sorted(number.decode() for number in valkey.smembers("trunkline:dnc"))


def test_numbers_are_put_on_the_list_once_whichever_way_they_are_written(dnc, valkey):
    valkey.sadd("trunkline:dnc", "+13125550123")
    written = ("sips:Ana@Sales.Example.com:5061", "sip:Ana@sales.example.com;transport=tls")

    added = dnc("add", "+13125550123", "+13125550124", "+13125550124", *written)

    assert added == (0, "2 added, 1 already there\n", "")
    assert kept(valkey) == LISTED


def test_numbers_are_taken_off_the_list(dnc, valkey):
    valkey.sadd("trunkline:dnc", *LISTED)

    code, told, _ = dnc("remove", "+13125550124", "+13125550125", "sip:Ana@SALES.example.com", "--json")

    assert (code, json.loads(told)) == (0, {"removed": 2, "not_there": 1})
    assert kept(valkey) == ["+13125550123"]


def test_a_file_is_read_from_standard_input_with_its_comments(dnc, valkey):
    file = "\ufeff# asked on Monday\n+13125550123\r\n\n  +13125550124  # Bob\nsip:Ana@sales.example.com"

    code, told, _ = dnc("add", "-", "+13125550123", "--json", given=file.encode())

    assert (code, json.loads(told)) == (0, {"added": 3, "already_there": 0})
    assert kept(valkey) == LISTED


def test_a_list_longer_than_a_batch_is_added_shown_sorted_and_removed(dnc, valkey):
    numbers = [f"+1312{number:07}" for number in range(2 * BATCH + 1)]
    file = "\n".join(reversed(numbers)).encode()

    added = dnc("add", "-", given=file)
    shown, told = dnc("list"), dnc("list", "--json")
    removed = dnc("remove", "-", given=shown[1].encode())

    assert added[1] == f"{2 * BATCH + 1} added, 0 already there\n"
    assert shown[1].splitlines() == json.loads(told[1]) == numbers
    assert removed[1] == f"{2 * BATCH + 1} removed, 0 not there\n"
    assert dnc("list") == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "file", "named"),
    [
        (("add", "+13125550123", "555-0123"), b"", "'555-0123'"),
        (("add", "-"), b"# ours\n+13125550123\nnot a number # at all\n", "line 3: 'not a number'"),
        (("add", "-"), b"+13125550123\n\xff\n", "line 2: "),
        (("remove", "+1312*"), b"", "'+1312*'"),
    ],
)
def test_a_number_that_is_none_is_named_and_nothing_is_changed(dnc, valkey, arguments, file, named):
    code, told, said = dnc(*arguments, given=file)

    assert (code, told) == (2, "")
    assert named in said
    assert said.count("\n") == 1
    assert valkey.exists("trunkline:dnc") == 0
