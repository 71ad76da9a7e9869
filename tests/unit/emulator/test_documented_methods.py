"""Methods that few documents have."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.model import read_operations
from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.clock import VirtualClock
from ampeco_emulator.domain import HOOKS
from ampeco_emulator.http.api import EmulatedApi
from ampeco_emulator.settings import Access, EmulatorSettings

_HEADERS = [(b"authorization", b"Bearer a-token"), (b"host", b"localhost")]
_OBJECT = {"content": {"application/json": {"schema": {"type": "object"}}}}
_PATHS: dict[str, Any] = {
    "/state": {"head": {"responses": {"204": {}}}},
    "/things": {"head": {"responses": {"204": {}}}, "get": {"responses": {"200": _OBJECT}}},
    "/things/{id}": {"head": {"responses": {"200": {}, "404": {}}}, "delete": {"responses": {"204": {}}}},
}


def _status(method: str, path: str) -> int:
    document = {"openapi": "3.0.3", "paths": _PATHS}
    specification = Specification("ampeco", "1", document, "0", tuple(read_operations(document)))
    api = EmulatedApi(Backend(specification, HOOKS, VirtualClock()), EmulatorSettings({"a-token": Access()}))
    scope = {"type": "http", "scheme": "http", "method": method, "path": path, "query_string": b"", "headers": _HEADERS}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    return asyncio.run(api(Request(scope, receive))).status_code


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", "/state", 204),
        ("HEAD", "/things", 200),
        ("HEAD", "/things/1", 404),
        ("GET", "/state", 405),
        ("HEAD", "/other", 404),
    ],
)
def test_a_documented_head_is_answered(method: str, path: str, status: int) -> None:
    assert _status(method, path) == status
