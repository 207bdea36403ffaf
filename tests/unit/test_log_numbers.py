"""No line of a log holds a number, wherever its text came from."""

import pytest

from shared import log


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no such caller: +13125550142", "no such caller: +1•••42"),
        ("GET /calls?filter%5Bto%5D=%2B13125550142&x", "GET /calls?filter%5Bto%5D=+1•••42&x"),
        ("to sip:ana@sales.sip.telnyx.com; and +447911123456.", "to sip:•••@sales.sip.telnyx.com; and +44•••56."),
        ("6d1f0a3e-5f1c-4b7e-9c57-0b1c2d3e4f50 at 12:30:05+00:00", None),
        ("v3:abc+13125550142", None),  # of an id, that happens to look so
        ("2900000000000000001", None),
    ],
)
def test_numbers_within_a_text_are_masked_and_ids_are_not(text, shown):
    assert log._masked(None, "", {"reason": text, "count": 3}) == {"reason": shown or text, "count": 3}
