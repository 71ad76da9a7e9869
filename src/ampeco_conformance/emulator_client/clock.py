"""The clock of the target: virtual on an emulator, which can be advanced; real on a tenant."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Response
from ampeco_conformance.http.client import ApiClient

#: Seconds after which a change has a later time: times of changes have a resolution of seconds.
RESOLUTION = 1.1


class TargetClock(Protocol):
    """The time of the target, in seconds.

    A scenario waits at most `patience` for anything, `deadline` for what should happen soon, and `a_while` to see that
    something does not happen.
    """

    patience: float
    deadline: float
    a_while: float

    def now(self) -> float:
        """Seconds since some fixed moment."""
        ...

    def let_pass(self, seconds: float) -> None:
        """Return when so many seconds have passed on the target."""
        ...

    def moment(self) -> datetime:
        """The current time of the target, with a zone; for times that are sent to it."""
        ...

    def roughly(self) -> datetime:
        """The time of the target as it follows from what it said last; for many times that are sent to it."""
        ...


class RealClock:
    """The real time; the clock of the target is `ahead` of this machine's by so many seconds."""

    def __init__(self, patience: float, ahead: float | None) -> None:
        self._ahead = timedelta(seconds=ahead or 0.0)
        self.patience = self.deadline = patience
        self.a_while = patience / 30

    def now(self) -> float:
        """Seconds of the machine's monotonic clock."""
        return time.monotonic()

    def let_pass(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)

    def moment(self) -> datetime:
        """The time of the target."""
        return datetime.now(UTC) + self._ahead

    def roughly(self) -> datetime:
        """The time of the target."""
        return self.moment()


class EmulatorClock:
    """The virtual clock of an emulator: hours pass in one request to `/_emulator/clock`, which needs no token."""

    patience = float("inf")
    deadline = 300.0
    a_while = 60.0

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._passed = 0.0
        self._ahead: timedelta | None = None

    def now(self) -> float:
        """Seconds that passed on this clock."""
        return self._passed

    def let_pass(self, seconds: float) -> None:
        """Advance the emulator's clock. Raises TargetError when it refuses."""
        self._note(self._ask("POST", "/_emulator/clock", {"advance": seconds}))
        self._passed += seconds

    def moment(self) -> datetime:
        """The time of the emulator. Raises TargetError when it does not report it."""
        return self._note(self._ask("GET", "/_emulator/"))

    def roughly(self) -> datetime:
        """The time of the emulator, which it is asked for once; only this clock is expected to advance it."""
        return self.moment() if self._ahead is None else datetime.now(UTC) + self._ahead

    def _note(self, response: Response) -> datetime:
        status = response.json()
        try:
            moment = datetime.fromisoformat(status["clock"])
            self._ahead = moment - datetime.now(UTC)
        except (KeyError, TypeError, ValueError):
            raise TargetError(f"the emulator does not report its time as ISO 8601 under `clock`: {status}") from None
        return moment

    def _ask(self, method: str, path: str, body: dict[str, float] | None = None) -> Response:
        exchange = self._client.send(method, path, json=body, authenticated=False)
        if exchange.response is None or exchange.response.status_code >= 400:
            said = f"status {exchange.response.status_code}" if exchange.response else exchange.error
            raise TargetError(f"the emulator's clock cannot be used: {said}")
        return exchange.response
