"""The control plane under /_emulator/: what this is, and its clock. It needs no token."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ampeco_emulator.clock import written
from ampeco_emulator.world import World


def routes(world: World) -> list[Route]:
    """The routes of the control plane."""

    async def about(_request: Request) -> JSONResponse:
        return JSONResponse(
            {
                "emulator": "ampeco-emulator",
                "api": world.specification.api,
                "apiVersion": world.specification.version,
                "clock": written(world.now()),
            }
        )

    async def advance(request: Request) -> JSONResponse:
        try:
            seconds = float((await request.json())["advance"])
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"message": 'expected {"advance": seconds}'}, 422)
        world.clock.advance(seconds)
        world.tick()
        return JSONResponse({"clock": written(world.now())})

    async def show_clock(_request: Request) -> JSONResponse:
        return JSONResponse({"clock": written(world.now())})

    return [
        Route("/", about),
        Route("/clock", show_clock, methods=["GET"]),
        Route("/clock", advance, methods=["POST"]),
    ]
