"""The latest requests to the API, for the root page."""

from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ampeco_emulator.clock import format_timestamp

_KEPT = 500


@dataclass(slots=True)
class SeenRequest:
    """One request: when it came (time of the API), what it asked for, the status of the response, its duration."""

    at: datetime
    method: str
    target: str
    status: int
    milliseconds: float


class RequestLog:
    """Keeps the latest requests."""

    def __init__(self) -> None:
        self._requests: deque[SeenRequest] = deque(maxlen=_KEPT)

    def add(self, request: SeenRequest) -> None:
        """Keep a request."""
        self._requests.append(request)

    def dump(self) -> list[dict[str, Any]]:
        """The latest requests as JSON, the newest first."""
        return [asdict(request) | {"at": format_timestamp(request.at)} for request in reversed(self._requests)]
