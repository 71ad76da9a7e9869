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
        at = datetime.fromisoformat(str(value).upper())
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def clock_ahead(response: Response) -> float | None:
    """By how many seconds the clock of a server (the Date header, whole seconds) is ahead of this machine's."""
    at = http_date(header(response.headers, "Date") or "")
    return None if at is None else at.timestamp() - time.time()


def http_date(text: str) -> datetime | None:
    """The moment in a header, in UTC where it names no zone; None when there is none that can be reckoned with."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
