"""How many requests a run may send, and until when; all of its processes count together."""

import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path

from ampeco_conformance.core.errors import NotTestable
from ampeco_conformance.core.item_results import NOT_IN_BUDGET

#: The file in the reports folder: when the run began, and a character for each request.
REQUESTS = "requests.txt"
#: The file that says that the quota of the day is used up, but for what is left free.
ENDED = "requests-ended.txt"
#: The length of the moment at the beginning, with its line break: `1764400000.000`.
_HEAD = 15


class BudgetSpent(NotTestable):
    """The run may send no more requests: what was not tested until then is listed, and never a finding."""

    def __init__(self) -> None:
        super().__init__(NOT_IN_BUDGET)


@dataclass(frozen=True, slots=True)
class RequestBudget:
    """At most `limit` requests, within `seconds` of the first one; None is no limit. `file` has the count."""

    file: Path
    limit: int | None
    seconds: float | None

    @property
    def spent(self) -> int:
        """How many requests were sent."""
        return max(0, self.file.stat().st_size - _HEAD) if self.file.exists() else 0

    @property
    def is_spent(self) -> bool:
        """Whether no more requests may be sent."""
        began = float(self.file.read_bytes()[:_HEAD]) if self.spent else time.time()
        return self._is_over(self.spent, began)

    def end(self) -> None:
        """Let no more requests be sent: what is left of the day's quota is for others."""
        self._ended.touch()

    @property
    def _ended(self) -> Path:
        return self.file.with_name(ENDED)

    def spend(self) -> None:
        """Count a request that is about to be sent. Raises BudgetSpent."""
        self._count(is_limited=True)

    def note(self) -> None:
        """Count a request that is sent in any case, such as one that deletes what the run has created."""
        self._count(is_limited=False)

    def _count(self, *, is_limited: bool) -> None:
        descriptor = os.open(self.file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            head = os.pread(descriptor, _HEAD, 0)
            if not head:
                head = f"{time.time():.3f}\n".encode()
                os.write(descriptor, head)
            if is_limited and self._is_over(os.fstat(descriptor).st_size - _HEAD, float(head)):
                raise BudgetSpent
            os.write(descriptor, b".")
        finally:
            os.close(descriptor)

    def _is_over(self, spent: int, began: float) -> bool:
        is_late = self.seconds is not None and time.time() >= began + self.seconds
        return is_late or self._ended.exists() or (self.limit is not None and spent >= self.limit)
