"""The page in a real Chromium: it refreshes by itself, its buttons work under its policy, and it fits a phone."""

import os
import time
from urllib.parse import quote

import pytest

from shared import queues
from tests import browser
from tests.integration.console.conftest import PASSWORD, USER
from tests.integration.dead.letters import parked
from tests.integration.happened import call_of, happens, of_leg
from tests.integration.workers.bench import CALLER, incoming, noted


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    binary = browser.find()
    if binary is None:
        assert not os.environ.get("CI"), "Chromium is not installed: .ci/run installs it by name"
        pytest.skip("no Chromium here")
    opened = browser.Browser(binary, tmp_path_factory.mktemp("chromium"))
    yield opened
    opened.close()


@pytest.fixture
def tab(chromium, page):
    """A browser that has been asked for the password, and has complained of nothing when the test ends."""
    chromium.screen(1200, 800)
    chromium.complaints.clear()
    chromium.go(page.url.replace("//", f"//{quote(USER)}:{quote(PASSWORD)}@"))
    yield chromium
    assert chromium.complaints == []


def click(tab, label):
    """The first button that says so, once the page that it leads to is there."""
    tab.run("window.before = true")
    tab.run(f"[...document.querySelectorAll('button')].find(b => b.textContent === {label!r}).click()")
    tab.wait_for("!window.before && document.readyState == 'complete'")


def text(tab):
    return tab.run("document.body.innerText")


def test_a_call_that_begins_appears_by_itself(tab, redis_url, valkey):
    assert "No calls." in text(tab)

    happens(redis_url, valkey, incoming())

    tab.wait_for("document.body.innerText.includes('clinic')")
    assert tab.run("document.querySelectorAll('#calls tbody tr').length") == 1
    assert tab.run("performance.getEntriesByType('navigation').length") == 1


def test_a_profile_is_paused_by_its_button(tab, page, valkey):
    tab.go(f"{page.url}outbound")

    click(tab, "pause")

    assert valkey.hget("trunkline:outbound:reminder", "paused") == b"1"
    assert tab.run("location.pathname") == "/console/outbound"
    click(tab, "resume")
    assert not valkey.hexists("trunkline:outbound:reminder", "paused")


def test_dead_letters_are_replayed_by_a_button(tab, page, redis_url, valkey):
    parked(redis_url, noted())
    tab.go(f"{page.url}dead")

    click(tab, "replay")

    assert "1 replayed" in text(tab)
    assert valkey.llen(queues.queue_key("routing")) == 1


def test_a_search_for_a_number_and_its_unmasking(tab, page, redis_url, valkey):
    happens(redis_url, valkey, incoming(), of_leg("call.answered", "session-1"))
    tab.run(f"document.querySelector('[name=q]').value = {CALLER!r}")

    click(tab, "Search")
    masked = text(tab)
    click(tab, "show numbers")

    assert "+1•••42" in masked
    assert CALLER not in masked
    assert CALLER in text(tab)
    assert CALLER not in tab.run("location.href")


def test_the_picture_of_a_call_has_bars_in_its_own_colours(tab, page, redis_url, valkey):
    happens(redis_url, valkey, incoming(), of_leg("call.answered", "session-1"))

    tab.go(f"{page.url}call?id={call_of('session-1')}")

    bars = "[...document.querySelectorAll('.line rect.answered')]"
    assert tab.run(f"{bars}.length") > 0
    assert tab.run(f"{bars}.every(bar => bar.getBoundingClientRect().height == 10)")
    assert tab.run(f"getComputedStyle({bars}[0]).fill") == "rgb(47, 158, 143)"


@pytest.mark.parametrize("path", ["", "call", "queues", "dead", "outbound"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_screen_fits_a_phone_in_the_colours_that_its_owner_likes(tab, page, redis_url, valkey, path, dark):
    happens(redis_url, valkey, incoming(), of_leg("call.answered", "session-1"))
    parked(redis_url, noted())
    valkey.zadd(queues.beat_key("routing"), {"a-worker-with-a-long-name": time.time()})
    tab.screen(360, 740, dark=dark, phone=True)

    tab.go(f"{page.url}{path}{'?id=' + call_of('session-1') if path == 'call' else ''}")

    assert tab.run("document.documentElement.scrollWidth") == 360
    assert tab.run("getComputedStyle(document.body).backgroundColor") == (
        "rgb(20, 24, 28)" if dark else "rgb(251, 251, 249)"
    )


def test_a_page_that_is_old_says_so(tab, page, start_page, own_valkey):
    alone = start_page(REDIS_URL=own_valkey.connection_url)
    tab.go(alone.url.replace("//", f"//{quote(USER)}:{quote(PASSWORD)}@"))
    assert tab.run("document.getElementById('stale').hidden") is True

    own_valkey.stop()

    tab.wait_for("!document.getElementById('stale').hidden")
    own_valkey.start()
    tab.wait_for("document.getElementById('stale').hidden")
    tab.complaints.clear()  # of the answers that were 503
