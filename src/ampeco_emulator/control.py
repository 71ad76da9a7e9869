"""The control plane under /_emulator/: clock, state, chargers, defects, deliveries. It needs no token."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ampeco_conformance.errors import ConfigurationError
from ampeco_emulator import state
from ampeco_emulator.behaviour.evses import CHARGERS
from ampeco_emulator.clock import written
from ampeco_emulator.defects import DEFECTS, defect_named
from ampeco_emulator.settings import FULL, READ_ONLY, Settings
from ampeco_emulator.webhooks import Webhooks
from ampeco_emulator.world import World

Handler = Callable[[Request], Awaitable[JSONResponse]]
_LONGEST_ADVANCE = 10 * 366 * 86400


def routes(world: World, settings: Settings, webhooks: Webhooks) -> list[Route]:
    """The routes of the control plane."""
    control = _Control(world, settings, webhooks)
    return [
        Route("/", _telling(control.about)),
        Route("/clock", _telling(control.clock), methods=["GET"]),
        Route("/clock", _taking(control.advance), methods=["POST"]),
        Route("/reset", _telling(control.reset), methods=["POST"]),
        Route("/state", _telling(lambda: state.snapshot(world)), methods=["GET"]),
        Route("/state", _taking(control.restore), methods=["PUT"]),
        Route("/defects", _telling(control.defects), methods=["GET"]),
        Route("/defects", _taking(control.choose_defect), methods=["PUT"]),
        Route("/settings", _telling(control.settings), methods=["GET"]),
        Route("/settings", _taking(control.change_settings), methods=["PATCH"]),
        Route("/tokens", _taking(control.add_token), methods=["POST"]),
        Route("/evses/{evse:int}", control.change_charger, methods=["PUT"]),
        Route("/deliveries", _telling(lambda: {"data": webhooks.dump()}), methods=["GET"]),
    ]


class _Control:
    def __init__(self, world: World, settings: Settings, webhooks: Webhooks) -> None:
        self._world = world
        self._settings = settings
        self._webhooks = webhooks

    def about(self) -> dict[str, Any]:
        specification = self._world.specification
        return {
            "emulator": "ampeco-emulator",
            "api": specification.api,
            "apiVersion": specification.version,
            "clock": written(self._world.now()),
        }

    def clock(self) -> dict[str, Any]:
        return {"clock": written(self._world.now())}

    def advance(self, body: dict[str, Any]) -> dict[str, Any]:
        seconds = body["advance"]
        if isinstance(seconds, bool) or not 0 <= float(seconds) <= _LONGEST_ADVANCE:
            raise ValueError("advance is a number of seconds, from 0 to ten years")
        self._world.clock.advance(float(seconds))
        self._world.tick()
        return self.clock()

    def reset(self) -> dict[str, Any]:
        state.reset(self._world)
        self._webhooks.deliveries.clear()
        return self.about()

    def restore(self, body: dict[str, Any]) -> dict[str, Any]:
        state.restore(self._world, body)
        return self.about()

    def defects(self) -> dict[str, Any]:
        present = self._settings.defect
        known = [{"name": item.name, "class": item.area, "meaning": item.meaning} for item in DEFECTS]
        return {"defect": present.name if present else None, "known": known}

    def choose_defect(self, body: dict[str, Any]) -> dict[str, Any]:
        name = body["defect"]
        self._settings.defect = defect_named(str(name)) if name is not None else None
        self._world.defect = name
        return {"defect": name}

    def settings(self) -> dict[str, Any]:
        settings = self._settings
        return {
            "latency": settings.latency,
            "rateLimit": settings.rate_limit,
            "appVersion": settings.app_version,
            "strict": settings.strict,
        }

    def change_settings(self, body: dict[str, Any]) -> dict[str, Any]:
        if "latency" in body:
            self._settings.latency = max(0.0, float(body["latency"]))
        if "rateLimit" in body:
            self._settings.rate_limit = int(body["rateLimit"]) if body["rateLimit"] is not None else None
        if "appVersion" in body:
            self._settings.app_version = str(body["appVersion"])
        if "strict" in body:
            self._settings.strict = bool(body["strict"])
        return self.settings()

    def add_token(self, body: dict[str, Any]) -> dict[str, Any]:
        role = body.get("role", FULL)
        if role not in (FULL, READ_ONLY):
            raise ValueError(f"role is {FULL} or {READ_ONLY}")
        self._settings.tokens[str(body["token"])] = role
        return {"role": role}

    async def change_charger(self, request: Request) -> JSONResponse:
        evse = self._world.store.peek("evses", request.path_params["evse"])
        if evse is None:
            return JSONResponse({"message": "there is no such EVSE"}, 404)

        def change(body: dict[str, Any]) -> dict[str, Any]:
            if body.get("charger", "accept") not in CHARGERS:
                raise ValueError(f"charger is one of {', '.join(CHARGERS)}")
            evse.state |= {name: body[name] for name in ("charger", "refuseWith") if name in body}
            return {name: evse.state.get(name) for name in ("charger", "refuseWith")}

        return await _taking(change)(request)


def _telling(tell: Callable[[], dict[str, Any]]) -> Handler:
    async def handle(_request: Request) -> JSONResponse:
        return JSONResponse(tell())

    return handle


def _taking(take: Callable[[dict[str, Any]], dict[str, Any]]) -> Handler:
    """A handler of a JSON object; what is wrong with it is told in one line, with 422."""

    async def handle(request: Request) -> JSONResponse:
        try:
            body = await request.json()
            if not isinstance(body, dict):
                raise ValueError("expected a JSON object")
            return JSONResponse(take(body))
        except KeyError as missing:
            return JSONResponse({"message": f"{missing.args[0]} is missing"}, 422)
        except (ValueError, TypeError, OverflowError, ConfigurationError) as error:
            return JSONResponse({"message": str(error)}, 422)

    return handle
