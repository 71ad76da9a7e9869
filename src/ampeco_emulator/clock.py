"""The emulator's time: real by default, and it can be moved forward."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Now, plus whatever it was advanced by."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """The present moment of the emulated world, in UTC."""
        return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._offset += timedelta(seconds=seconds)


def written(moment: datetime) -> str:
    """A moment as the API writes it: ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
