"""Each mechanism, what it protects, and the test that fails without it; test_mutations.py runs them without it."""

from typing import Final, NamedTuple


class Mechanism(NamedTuple):
    """`name` is one of shared.faults.MECHANISMS. The tests of `also` fail too: the long set runs them."""

    name: str
    protects: str
    test: str
    also: tuple[str, ...] = ()


_INGRESS: Final = "tests/integration/test_ingress_group_commit.py::test_"
_CLAIMS: Final = "tests/integration/workers/test_claims.py::test_"
_DRAIN: Final = "tests/integration/workers/test_drain.py::test_"
_ENGINE: Final = "tests/integration/workers/test_engine.py::test_"
_EXCHANGE: Final = "tests/integration/workers/test_exchange.py::test_"
_HANDLE: Final = "tests/integration/workers/test_handle.py::test_"
_LEASES: Final = "tests/integration/workers/test_leases.py::test_"
_STORE: Final = "tests/integration/workers/test_store.py::test_"
_SWEEP: Final = "tests/integration/workers/test_sweep.py::test_"
_SWEEP_LOST: Final = "tests/integration/workers/test_sweep_lost.py::test_"
_VERDICTS: Final = "tests/integration/workers/test_verdicts.py::test_"
_DURABILITY: Final = "tests/e2e/test_durability.py::test_"
_CRASH_POINTS: Final = "tests/e2e/test_crash_points.py::test_"

TABLE: Final = (
    Mechanism(
        "durable_answer",
        "a 200 says that the event is on the server's disk",
        _INGRESS + "nothing_is_accepted_before_the_server_has_replied",
        (_DURABILITY + "with_appendfsync_always_every_200_comes_after_a_sync_of_its_own",),
    ),
    Mechanism(
        "seen_key",
        "an event is accepted once, though Telnyx tells it again after its job is done",
        _INGRESS + "an_event_whose_job_is_done_is_still_a_duplicate",
    ),
    Mechanism(
        "applied_set",
        "an event is applied once, though its job runs twice",
        _HANDLE + "an_event_that_is_run_more_than_once_is_applied_once",
        (_STORE + "an_event_is_applied_and_accounted_once",),
    ),
    Mechanism(
        "version_check",
        "of two workers that decide on the same state of a call, one decides again",
        _STORE + "of_two_that_have_read_one_version_one_commits_and_the_other_leaves_nothing",
        (_HANDLE + "no_worker_writes_over_what_another_has_learned_of_a_call",),
    ),
    Mechanism(
        "outbox",
        "a command whose worker dies is sent by another",
        _STORE + "commands_are_stored_with_their_bytes_and_ids_before_anybody_may_send_them",
        (
            _CRASH_POINTS
            + "what_a_killed_worker_had_in_hand_is_done_by_another_and_takes_effect_once[after_commit]",
        ),
    ),
    Mechanism(
        "first_stamp",
        "a worker that takes over knows how old a command is, and that it may have been sent",
        _DRAIN + "a_worker_that_dies_during_a_later_try_leaves_it_unproven",
    ),
    Mechanism(
        "claim_lease",
        "the commands of a call are sent by one worker at a time",
        _CLAIMS + "a_claimed_call_is_nobody_elses_until_the_claim_runs_out",
    ),
    Mechanism(
        "drain_token",
        "a worker that was thought dead stores nothing over the one that took its place",
        _CLAIMS + "who_has_lost_a_claim_can_settle_stamp_and_release_nothing",
        (_DRAIN + "who_has_lost_the_claim_sends_nothing_more",),
    ),
    Mechanism(
        "stored_id",
        "a resend is known to Telnyx as one",
        _DRAIN + "a_5xx_is_repeated_at_once_with_the_same_id_and_bytes",
    ),
    Mechanism(
        "silence_resend",
        "a request or an answer that was lost costs the caller half a second",
        _DRAIN + "after_half_a_second_of_silence_the_same_bytes_go_out_on_another_connection",
    ),
    Mechanism(
        "fifty_s_rule",
        "nothing is sent again that Telnyx may have forgotten",
        _DRAIN + "past_50_s_a_command_is_never_sent_again[True-unknown]",
        (_DRAIN + "the_age_of_a_command_is_never_taken_too_small",),
    ),
    Mechanism(
        "unknown_outcome",
        "a command that may have had its effect is not taken for one that failed",
        _DRAIN + "a_refusal_after_a_silence_leaves_the_outcome_unknown",
        (_DRAIN + "a_refusal_after_a_5xx_leaves_the_outcome_unknown",),
    ),
    Mechanism(
        "still_wanted",
        "nobody is called, or spoken to, for a call that is over",
        _DRAIN + "a_command_is_not_sent_when_its_call_ended_while_it_waited",
    ),
    Mechanism(
        "sweep",
        "the jobs of a dead worker run again, and timers fire",
        _SWEEP + "a_job_whose_lease_has_run_out_goes_to_the_front",
        (
            _SWEEP + "an_id_that_stays_in_the_intermediate_list_goes_back",
            _SWEEP + "what_is_due_is_pushed_and_what_is_not_waits",
            _CRASH_POINTS
            + "what_a_killed_worker_had_in_hand_is_done_by_another_and_takes_effect_once[after_start]",
        ),
    ),
    Mechanism(
        "lost_push",
        "an accepted event whose place in the queue was lost is found again",
        _SWEEP_LOST + "an_accepted_event_that_is_nowhere_is_pushed_after_5_s",
    ),
    Mechanism(
        "patience",
        "a restart of the server takes no job away from a worker that lives",
        _SWEEP + "after_an_outage_leases_are_given_time_to_be_renewed[for an hour]",
    ),
    Mechanism(
        "finish_fence",
        "a worker that was thought dead does not end a job that runs elsewhere",
        _VERDICTS + "a_worker_whose_lease_was_taken_does_not_end_the_job_that_runs_elsewhere",
    ),
    Mechanism(
        "start_fence",
        "a job that was given back meanwhile is not run by two",
        _EXCHANGE + "an_id_that_was_swept_back_to_the_queue_is_left_there",
    ),
    Mechanism(
        "loop_watch",
        "the jobs of a worker that is stuck run elsewhere",
        _LEASES + "a_lease_is_renewed_only_while_the_event_loop_turns[a loop that is stuck]",
    ),
    Mechanism(
        "suspects_alone",
        "a job that ends its workers takes no others with it, time after time",
        _ENGINE + "a_job_that_may_be_what_kills_workers_runs_when_nothing_else_does",
    ),
)
