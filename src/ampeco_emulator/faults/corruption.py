"""Corruption of responses: each function makes an override that turns correct responses into one kind of wrong ones.

The changes that they apply to the body of a response are functions of one value.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ampeco_emulator.backend.backend import EmulatorResponse
from ampeco_emulator.backend.rules import Override, override
from ampeco_emulator.http.api import EmulatedApi, checked
from ampeco_emulator.http.body_changes import ChangeValue
from ampeco_emulator.openapi.endpoints import Endpoint

#: The path of the resources, as it begins in the label of an operation.
RESOURCES = "/public-api/resources"

Corruptor = Callable[[str, str, EmulatorResponse], EmulatorResponse]


def corrupting(corruptor: Corruptor) -> Override:
    """Corrupt every response; the corruptor receives the method, the path template and the response."""
    return by_endpoint(
        lambda endpoint, response: corruptor(endpoint.operation.method, endpoint.path, response),
    )


def by_endpoint(corruptor: Callable[[Endpoint, EmulatorResponse], EmulatorResponse]) -> Override:
    """Corrupt every response; the corruptor receives the endpoint and the response."""

    def corrupt(
        check: Callable[[EmulatedApi, Endpoint, EmulatorResponse], EmulatorResponse],
        api: EmulatedApi,
        endpoint: Endpoint,
        response: EmulatorResponse,
    ) -> EmulatorResponse:
        return corruptor(endpoint, check(api, endpoint, response))

    return override(checked, corrupt)


def only(label: str, corruption: Override) -> Override:
    """The same corruption, of one operation."""
    return _where(lambda endpoint: endpoint.operation.label == label, corruption)


def below(part: str, corruption: Override) -> Override:
    """The same corruption, of the paths with this part."""
    return _where(lambda endpoint: part in endpoint.path, corruption)


def _where(is_meant: Callable[[Endpoint], bool], corruption: Override) -> Override:
    def corrupt(
        check: Callable[[EmulatedApi, Endpoint, EmulatorResponse], EmulatorResponse],
        api: EmulatedApi,
        endpoint: Endpoint,
        response: EmulatorResponse,
    ) -> EmulatorResponse:
        if not is_meant(endpoint):
            return check(api, endpoint, response)
        corrupted: EmulatorResponse = corruption.function(check, api, endpoint, response)
        return corrupted

    return override(checked, corrupt)


def dropping(label: str, field: str) -> Override:
    """Drop a field from every successful response of one operation; `data.0.email` and `email` both name it."""
    parts = [part for part in field.split(".") if part != "data" and not part.isdecimal()]

    def corrupt(method: str, path: str, response: EmulatorResponse) -> EmulatorResponse:
        if f"{method} {path}" != label or not 200 <= response.status < 300:
            return response
        return replace(response, body=_without(response.body, parts))

    return corrupting(corrupt)


def status(method: str, given: int, wrong: int, body: Any = None) -> Override:
    """Respond with a wrong status where a method responds with this one."""

    def corrupt(called: str, _path: str, response: EmulatorResponse) -> EmulatorResponse:
        if called != method or response.status != given:
            return response
        # HTTP gives a 204 no body.
        return replace(response, status=wrong, body=None if wrong == 204 else response.body if body is None else body)

    return corrupting(corrupt)


def reading(change: ChangeValue) -> Override:
    """Change the `data` object of every single read."""
    return _data(lambda data: isinstance(data, dict), change)


def listing(change: ChangeValue) -> Override:
    """Change the `data` list of every listing."""
    return _data(lambda data: isinstance(data, list), change)


def body(change: ChangeValue, *, given: range = range(200, 300), method: str | None = "GET") -> Override:
    """Change the whole body of responses with such a status."""

    def corrupt(called: str, _path: str, response: EmulatorResponse) -> EmulatorResponse:
        if response.status not in given or response.body is None or method not in (None, called):
            return response
        return replace(response, body=change(response.body))

    return corrupting(corrupt)


def media_type(wrong: str) -> Override:
    """Declare a wrong content type."""
    return corrupting(lambda _method, _path, response: replace(response, media_type=wrong))


def raw(change: Callable[[bytes], bytes]) -> Override:
    """Change the serialized bytes of every read."""

    def corrupt(method: str, _path: str, response: EmulatorResponse) -> EmulatorResponse:
        return replace(response, rewrite=change) if method == "GET" and response.status == 200 else response

    return corrupting(corrupt)


def not_a_number(content: bytes) -> bytes:
    """The first number of a body becomes NaN."""
    return re.sub(rb":\d+(\.\d+)?(?=[,}])", b":NaN", content, count=1)


def cut_off(method: str, path: str, response: EmulatorResponse) -> EmulatorResponse:
    """Promise more of a single read than is sent."""
    if method != "GET" or response.status != 200 or not path.endswith("}"):
        return response
    return replace(response, headers={**response.headers, "Content-Length": "1000000"})


def field(name: str, change: ChangeValue) -> ChangeValue:
    """Apply a change to every field of a name, wherever it is."""

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(item) for item in value]
        if isinstance(value, dict):
            return {key: change(item) if key == name else walk(item) for key, item in value.items()}
        return value

    return walk


def snake_case(value: Any) -> Any:
    """Field names in the wrong style."""
    if not isinstance(value, dict):
        return value
    return {re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower(): item for name, item in value.items()}


def meta(**changes: Any) -> ChangeValue:
    """Change members of `meta`; a callable gets the present value."""

    def change(content: Any) -> Any:
        if not isinstance(content, dict) or not isinstance(content.get("meta"), dict):
            return content
        known = {name: value for name, value in changes.items() if name in content["meta"]}
        new = {name: value(content["meta"][name]) if callable(value) else value for name, value in known.items()}
        return {**content, "meta": {**content["meta"], **new}}

    return change


def links(change: ChangeValue) -> ChangeValue:
    """Change every link of a listing."""

    def changed(content: Any) -> Any:
        if not isinstance(content, dict) or not isinstance(content.get("links"), dict):
            return content
        return {**content, "links": {name: change(link) for name, link in content["links"].items()}}

    return changed


def without(*names: str) -> ChangeValue:
    """Leave out top-level members."""

    def change(content: Any) -> Any:
        return (
            {key: item for key, item in content.items() if key not in names} if isinstance(content, dict) else content
        )

    return change


def _data(is_meant: Callable[[Any], bool], change: ChangeValue) -> Override:
    def corrupt(method: str, _path: str, response: EmulatorResponse) -> EmulatorResponse:
        if method != "GET" or response.status != 200 or not isinstance(response.body, dict):
            return response
        if "data" not in response.body or not is_meant(response.body["data"]):
            return response
        return replace(response, body={**response.body, "data": change(response.body["data"])})

    return corrupting(corrupt)


def _without(value: Any, parts: list[str]) -> Any:
    if isinstance(value, list):
        return [_without(item, parts) for item in value]
    if not isinstance(value, dict):
        return value
    if parts[0] in value:
        if len(parts) == 1:
            return {name: item for name, item in value.items() if name != parts[0]}
        return {**value, parts[0]: _without(value[parts[0]], parts[1:])}
    return {name: _without(item, parts) for name, item in value.items()}
