"""Reads moments in the notation of APIs (ISO 8601)."""

from datetime import UTC, datetime
from typing import Any


def utc_moment(value: Any) -> datetime | None:
    """The moment that a text names, in UTC where it names no zone; None when it names none."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
