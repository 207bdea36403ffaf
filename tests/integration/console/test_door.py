"""Who may see the page, and what every answer of it carries."""

import re

import httpx
import pytest

from tests.integration.console.conftest import PASSWORD, USER

SCREENS = ("", "queues", "dead", "outbound", "page.css", "page.js")
ACTIONS = (
    *("", "unmask", "call", "dead/letter", "dead/dry-run", "dead/replay", "dead/discard"),
    *("outbound/pause", "outbound/resume", "queues/drain"),
)
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@pytest.mark.parametrize("path", ["", "queues", "page.css", "dead/replay"])
def test_without_a_password_in_the_environment_there_is_no_page(web, path):
    assert web.http.get(f"/console/{path}", auth=(USER, "")).status_code == 404
    assert web.http.post(f"/console/{path}", auth=(USER, "")).status_code == 404
    assert web.http.get("/console").status_code == 404


@pytest.mark.parametrize(
    "auth",
    [None, (USER, ""), (USER, "another"), (USER, PASSWORD + "x"), (USER, PASSWORD[:-1]), (PASSWORD, "")],
    ids=["none", "empty", "another", "longer", "shorter", "as user"],
)
@pytest.mark.parametrize("path", [*SCREENS, "no-such-page"])
def test_nothing_is_seen_without_the_password(page, path, auth):
    given = auth and (auth[0].encode(), auth[1].encode())

    with httpx.Client(base_url=page.url, auth=given, trust_env=False) as stranger:
        answer = stranger.get(path)
        posted = stranger.post(path, data={"token": page.token()})

    assert (answer.status_code, posted.status_code) == (401, 401)
    assert answer.headers["www-authenticate"].startswith("Basic realm=")
    assert "Trunkline</title>" not in answer.text


@pytest.mark.parametrize("path", SCREENS)
def test_anybody_with_the_password_sees_every_screen(page, path):
    assert page.get(path).status_code == 200


@pytest.mark.parametrize("path", [*SCREENS, "no-such-page", "call", "dead/replay"])
def test_every_answer_has_the_strict_headers(page, path):
    answer = page.get(path)

    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", [path for path in SCREENS if "." not in path])
def test_no_screen_has_anything_inline_or_from_elsewhere(page, path):
    text = page.text(path)

    assert text.count("<script") == text.count('<script src="/console/page.js"') == 1
    assert "<style" not in text
    assert " style=" not in text
    assert not re.search(r"<[^>]*\son\w+=", text)
    assert "://" not in text


def test_the_page_without_its_last_slash_leads_there(page):
    answer = page.http.get(page.url.rstrip("/"))

    assert (answer.status_code, answer.headers["location"]) == (308, "/console/")


@pytest.mark.parametrize("path", ACTIONS)
@pytest.mark.parametrize("token", ["", "0" * 64, "é", None], ids=["empty", "another", "no hex", "none"])
def test_no_action_is_done_by_a_form_that_is_not_ours(page, valkey, path, token):
    fields = {"profile": "reminder", "reason": "x"} | ({} if token is None else {"token": token})

    answer = page.http.post(path, data=fields)

    assert answer.status_code == 403
    assert not valkey.exists("trunkline:outbound:reminder")
    assert page.audited() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
    ids=str,
)
def test_no_action_is_done_by_a_form_of_another_site(page, valkey, headers):
    answer = page.post("outbound/pause", headers=headers, profile="reminder")

    assert answer.status_code == 403
    assert not valkey.exists("trunkline:outbound:reminder")


def test_a_token_is_of_one_person(page):
    token = page.token()

    answer = httpx.post(
        f"{page.url}outbound/pause",
        data={"token": token, "profile": "reminder"},
        auth=(b"bob", PASSWORD.encode()),
        trust_env=False,
    )

    assert answer.status_code == 403


def test_what_is_only_done_is_not_seen_and_the_other_way_round(page):
    seen, done = page.get("outbound/pause"), page.post("queues")

    assert (seen.status_code, seen.headers["allow"]) == (405, "POST")
    assert (done.status_code, done.headers["allow"]) == (405, "GET, HEAD")


def test_a_form_that_is_too_large_is_refused(page):
    assert page.post("outbound/pause", profile="x" * 20_000).status_code == 413


def test_without_valkey_the_page_says_so(page, start_page, own_valkey):
    alone = start_page(REDIS_URL=own_valkey.connection_url)
    assert alone.get().status_code == 200

    own_valkey.stop()
    answer = alone.get()

    assert answer.status_code == 503
    assert "Valkey does not answer" in answer.text
    own_valkey.start()
