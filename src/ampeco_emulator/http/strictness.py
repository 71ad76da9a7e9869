"""Strict mode: every response is validated against the specification before it is sent."""

from ampeco_emulator.backend.backend import EmulatorResponse
from ampeco_emulator.openapi.endpoints import Endpoint


def violation_of(endpoint: Endpoint, response: EmulatorResponse) -> str | None:
    """How a response breaks the specification; None when it does not."""
    if not endpoint.documents(response.status):
        return f"{response.status} is not documented"
    schema = endpoint.response_schema(response.status)
    if schema is None:
        return None
    error = next(iter(endpoint.book.validator(schema, incoming=False).iter_errors(response.body)), None)
    return None if error is None else f"{error.instance_path}: {error.message[:300]}"
