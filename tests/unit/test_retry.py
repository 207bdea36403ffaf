"""What an answer means for a command: every meaning, before and after an unproven try, young and old."""

import pytest

from shared.calls import LOOKS
from shared.telnyx import Answer, ApiError, Meaning, meaning
from workers.delivery.retry import (
    BACKOFF_S,
    Attempt,
    Failed,
    Succeeded,
    Unproven,
    Wait,
    backoff,
    is_too_late,
    judge,
)

YOUNG, OLD = 1.0, 50.0
ENDED_CODE, CODE = "90018", "90055"


def answer(status=422, code=CODE, **fields):
    return Answer(status=status, errors=(ApiError(code),) if code else (), **fields)


SILENCE = Answer(status=None, reached=True, trouble="Timeout")
NOT_REACHED = Answer(status=None, reached=False, trouble="ConnectError")


def judged(means, *, uncertain=False, age_s=YOUNG, tries=2, verb="transfer", of=None):
    return judge(of or answer(), means, Attempt(verb, age_s, tries, uncertain), 1.0)


TABLE = [
    # meaning, uncertain before, verdict while young, verdict when too old for another try
    (Meaning.DONE, False, Succeeded(), Succeeded()),
    (Meaning.DONE, True, Succeeded(), Succeeded()),
    (Meaning.ENDED, False, Failed(CODE, ended=True), Failed(CODE, ended=True)),
    (Meaning.ENDED, True, Failed(CODE, ended=True), Failed(CODE, ended=True)),
    (Meaning.REFUSED_FOR_NOW, False, Wait(1.0, uncertain=False), Failed(CODE, again_in_s=1.0)),
    (Meaning.REFUSED_FOR_NOW, True, Wait(1.0, uncertain=True), Unproven()),
    (Meaning.TRY_AGAIN_NEW, False, Failed(CODE, again_in_s=1.0), Failed(CODE, again_in_s=1.0)),
    (Meaning.TRY_AGAIN_NEW, True, Unproven(), Unproven()),
    (Meaning.NO_PROOF, False, Wait(0.5, uncertain=True), Unproven()),
    (Meaning.NO_PROOF, True, Wait(0.5, uncertain=True), Unproven()),
    (Meaning.DENIED, False, Failed(CODE), Failed(CODE)),
    (Meaning.DENIED, True, Unproven(), Unproven()),
    (Meaning.FAILED, False, Failed(CODE), Failed(CODE)),
    (Meaning.FAILED, True, Unproven(), Unproven()),
]


@pytest.mark.parametrize(
    ("means", "uncertain", "young", "old"),
    TABLE,
    ids=[f"{means} {'after an unproven try' if uncertain else 'first'}" for means, uncertain, _, _ in TABLE],
)
def test_what_an_answer_means_for_its_command(means, uncertain, young, old):
    assert judged(means, uncertain=uncertain) == young
    assert judged(means, uncertain=uncertain, age_s=OLD) == old


def test_the_table_has_every_meaning():
    assert {means for means, *_ in TABLE} == set(Meaning)


@pytest.mark.parametrize("means", sorted(set(Meaning) - {Meaning.ENDED}))
@pytest.mark.parametrize("age_s", [0.0, YOUNG, 49.9, OLD, 51.0, 3600.0])
@pytest.mark.parametrize("tries", [1, 2, 7])
def test_after_an_unproven_try_no_answer_counts_as_a_failure(means, age_s, tries):
    """A leg that is over is the exception: whatever the try did, nothing of it is left."""
    verdict = judged(means, uncertain=True, age_s=age_s, tries=tries)

    assert not isinstance(verdict, Failed)


@pytest.mark.parametrize(
    ("age_s", "too_late"),
    [(0.0, False), (50.0, False), (50.001, True), (3600.0, True), (-0.5, False), (-5.0, True)],
)
def test_a_command_is_sent_within_50_s_of_its_first_send_or_not_at_all(age_s, too_late):
    """An age below zero: the server's clock was set back, and nobody knows how old the command is."""
    assert is_too_late(age_s) is too_late


