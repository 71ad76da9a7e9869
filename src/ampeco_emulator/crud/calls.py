"""One request to an endpoint, as handlers receive it, and the envelopes of their responses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse
from ampeco_emulator.backend.rules import Overrides
from ampeco_emulator.backend.store import Record
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.validation import Incoming


@dataclass(frozen=True)
class EndpointCall:
    """One request to an endpoint, as its handler receives it.

    `url` is the address without the query; `admits` decides which records the caller may see (None: all of them);
    `token` is that of the caller.
    """

    backend: Backend
    endpoint: Endpoint
    incoming: Incoming
    url: str
    admits: Callable[[Record], bool] | None = None
    token: str = field(default="", repr=False)

    @property
    def overrides(self) -> Overrides:
        """The overrides in effect."""
        return self.backend.overrides

    @property
    def body(self) -> dict[str, Any]:
        """The fields of the request body."""
        return self.incoming.body if isinstance(self.incoming.body, dict) else {"items": self.incoming.body}


Handler = Callable[[EndpointCall], EmulatorResponse]


def accepted(call: EndpointCall, **fields: Any) -> EmulatorResponse:
    """The documented success of an action, with these fields of the response."""
    status = call.endpoint.success
    schema = call.endpoint.response_schema(status)
    if schema is None:
        return EmulatorResponse(status)
    body = call.backend.values.make(schema)
    if isinstance(body, dict):
        known = call.backend.values.properties(schema)
        if "data" in known:
            body.setdefault("data", call.backend.values.make(known["data"]))
        inner = body["data"] if isinstance(body.get("data"), dict) else body
        inner |= {name: value for name, value in fields.items() if inner is not body or name in known}
    return EmulatorResponse(status, call.backend.values.shape(schema, body))


def enveloped(call: EndpointCall, shown: Any) -> EmulatorResponse:
    """The response with a representation: as `{"data": ...}`, without an envelope, or without a body."""
    status = call.endpoint.success
    schema = call.endpoint.response_schema(status)
    if schema is None:
        return EmulatorResponse(status)
    if "data" not in call.endpoint.response_properties:
        return EmulatorResponse(status, shown)
    if call.endpoint.is_list:
        shown = [shown]
    if call.endpoint.has_plain_envelope:
        return EmulatorResponse(status, {"data": shown})
    return EmulatorResponse(status, call.backend.values.shape(schema, {"data": shown}))
