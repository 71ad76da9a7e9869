"""An HTTP exchange: request, response and times."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ampeco_conformance.core.json_values import read_json

Headers = tuple[tuple[str, str], ...]
JsonObject = Mapping[str, Any]
"""A JSON object, such as an item of a body or a schema."""


def header(headers: Headers, name: str) -> str | None:
    """The first value of a header, whatever the case of its name; None when absent."""
    return next((value for key, value in headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it went over the wire; `url` is absolute, with its query string.

    Headers and bodies may hold secrets, so they are left out of the repr. A recording may lack the body; then
    `body_is_known` is false.
    """

    method: str
    url: str
    headers: Headers = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)
    body_is_known: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """A response as it came over the wire; `body_is_known` is false when a recording lacks the body."""

    status_code: int
    reason: str = ""
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    body_is_known: bool = True

    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it is not JSON."""
        return read_json(self.body)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its response, or with the `error` that came instead; times in seconds.

    `is_lost` means that the connection or a gateway failed, not the API; `is_repeated`, that it was sent once more.
    """

    request: Request
    response: Response | None
    started_at: float
    elapsed: float
    error: str | None = field(default=None)
    is_lost: bool = False
    is_repeated: bool = False
