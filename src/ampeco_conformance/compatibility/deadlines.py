"""How long a comparison may take."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """A moment of the monotonic clock after which nothing more is proven; None for never."""

    moment: float | None = None

    @classmethod
    def after(cls, seconds: float | None) -> "TimeLimit":
        """The deadline so many seconds from now."""
        return cls(None if seconds is None else time.monotonic() + seconds)

    @property
    def is_over(self) -> bool:
        """Whether the moment has come."""
        return self.moment is not None and time.monotonic() >= self.moment


NEVER = TimeLimit()
