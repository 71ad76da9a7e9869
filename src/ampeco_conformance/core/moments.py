"""Reads moments in the notation of APIs (ISO 8601), and the clock of a server."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ampeco_conformance.core.exchanges import Response, header

#: The current time of a target, with a zone.
Now = Callable[[], datetime]


def real_now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


def utc_moment(value: Any) -> datetime | None:
    """The moment that a text names, in UTC where it names no zone; None when it names none."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def clock_ahead(response: Response) -> float | None:
    """By how many seconds the clock of a server (the Date header, whole seconds) is ahead of this machine's."""
    try:
        return parsedate_to_datetime(header(response.headers, "Date") or "").timestamp() - time.time()
    except ValueError:
        return None
