"""The emulator's time: real by default, and it can be moved forward."""

from datetime import UTC, datetime, timedelta


class VirtualClock:
    """Now, plus whatever it was advanced by. With a `start` it stands still between advances."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start
        self.offset = timedelta()

    @property
    def is_fixed(self) -> bool:
        """Whether time passes only when it is told to."""
        return self._start is not None

    def now(self) -> datetime:
        """The present moment of the emulated backend, in UTC."""
        return (self._start or datetime.now(UTC)) + self.offset

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.offset += timedelta(seconds=seconds)


def format_timestamp(moment: datetime) -> str:
    """A moment as the API writes it: ISO 8601 in UTC, to the second."""
    # Not by strftime: it writes the year 999 with three digits.
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def parse_zoned_timestamp(text: str) -> datetime:
    """A moment in the zone that it is written in; without one it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text.upper())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_timestamp(text: str) -> datetime:
    """A moment as callers write it; without a zone it is UTC. Raises ValueError."""
    moment = parse_zoned_timestamp(text)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"out of the calendar: {text}") from None
