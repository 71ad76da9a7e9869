"""The time a scenario lives in: virtual on an emulator, which is told to hurry; real on a tenant."""

import time
from typing import Protocol

from ampeco_conformance.errors import TargetError
from ampeco_conformance.tenants.client import ApiClient


class Clock(Protocol):
    """Seconds that pass on the target; `patience` is how many of them a scenario may spend on one wait."""

    patience: float

    def now(self) -> float:
        """Seconds since some fixed moment."""
        ...

    def let_pass(self, seconds: float) -> None:
        """Come back when so many seconds have passed on the target."""
        ...


class RealClock:
    """The clock on the wall."""

    def __init__(self, patience: float) -> None:
        self.patience = patience

    def now(self) -> float:
        """Seconds of the machine's monotonic clock."""
        return time.monotonic()

    def let_pass(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)


class EmulatorClock:
    """The virtual clock of an emulator: hours pass in one request to `/_emulator/clock`, which needs no token."""

    patience = float("inf")

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._passed = 0.0

    def now(self) -> float:
        """Seconds this clock let pass."""
        return self._passed

    def let_pass(self, seconds: float) -> None:
        """Move the emulator's clock. Raises TargetError when it refuses."""
        exchange = self._client.send("POST", "/_emulator/clock", json={"advance": seconds}, authenticated=False)
        if exchange.response is None or exchange.response.status_code >= 400:
            said = f"status {exchange.response.status_code}" if exchange.response else exchange.error
            raise TargetError(f"the emulator's clock cannot be moved: {said}")
        self._passed += seconds
