"""What our call control application has to be, and what of another one differs."""

import pytest

from console import application
from shared.telnyx.applications import Application, ApplicationChanges, Outbound, OutboundSettings, changed

WANTED = application.wanted("https://voice.example.com", None)
RIGHT = Application(
    id="1",
    active=True,
    application_name="desk",
    first_command_timeout=True,
    first_command_timeout_secs=30,
    outbound=Outbound(outbound_voice_profile_id="77"),
    webhook_api_version="2",
    webhook_event_url="https://voice.example.com/webhooks/telnyx",
    webhook_timeout_secs=2,
)


def with_(**settings):
    return Application(**{name: getattr(RIGHT, name) for name in RIGHT.__struct_fields__} | settings)


def differing(found, wanted=WANTED):
    return [change.setting for change in application.changes(wanted, found)]


def test_an_application_that_is_as_wanted_differs_in_nothing():
    assert differing(RIGHT) == []


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("active", False),
        ("active", None),
        ("first_command_timeout", False),
        ("first_command_timeout_secs", 5),
        ("webhook_api_version", "1"),
        ("webhook_event_url", "https://old.example.com/webhooks/telnyx"),
        ("webhook_timeout_secs", None),
    ],
)
def test_a_setting_that_trunkline_relies_on_is_told_with_both_values(setting, value):
    change = application.changes(WANTED, with_(**{setting: value}))

    assert change == [application.Change(setting, value, getattr(RIGHT, setting))]


def test_what_is_not_asked_for_stays_as_it_is():
    found = with_(application_name="anything", webhook_event_failover_url="https://b.example.com/x", tags=("a",))

    assert differing(found) == []


def test_name_failover_and_outbound_profile_are_changed_when_they_are_asked_for():
    wanted = application.wanted("https://voice.example.com", "front", "https://two.example.com/", "88")

    assert [(change.setting, change.wanted) for change in application.changes(wanted, RIGHT)] == [
        ("application_name", "front"),
        ("webhook_event_failover_url", "https://two.example.com/webhooks/telnyx"),
        ("outbound_voice_profile_id", "88"),
    ]


def test_an_address_that_names_the_route_already_is_that_route():
    assert (
        application.webhook_url("https://a.example.com/webhooks/telnyx") == "https://a.example.com/webhooks/telnyx"
    )


def test_an_update_holds_the_changes_and_leaves_the_rest():
    wanted = application.wanted("https://new.example.com", None, profile_id="88")

    sent = application.update(application.changes(wanted, RIGHT))

    assert sent == ApplicationChanges(
        webhook_event_url="https://new.example.com/webhooks/telnyx",
        outbound=OutboundSettings(outbound_voice_profile_id="88"),
    )
    assert changed(RIGHT, sent).application_name == "desk"


def test_a_new_application_has_everything_that_is_wanted():
    sent = application.creation(application.wanted("https://voice.example.com/", "trunkline", profile_id="88"))

    assert sent.webhook_api_version == "2"
    assert sent.webhook_event_url == "https://voice.example.com/webhooks/telnyx"
    assert sent.outbound == OutboundSettings(outbound_voice_profile_id="88")


@pytest.mark.parametrize("found", [None, with_(outbound=None), with_(outbound=Outbound())])
def test_without_an_outbound_profile_there_is_a_warning(found):
    assert "D38" in application.warnings(WANTED, found)[0]


def test_with_an_outbound_profile_there_is_none():
    wanting = application.wanted("https://voice.example.com", None, profile_id="88")

    assert application.warnings(WANTED, RIGHT) == []
    assert application.warnings(wanting, None) == []