def test_a_wait_that_would_end_past_50_s_is_not_waited_for():
    asked = answer(503, "", retry_after_s=30.0)

    assert judged(Meaning.NO_PROOF, age_s=20.0, of=asked) == Wait(30.0, uncertain=True)
    assert judged(Meaning.NO_PROOF, age_s=20.1, of=asked) == Unproven()


def test_a_429_past_50_s_becomes_a_new_command_after_the_wait_that_was_asked_for():
    asked = answer(429, "10011", retry_after_s=20.0)

    assert judged(Meaning.REFUSED_FOR_NOW, age_s=35.0, of=asked) == Failed("10011", again_in_s=20.0)


@pytest.mark.parametrize("verb", sorted(LOOKS))
def test_a_look_that_is_refused_to_the_end_is_given_up(verb):
    """The command that it was about has a number of looks; this one is spent."""
    verdict = judged(Meaning.REFUSED_FOR_NOW, age_s=OLD, verb=verb)

    assert verdict == Failed(CODE, again_in_s=None)


@pytest.mark.parametrize("verb", sorted(LOOKS))
@pytest.mark.parametrize("of", [SILENCE, answer(503, "")], ids=["silence", "503"])
def test_a_look_is_never_uncertain_because_it_changes_nothing(verb, of):
    verdict = judged(Meaning.NO_PROOF, verb=verb, of=of)

    assert verdict == Wait(0.5, uncertain=False)


def test_what_never_reached_telnyx_is_not_uncertain():
    assert judged(Meaning.NO_PROOF, of=NOT_REACHED) == Wait(0.5, uncertain=False)
    assert judged(Meaning.NO_PROOF, of=NOT_REACHED, age_s=OLD) == Failed("ConnectError", again_in_s=0.5)


@pytest.mark.parametrize(
    ("tries", "delay_s"), [(1, 0.0), (2, 0.5), (3, 1.0), (4, 2.0), (5, 4.0), (6, 8.0), (7, 8.0), (100, 8.0)]
)
def test_the_first_repeat_is_at_once_and_the_pauses_double_to_8_s(tries, delay_s):
    assert backoff(tries) == delay_s


@pytest.mark.parametrize("jitter", [0.75, 0.9, 1.0])
def test_pauses_are_spread(jitter):
    verdict = judge(SILENCE, Meaning.NO_PROOF, Attempt("transfer", YOUNG, 4, False), jitter)

    assert verdict == Wait(2.0 * jitter, uncertain=True)


@pytest.mark.parametrize("tries", [1, 2, 3])
def test_a_429_without_a_wait_is_never_repeated_at_once(tries):
    verdict = judge(answer(429, "10011"), Meaning.REFUSED_FOR_NOW, Attempt("dial", YOUNG, tries, False), 0.75)

    assert verdict == Wait(1.0, uncertain=False)


@pytest.mark.parametrize("means", [Meaning.REFUSED_FOR_NOW, Meaning.NO_PROOF])
def test_a_wait_that_telnyx_asks_for_is_kept_to_the_second(means):
    verdict = judge(answer(503, "", retry_after_s=7.0), means, Attempt("dial", YOUNG, 1, False), 0.75)

    assert verdict.delay_s == 7.0


@pytest.mark.parametrize(
    ("status", "uncertain", "verdict"),
    [
        pytest.param(503, False, Unproven(), id="a 5xx may have been performed"),
        pytest.param(429, False, Failed(CODE), id="a 429 was not"),
        pytest.param(429, True, Unproven(), id="a 429 after an unproven try"),
        pytest.param(422, False, Failed(CODE), id="a refusal"),
    ],
)
def test_told_not_to_retry_nothing_is_sent_again(status, uncertain, verdict):
    told = answer(status, should_retry=False)

    assert judged(meaning(told), uncertain=uncertain, of=told) == verdict


def test_told_to_retry_a_refusal_is_sent_again():
    told = answer(422, should_retry=True)

    assert judged(meaning(told), of=told) == Wait(0.5, uncertain=True)


def test_a_refusal_without_a_code_is_named_by_its_status():
    assert judged(Meaning.FAILED, of=answer(418, "")) == Failed("418")


def test_the_pauses_fit_into_50_s():
    """Seven tries before the outcome counts as unknown, even when each of them is silent for 5 s."""
    assert sum(BACKOFF_S) + 6 * 5 < 50
