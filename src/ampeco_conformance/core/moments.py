"""Reads moments in the notation of APIs (ISO 8601), and the clock of a server."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ampeco_conformance.core.exchanges import Response, header

#: A second that RFC 3339 has and `datetime` has not; it counts as the one before it.
_LEAP_SECOND = re.compile(r"(?<=:\d\d):60(?!\d)")

#: The current time of a target, with a zone.
Now = Callable[[], datetime]


def real_now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


def read_moment(text: str) -> datetime | None:
    """The moment that a text names, without a zone where it names none; None when it names none."""
    try:
        # RFC 3339 allows small letters.
        return datetime.fromisoformat(_LEAP_SECOND.sub(":59", text.upper()))
    except ValueError:
        return None


def utc_moment(value: Any) -> datetime | None:
    """The moment that a text names, in UTC where it names no zone; None when it names none."""
    at = read_moment(str(value))
    return at.replace(tzinfo=UTC) if at and not at.tzinfo else at


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
