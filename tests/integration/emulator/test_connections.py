"""Connections that send no request are closed; those that send one now and then are kept."""

import asyncio
from functools import partial

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from uvicorn.server import ServerState

from ampeco_emulator.http import limits

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def _speak(port: int, *requests: bytes) -> bytes:
    """Send requests over one connection, each after the time that a silent connection has, and read until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        writer.write(request)
        await writer.drain()
        await asyncio.sleep(1.5 * limits.IDLE_SECONDS)
    if requests:
        writer.write_eof()
    received = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return received


async def _served(*requests: bytes) -> bytes:
    config = uvicorn.Config(PlainTextResponse("hello"), lifespan="off", log_config=None)
    config.load()
    protocol = partial(limits.LimitedConnection, config=config, server_state=ServerState(), app_state={})
    async with await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0) as server:
        return await _speak(server.sockets[0].getsockname()[1], *requests)


def test_a_connection_with_requests_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "IDLE_SECONDS", 0.1)
    assert asyncio.run(_served(REQUEST, REQUEST)).count(b"hello") == 2


def test_a_silent_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "IDLE_SECONDS", 0.1)
    assert asyncio.run(_served()) == b""
