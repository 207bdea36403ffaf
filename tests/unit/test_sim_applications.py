"""The stand-in's call control applications: made, changed, found, and what is refused."""

import json

import msgspec
import pytest

from simulator.applications import Applications
from simulator.query import Ask
from simulator.refusals import Refusal

WANTED = {"application_name": "Lake Clinic", "webhook_event_url": "https://voice.example.com/webhooks/telnyx"}
DEFAULTS = {
    "active": True,
    "anchorsite_override": "Latency",
    "call_cost_in_webhooks": False,
    "dtmf_type": "RFC 2833",
    "first_command_timeout": False,
    "first_command_timeout_secs": 30,
    "inbound": {
        "channel_limit": None,
        "shaken_stir_enabled": False,
        "sip_subdomain": None,
        "sip_subdomain_receive_settings": "from_anyone",
    },
    "outbound": {"channel_limit": None, "outbound_voice_profile_id": None},
    "record_type": "call_control_application",
    "redact_dtmf_debug_logging": False,
    "tags": [],
    "webhook_api_version": "1",
    "webhook_event_failover_url": None,
    "webhook_timeout_secs": None,
}


def ask(body=None, *, id_=None, query=None, now=1000.0):
    return Ask({"id": id_} if id_ else {}, query or {}, json.dumps(body or {}).encode(), now)


def data(answer):
    return msgspec.to_builtins(answer["data"])


def made(*names):
    applications = Applications()
    for place, name in enumerate(names):
        applications.create(ask(WANTED | {"application_name": name, "active": place % 2 == 0}, now=1000.0 + place))
    return applications


def names(applications, **query):
    return [one["application_name"] for one in data(applications.listed(ask(query=query)))]


def refused(call, *args):
    with pytest.raises(Refusal) as refusal:
        call(*args)
    return refusal.value


def test_an_application_has_the_documented_defaults_and_an_id_of_nineteen_digits():
    application = data(Applications().create(ask(WANTED)))

    assert application.items() >= (WANTED | DEFAULTS).items()
    assert application["id"].isdigit()
    assert len(application["id"]) == 19
    assert application["created_at"] == application["updated_at"] == "1970-01-01T00:16:40.000000Z"


def test_every_application_has_an_id_of_its_own():
    applications = made("one", "other")

    ids = [one["id"] for one in data(applications.listed(ask()))]

    assert len(set(ids)) == 2


def test_a_change_leaves_what_it_does_not_name_also_inside_of_objects():
    applications = Applications()
    before = data(applications.create(ask(WANTED | {"tags": ["a"], "outbound": {"channel_limit": 3}})))
    change = WANTED | {"outbound": {"outbound_voice_profile_id": "17"}, "webhook_timeout_secs": 5}

    after = data(applications.update(ask(change, id_=before["id"], now=2000.0)))

    assert after["outbound"] == {"channel_limit": 3, "outbound_voice_profile_id": "17"}
    assert (after["tags"], after["webhook_timeout_secs"]) == (["a"], 5)
    assert (after["created_at"], after["updated_at"]) == (before["created_at"], "1970-01-01T00:33:20.000000Z")
    assert data(applications.one(ask(id_=before["id"]))) == after


@pytest.mark.parametrize("name", ["webhook_timeout_secs", "webhook_event_failover_url"])
def test_what_may_be_null_can_be_set_back_to_it(name):
    applications = Applications()
    full = WANTED | {"webhook_timeout_secs": 5, "webhook_event_failover_url": "https://other.example.com/"}
    id_ = data(applications.create(ask(full)))["id"]

    after = data(applications.update(ask(WANTED | {name: None}, id_=id_)))

    assert after[name] is None


def test_a_deleted_application_is_answered_once_more_and_then_gone():
    applications = made("one", "other")
    id_ = data(applications.listed(ask()))[0]["id"]

    deleted = data(applications.delete(ask(id_=id_)))

    assert deleted["id"] == id_
    assert names(applications) == ["one"]


