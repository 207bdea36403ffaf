"""The stylesheet and the script of the page: ours, from our own path, as the page's policy wants it."""

from importlib.resources import files
from typing import Final

from starlette.responses import Response

from console.page.visit import Visit

_FOLDER: Final = files("console") / "static"
_CSS: Final = (_FOLDER / "page.css").read_bytes()
_JS: Final = (_FOLDER / "page.js").read_bytes()


async def css(_: Visit) -> Response:
    return Response(_CSS, media_type="text/css")


async def js(_: Visit) -> Response:
    return Response(_JS, media_type="text/javascript")
