"""Changes of the values of a response body: what defects and variants apply to all of them."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.requests import Request

from ampeco_emulator.backend.backend import EmulatorResponse
from ampeco_emulator.backend.rules import Override, override
from ampeco_emulator.http.api import EmulatedApi, Respond, RoutedRequest, respond

ChangeValue = Callable[[Any], Any]
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def everywhere(change: ChangeValue) -> ChangeValue:
    """Apply a change to every value of a body, the inner ones first."""

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return change([walk(item) for item in value])
        if isinstance(value, dict):
            return change({name: walk(item) for name, item in value.items()})
        return change(value)

    return walk


def timestamps(change: Callable[[str], Any]) -> ChangeValue:
    """Apply a change to every timestamp."""
    return everywhere(lambda value: change(value) if isinstance(value, str) and _TIMESTAMP.fullmatch(value) else value)


def rewritten(change: ChangeValue, is_meant: Callable[[Request], bool] = lambda _: True) -> Override:
    """Change the whole body of the successful responses, to all requests or to those that are meant."""

    def respond_otherwise(decide: Respond, api: EmulatedApi, routed: RoutedRequest) -> EmulatorResponse:
        response = decide(api, routed)
        is_changed = response.status < 300 and is_meant(routed.request)
        return replace(response, body=change(response.body)) if is_changed else response

    return override(respond, respond_otherwise)