@pytest.mark.parametrize("act", [Applications.one, Applications.update, Applications.delete])
def test_an_unknown_application_is_not_found(act):
    refusal = refused(act, made("one"), ask(WANTED, id_="1234567890123456789"))

    assert (refusal.status, refusal.code) == (404, "10005")


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"application_name": None}, "10015", "/application_name"),
        ({"application_name": ""}, "10033", "/application_name"),
        ({"webhook_event_url": "voice.example.com"}, "10015", "/webhook_event_url"),
        ({"webhook_event_url": "https://[broken"}, "10015", "/webhook_event_url"),
        ({"webhook_event_url": "https://e.com/" + "x" * 2000}, "10015", "/webhook_event_url"),
        ({"webhook_event_failover_url": "ftp://e.com"}, "10015", "/webhook_event_failover_url"),
        ({"active": "yes"}, "10015", "/active"),
        ({"anchorsite_override": "Paris"}, "10032", "/anchorsite_override"),
        ({"dtmf_type": "rfc2833"}, "10032", "/dtmf_type"),
        ({"first_command_timeout_secs": -1}, "10033", "/first_command_timeout_secs"),
        ({"inbound": {"channel_limit": -1}}, "10033", "/inbound/channel_limit"),
        (
            {"inbound": {"sip_subdomain_receive_settings": "all"}},
            "10032",
            "/inbound/sip_subdomain_receive_settings",
        ),
        ({"outbound": []}, "10015", "/outbound"),
        ({"webhook_api_version": "3"}, "10032", "/webhook_api_version"),
        ({"webhook_timeout_secs": 31}, "10033", "/webhook_timeout_secs"),
        ({"webhook_timeout_secs": -1}, "10033", "/webhook_timeout_secs"),
    ],
)
@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_wrong_field_is_refused_with_its_code_and_place(verb, change, code, pointer):
    applications = made("one")
    id_ = data(applications.listed(ask()))[0]["id"]

    refusal = refused(getattr(applications, verb), ask(WANTED | change, id_=id_))

    assert (refusal.status, refusal.code, refusal.pointer) == (422, code, pointer)
    assert names(applications) == ["one"]


@pytest.mark.parametrize("verb", ["create", "update"])
@pytest.mark.parametrize("absent", sorted(WANTED))
def test_name_and_webhook_address_are_mandatory_in_a_change_too(verb, absent):
    applications = made("one")
    id_ = data(applications.listed(ask()))[0]["id"]
    body = {name: value for name, value in WANTED.items() if name != absent}

    refusal = refused(getattr(applications, verb), ask(body, id_=id_))

    assert (refusal.status, refusal.code, refusal.pointer) == (422, "10004", f"/{absent}")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["beta", "Alpha", "gamma"]),
        ({"sort": "created_at"}, ["gamma", "Alpha", "beta"]),
        ({"sort": "-created_at"}, ["beta", "Alpha", "gamma"]),
        ({"sort": "connection_name"}, ["Alpha", "beta", "gamma"]),
        ({"sort": "-connection_name"}, ["gamma", "beta", "Alpha"]),
        ({"sort": "active"}, ["Alpha", "gamma", "beta"]),
        ({"filter[application_name][contains]": "ALP"}, ["Alpha"]),
        ({"filter[outbound.outbound_voice_profile_id]": "17"}, []),
        ({"page[size]": "2"}, ["beta", "Alpha"]),
        ({"page[size]": "2", "page[number]": "2"}, ["gamma"]),
        ({"page[size]": "2", "page[number]": "3"}, []),
        ({"an unknown": "key"}, ["beta", "Alpha", "gamma"]),
    ],
)
def test_applications_are_found_and_ordered(query, found):
    assert names(made("gamma", "Alpha", "beta"), **query) == found


@pytest.mark.parametrize(
    "name", ["filter[outbound.outbound_voice_profile_id]", "filter[outbound_voice_profile_id]"]
)
def test_applications_are_found_by_their_voice_profile(name):
    applications = made("one")
    profile = {"outbound": {"outbound_voice_profile_id": "17"}}
    applications.create(ask(WANTED | profile))

    assert names(applications, **{name: "17"}) == ["Lake Clinic"]


def test_the_meta_of_a_list_tells_its_pages():
    answer = made("a", "b", "c").listed(ask(query={"page[size]": "2", "page[number]": "2"}))

    assert answer["meta"] == {"page_number": 2, "page_size": 2, "total_pages": 2, "total_results": 3}


@pytest.mark.parametrize("kept", [(), ("one",)])
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"sort": "name"}, "10032"),
        ({"page[number]": "0"}, "10033"),
        ({"page[number]": "two"}, "10015"),
        ({"page[number]": "9" * 5000}, "10015"),
        ({"page[size]": "251"}, "10033"),
        ({"filter[application_name][contains]": "ab"}, "10015"),
    ],
)
def test_a_wrong_query_is_refused_with_its_parameter_whatever_is_kept(query, code, kept):
    refusal = refused(made(*kept).listed, ask(query=query))

    assert (refusal.status, refusal.code, refusal.parameter) == (422, code, *query)
    assert json.loads(refusal.body())["errors"][0]["source"] == {"parameter": refusal.parameter}
