"""The energy that a car takes: constant power until its battery is full, then none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# The maximum power of a car in W by current type; the free and the total capacity of its battery in Wh.
CAR_POWER = {"ac": 11_000, "dc": 100_000}
ROOM = 45_000
BATTERY = 60_000
_DEFAULT_EVSE_POWER = 22_000
_VOLTS = 230
_DEFAULT_PHASES = 3


@dataclass(frozen=True)
class Charge:
    """A charge from `started` to `ended`, or until now while it runs; `power` in W, `room` (free capacity) in Wh."""

    started: datetime
    ended: datetime
    power: float
    room: float = ROOM

    @property
    def full_at(self) -> datetime:
        """When the battery is full; the latest possible time when no power flows."""
        return (
            self.started + timedelta(hours=self.room / self.power)
            if self.power > 0
            else datetime.max.replace(tzinfo=self.started.tzinfo)
        )

    @property
    def charging_until(self) -> datetime:
        """When the energy flow ended."""
        return min(self.full_at, self.ended)

    @property
    def energy(self) -> int:
        """Energy so far, in whole Wh."""
        return self.energy_until(self.ended)

    def energy_until(self, moment: datetime) -> int:
        """Energy until a time, in whole Wh."""
        seconds = (min(moment, self.ended) - self.started).total_seconds()
        return round(min(self.room, self.power * max(seconds, 0.0) / 3600))

    @property
    def charging_minutes(self) -> float:
        """Minutes with energy flow."""
        return (self.charging_until - self.started).total_seconds() / 60

    @property
    def is_full(self) -> bool:
        """Whether the battery is full."""
        return self.ended >= self.full_at

    @property
    def soc(self) -> float:
        """State of charge in percent."""
        return round(100 * (BATTERY - ROOM + self.energy) / BATTERY, 1)


def power_of(evse: Mapping[str, Any], profile: Mapping[str, Any] | None) -> float:
    """The power in W at an EVSE: the minimum of those of the EVSE, the car and the charging profile."""
    offered = (evse.get("powerOptions") or {}).get("maxPower") or _DEFAULT_EVSE_POWER
    power = min(float(offered), float(CAR_POWER.get(str(evse.get("currentType")), CAR_POWER["ac"])))
    schedule = (profile or {}).get("chargingSchedule") or {}
    limits = [
        float(period["limit"]) * (1 if schedule.get("chargingRateUnit") == "W" else _VOLTS * _phases(period))
        for period in schedule.get("chargingSchedulePeriod") or ()
        if isinstance(period, Mapping) and isinstance(period.get("limit"), int | float)
    ]
    return max(0.0, min([power, *limits[:1]]))


def _phases(period: Mapping[str, Any]) -> float:
    phases = period.get("numberPhases")
    return float(phases) if isinstance(phases, int | float) and phases else _DEFAULT_PHASES
