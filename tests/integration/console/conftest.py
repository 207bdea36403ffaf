"""The operator's page over real HTTP, on the tests' Valkey."""

import html
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.processes import Web
from tests.waiting import PATIENCE_S

PASSWORD = "a pass: phrase, ä"
USER = "ana"


class Page:
    """The page as a person uses it who has the password: forms are sent with what their page gave."""

    def __init__(self, web: Web) -> None:
        self.url = f"http://127.0.0.1:{web.port}/console/"
        self._web = web
        self._told = 0  # characters of the log that are of tests before this one
        self.http = httpx.Client(
            base_url=self.url, auth=(USER, PASSWORD.encode()), timeout=PATIENCE_S, trust_env=False
        )

    def get(self, path: str = "", **query: str) -> httpx.Response:
        return self.http.get(path, params=query)

    def text(self, path: str = "", **query: str) -> str:
        """What stands on a screen that is there."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return html.unescape(answer.text)

    def token(self) -> str:
        found = re.search(r'name="token" value="([0-9a-f]+)"', self.text())
        assert found
        return found[1]

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
        return self.http.post(path, data={"token": self.token(), **fields}, headers=headers)

    def forget(self) -> None:
        """What was logged until now."""
        self._told = len(self._web.output)

    def log(self) -> str:
        return self._web.output[self._told :]

    def audited(self) -> list[dict[str, Any]]:
        """The lines that tell of actions, without what every line has."""
        lines = map(json.loads, self.log().splitlines())
        told = [line for line in lines if line["event"] == "console_action"]
        usual = {"event", "process", "level", "logger", "timestamp"}
        return [{name: value for name, value in line.items() if name not in usual} for line in told]


@pytest.fixture
def start_page(redis_url: str, start_web: Callable[..., Web]) -> Iterator[Callable[..., Page]]:
    pages: list[Page] = []

    def start(**env: str) -> Page:
        pages.append(Page(start_web(**{"REDIS_URL": redis_url, "CONSOLE_PASSWORD": PASSWORD, **env})))
        return pages[-1]

    yield start
    for one in pages:
        one.http.close()


@pytest.fixture(scope="module")
def web_with_page(
    redis_url: str, web_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    web = Web(
        tmp_path_factory.mktemp("web") / "log", {"REDIS_URL": redis_url, **web_env, "CONSOLE_PASSWORD": PASSWORD}
    )
    page = Page(web)
    yield page
    page.http.close()
    web.kill()


@pytest.fixture
def page(valkey: Any, web_with_page: Page) -> Page:
    """The page, on a Valkey that is empty when the test begins."""
    web_with_page.forget()
    return web_with_page
