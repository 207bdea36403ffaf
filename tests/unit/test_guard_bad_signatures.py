"""Bad signatures are counted per peer over a sliding window, in bounded memory."""

from ingress.bad_signatures import MAX_PEERS, BadSignatures


def test_the_hundred_and_first_within_ten_seconds_is_over_the_limit():
    bad = BadSignatures()

    over = [bad.is_over_limit("a", 1000 + i * 0.09) for i in range(102)]

    assert over == [False] * 100 + [True] * 2


def test_the_window_slides():
    bad = BadSignatures()
    for i in range(100):
        bad.is_over_limit("a", 1000 + i * 0.1)

    assert not bad.is_over_limit("a", 1010.0)
    assert bad.is_over_limit("a", 1010.05)


def test_peers_are_counted_apart():
    bad = BadSignatures()
    for _ in range(101):
        bad.is_over_limit("a", 1000)

    assert not bad.is_over_limit("b", 1000)


def test_only_the_latest_peers_are_remembered():
    bad = BadSignatures()
    for _ in range(101):
        bad.is_over_limit("first", 1000)
    for i in range(MAX_PEERS):
        bad.is_over_limit(str(i), 1000)

    assert not bad.is_over_limit("first", 1000)
