"""Which text is a number, a SIP URI, an emergency number or no number at all, and what is shown of one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.numbers import (
    country_code,
    is_e164,
    is_emergency,
    is_number,
    is_sip_uri,
    is_withheld,
    masked,
    normal,
)


@pytest.mark.parametrize("text", ["+13125550100", "+12", "+442071838750", "+123456789012345"])
def test_a_plus_and_2_to_15_digits_are_an_e164_number(text):
    assert is_e164(text)
    assert is_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "+1",
        "13125550100",
        "+03125550100",
        "+1234567890123456",
        "+1312555010x",
        "+1 312",
        "+13125550100\n",
        "+١٣١٢٥٥٥",
        "tel:+13125550100",
        "anonymous",
    ],
)
def test_anything_else_is_no_e164_number(text):
    assert not is_e164(text)
    assert not is_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "sip:ana@sales.sip.telnyx.com",
        "sips:ana@example.com",
        "sip:+13125550100@192.0.2.10:5060",
        "sip:a.b-c_d%20e@example.com;transport=tls",
        "sip:ana@[2001:db8::1]:5060",
    ],
)
def test_a_sip_uri_has_a_user_and_a_host(text):
    assert is_sip_uri(text)
    assert is_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "sip:",
        "sip:ana",
        "sip:@example.com",
        "sip:ana@",
        "SIP ana@example.com",
        "http:ana@example.com",
        "ana@example.com",
        "sip:ana@example.com\n",
        "sip:a b@example.com",
        "sip:a@b@example.com",
        "sip:ana:secret@example.com",
        "sip:*@example.com",
        "sip:ana@-example.com",
        "sip:ana@example.com;x=@example.net",
    ],
)
def test_anything_else_is_no_sip_uri(text):
    assert not is_sip_uri(text)
    assert not is_number(text)


@pytest.mark.parametrize(
    ("number", "whom"),
    [
        ("+13125550100", "+13125550100"),
        ("sip:Ana@Sales.Example.COM", "sip:Ana@sales.example.com"),
        ("sips:ana@example.com:5061;transport=TLS", "sip:ana@example.com"),
        ("sip:ana@[2001:DB8::1]:5060", "sip:ana@[2001:db8::1]"),
    ],
)
def test_ways_to_write_one_destination_have_one_normal_form(number, whom):
    assert normal(number) == whom
    assert normal(whom) == whom


@pytest.mark.parametrize(
    "text",
    [
        "911",
        "112",
        "999",
        "933",
        "000",
        "110",
        "+911",
        "+1911",
        "+1933",
        "+44999",
        "+49110",
        "+420112",
        "9-1-1",
        "+1 (911)",
        "sip:911@example.com",
        "sips:112@example.com",
        "sip:+1911@example.com",
        "sip:+420112@example.com",
        "sip:9-1-1@example.com",
        "sip:%39%31%31@example.com",
        "SIP:911@example.com",
        "sip:911;phone-context=+1@example.com",
        "sips:911:secret@example.com",
        "sip:911",
    ],
)
def test_an_emergency_number_is_one_however_it_is_written(text):
    assert is_emergency(text)


@pytest.mark.parametrize(
    "text",
    [
        "+13125550911",
        "+19115550100",
        "+9115550100",
        "+13125550112",
        "sip:ana@example.com",
        "sip:110@pbx.example.com",
        "sip:9111@pbx.example.com",
        "sip:ana@911.example.com",
        "",
        "+1411",
    ],
)
def test_a_number_that_only_holds_an_emergency_number_is_none(text):
    assert not is_emergency(text)


@given(st.from_regex(r"\A\+[1-9][0-9]{6,14}\Z"))
def test_no_subscriber_number_is_taken_for_an_emergency_number(number):
    assert is_e164(number)
    assert not is_emergency(number)


@pytest.mark.parametrize(
    "text", ["anonymous", "Anonymous", "", "Restricted", "sip:anonymous@anonymous.invalid", "+266696687"]
)
def test_a_caller_without_a_number_is_withheld(text):
    assert is_withheld(text)


@pytest.mark.parametrize(
    "text", ["+13125550100", "sip:ana@example.com", "anonymous2", "sip:ana@anonymous.invalid"]
)
def test_a_caller_with_a_number_is_not_withheld(text):
    assert not is_withheld(text)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("+13125550142", "1"),
        ("+74951234567", "7"),
        ("+442071838750", "44"),
        ("+4915112345678", "49"),
        ("+861012345678", "86"),
        ("+35312345678", "353"),
        ("+8501234567", "850"),
        ("+96181234567", "961"),
    ],
)
def test_a_number_begins_with_the_code_of_its_country(number, code):
    assert country_code(number) == code


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+13125550142", "+1•••42"),
        ("+442071838750", "+44•••50"),
        ("+35312345678", "+353•••78"),
        ("sip:ana@sales.sip.telnyx.com", "sip:•••@sales.sip.telnyx.com"),
        ("sips:+13125550142@192.0.2.10:5060;user=+13125550142", "sips:•••@192.0.2.10:5060"),
        ("anonymous", "anonymous"),
        ("", ""),
        ("2025550142", "•••42"),
        ("+12", "+1•••"),
        ("4711", "•••"),
        ("Ana Sanchez", "•••"),
        ("Ana Sanchez 42", "•••"),
    ],
)
def test_a_masked_number_shows_its_country_and_two_digits(text, shown):
    assert masked(text) == shown


@given(st.text("0123456789", min_size=7, max_size=13))
def test_of_a_number_that_is_long_enough_no_more_than_that_is_ever_shown(digits):
    number = f"+2{digits}"

    assert masked(number) in {f"+{number[1:end]}•••{number[-2:]}" for end in (3, 4)}
