"""The virtual clock, and the format of timestamps."""

from datetime import UTC, datetime, timedelta


class VirtualClock:
    """The real time plus the advances made so far; with a `start` the clock is fixed between advances."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start
        self.offset = timedelta()

    @property
    def is_fixed(self) -> bool:
        """Whether the time changes only by `advance`."""
        return self._start is not None

    def now(self) -> datetime:
        """The current time, in UTC."""
        return (self._start or datetime.now(UTC)) + self.offset

    def advance(self, seconds: float) -> None:
        """Advance the clock."""
        self.offset += timedelta(seconds=seconds)


def format_timestamp(moment: datetime) -> str:
    """A time in the format of the API: ISO 8601 in UTC, to the second."""
    # Not by strftime: it writes the year 999 with three digits.
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def parse_zoned_timestamp(text: str) -> datetime:
    """Parse a timestamp and keep its zone; without a zone it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text.upper())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_timestamp(text: str) -> datetime:
    """Parse a timestamp into UTC; without a zone it is UTC. Raises ValueError."""
    moment = parse_zoned_timestamp(text)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"outside the calendar: {text}") from None
