"""The root page with its script and style, and the served API as an OpenAPI document.

They are open; what they show comes from the control plane, which may ask for its token.
"""

from collections.abc import Awaitable, Callable
from importlib.resources import files

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ampeco_conformance.specs import Specification

_FILES = {
    "/": ("index.html", "text/html"),
    "/_emulator/page.js": ("page.js", "text/javascript"),
    "/_emulator/page.css": ("page.css", "text/css"),
}
# Nothing of other hosts is loaded, and no other page can have this one in a frame.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
}


def page_routes(specification: Specification) -> list[Route]:
    """The routes of the root page and of `/openapi.json`."""

    async def document(_request: Request) -> Response:
        served = {**specification.document, "servers": [{"url": "/"}]}
        return Response(orjson.dumps(served, default=str), media_type="application/json")

    return [
        *(Route(path, _file(name, media_type)) for path, (name, media_type) in _FILES.items()),
        Route("/openapi.json", document),
    ]


def _file(name: str, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    content = (files(__package__) / name).read_bytes()

    async def serve(_request: Request) -> Response:
        return Response(content, headers=_HEADERS, media_type=media_type)

    return serve
