"""The ASGI application: the control plane under /_emulator/, the emulated API everywhere else."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ampeco_emulator.http.api import EmulatedApi
from ampeco_emulator.http.limits import LimitedBodies
from ampeco_emulator.http.request_log import RequestLog, SeenRequest

CONTROL = "/_emulator"
_PAGES = frozenset({"/", "/openapi.json"})
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
        page_routes: Sequence[BaseRoute],
        log: RequestLog,
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

        self._log = log
        self._now = api.backend.now
        # The requests that may have changed something.
        self.writes = 0
        # Pages of any origin may use it: that it is called by a browser must not be a reason to need a proxy.
        self._api = CORSMiddleware(
            LimitedBodies(_Served(api)),
            allow_origins=["*"],
            allow_methods=["*"],
            allow_headers=["*"],
            # Limits, deprecations and the time of the API are in headers.
            expose_headers=["*"],
        )
        self._control = Starlette(routes=[*page_routes, Mount(CONTROL, routes=control_routes)], lifespan=lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a proxy may have put a prefix before the path."""
        if scope["type"] != "http":
            await self._control(scope, receive, send)
            return
        path = str(scope["path"])
        app: ASGIApp = self._api
        if path in _PAGES:
            app = self._control
        elif f"{CONTROL}/" in f"{path}/":
            app, scope = self._control, {**scope, "path": path[path.index(CONTROL) :]}

        begun = time.perf_counter()

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                if app is self._api:
                    self._keep(scope, message["status"], time.perf_counter() - begun)
                message["headers"] = [*message["headers"], (b"date", self._date())]
            await send(message)

        try:
            await app(scope, receive, send_dated)
        finally:
            self.writes += scope["method"] not in _READING

    def _keep(self, scope: Scope, status: int, seconds: float) -> None:
        query = scope["query_string"].decode("latin-1")
        target = f"{scope['path']}?{query}" if query else str(scope["path"])
        self._log.add(SeenRequest(self._now(), scope["method"], target, status, round(1000 * seconds, 2)))

    def _date(self) -> bytes:
        """The time of the API, as the Date header tells it."""
        return _http_date(self._now().replace(microsecond=0))


@lru_cache(maxsize=1)
def _http_date(second: datetime) -> bytes:
    return format_datetime(second.astimezone(UTC), usegmt=True).encode()
