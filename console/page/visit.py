"""One request to the page, once it has been let in, and what its answer is made of."""

import shlex
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from redis.asyncio import Redis
from starlette.responses import HTMLResponse, RedirectResponse, Response

from console import table
from console.page import health
from shared.dialplan import Plan
from shared.log import log

ROOT: Final = "/console/"


class Visit(NamedTuple):
    """`form` is empty for a GET. Of a field that was given twice the first counts."""

    client: Redis
    plan: Plan
    user: str
    token: str
    query: Mapping[str, str]
    form: Mapping[str, str]

    def audit(self, action: str, on: str, **result: Any) -> None:
        """Say who has done what to what; never a number."""
        log.info("console_action", who=self.user, action=action, on=on, **result)

    async def show(self, template: str, **content: Any) -> Response:
        """A screen. `every` in the content is how often (s) its live parts are fetched anew; without it never."""
        stands = await health.look(self.client)
        return answer(template, 200, token=self.token, user=self.user, health=stands, **content)


def answer(template: str, status: int, **content: Any) -> Response:
    return HTMLResponse(_templates.get_template(template).render(content), status)


def go(path: str, **query: str) -> Response:
    """To another screen, by GET."""
    return RedirectResponse(href(path, **query), 303)


def href(path: str, **query: str) -> str:
    given = {name: value for name, value in query.items() if value}
    return f"{ROOT}{path}{'?' if given else ''}{urlencode(given)}"


def command(*words: str) -> str:
    """The command that does the same, as a shell takes it."""
    return shlex.join(("trunkline", *words))


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals |= {"href": href, "command": command, "every": 0, "notice": "", "same": ""}
    made.filters["seconds"] = _seconds
    return made


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else table.span(seconds)


_templates: Final = _environment()
