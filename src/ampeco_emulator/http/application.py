"""The ASGI application: the control plane under /_emulator/, the emulated API everywhere else."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount
from starlette.types import Receive, Scope, Send

from ampeco_emulator.http.api import EmulatedApi

CONTROL = "/_emulator"


class _Served:
    """The emulated API as an ASGI application."""

    def __init__(self, api: EmulatedApi) -> None:
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._api(Request(scope, receive))
        await response(scope, receive, send)


class Application:
    """Routes requests to the API or to the control plane; `on_shutdown` is called when the server stops."""

    def __init__(self, api: EmulatedApi, control_routes: Sequence[BaseRoute], on_shutdown: Callable[[], None]) -> None:
        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            yield
            on_shutdown()

        # Pages of any origin may use it: that it is called by a browser must not be a reason to need a proxy.
        self._api = CORSMiddleware(_Served(api), allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
        self._control = Starlette(routes=[Mount(CONTROL, routes=control_routes)], lifespan=lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a proxy may have put a prefix before the path."""
        path = str(scope.get("path", ""))
        if scope["type"] == "http" and f"{CONTROL}/" not in f"{path}/":
            await self._api(scope, receive, send)
            return
        if scope["type"] == "http":
            scope = {**scope, "path": path[path.index(CONTROL) :]}
        await self._control(scope, receive, send)
