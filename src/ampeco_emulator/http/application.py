"""The ASGI application: the control plane under /_emulator/, the emulated API everywhere else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ampeco_emulator.http.api import EmulatedApi
from ampeco_emulator.http.limits import LimitedBodies

CONTROL = "/_emulator"
_READING = ("GET", "HEAD", "OPTIONS")


class _Served:
    """The emulated API as an ASGI application."""

    def __init__(self, api: EmulatedApi) -> None:
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._api(Request(scope, receive))
        await response(scope, receive, send)


class Application:
    """Routes requests to the API or to the control plane.

    `tasks` run while the server does; `on_shutdown` is called when it stops.
    """

    def __init__(
        self,
        api: EmulatedApi,
        control_routes: Sequence[BaseRoute],
        tasks: Sequence[Callable[[], Coroutine[Any, Any, None]]],
        on_shutdown: Callable[[], None],
    ) -> None:
        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            running = [asyncio.create_task(task()) for task in tasks]
            yield
            for task in running:
                task.cancel()
            on_shutdown()

        self._now = api.backend.now
        # The requests that may have changed something.
        self.writes = 0
        # Pages of any origin may use it: that it is called by a browser must not be a reason to need a proxy.
        self._api = CORSMiddleware(
            LimitedBodies(_Served(api)), allow_origins=["*"], allow_methods=["*"], allow_headers=["*"]
        )
        self._control = Starlette(routes=[Mount(CONTROL, routes=control_routes)], lifespan=lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a proxy may have put a prefix before the path."""
        if scope["type"] != "http":
            await self._control(scope, receive, send)
            return
        path = str(scope["path"])
        app: ASGIApp = self._api
        if f"{CONTROL}/" in f"{path}/":
            app, scope = self._control, {**scope, "path": path[path.index(CONTROL) :]}

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"date", self._date())]
            await send(message)

        try:
            await app(scope, receive, send_dated)
        finally:
            self.writes += scope["method"] not in _READING

    def _date(self) -> bytes:
        """The time of the API, as the Date header tells it."""
        return format_datetime(self._now().astimezone(UTC), usegmt=True).encode()
