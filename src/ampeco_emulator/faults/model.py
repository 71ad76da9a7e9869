"""What a defect is: a named override of one rule of the emulator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request

from ampeco_emulator.backend.backend import EmulatorResponse
from ampeco_emulator.backend.rules import Override
from ampeco_emulator.http.api import EmulatedApi
from ampeco_emulator.openapi.endpoints import Endpoint

#: What the rule `respond` does: the response to a request of an endpoint, with the values of its path and its body.
Respond = Callable[[EmulatedApi, Endpoint, Mapping[str, str], Request, bytes], EmulatorResponse]


@dataclass(frozen=True)
class Defect:
    """A contract violation that can be switched on: its name, its area, what it does, and the override that does it.

    `changed` counts the responses that a mutation has changed so far.
    """

    name: str
    area: str
    meaning: str
    override: Override
    changed: Callable[[], int] | None = None
