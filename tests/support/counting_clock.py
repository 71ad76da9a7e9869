"""A clock of a target that only counts."""

from datetime import UTC, datetime


class CountingClock:
    """Time passes only when told."""

    patience = float("inf")
    deadline = 300.0
    a_while = 60.0

    def __init__(self) -> None:
        self.passed = 100.0

    def now(self) -> float:
        return self.passed

    def let_pass(self, seconds: float) -> None:
        self.passed += seconds

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.passed, UTC)

    def roughly(self) -> datetime:
        return self.moment()
