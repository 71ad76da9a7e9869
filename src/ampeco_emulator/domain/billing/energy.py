"""The energy that a car takes: at the power that its limits allow, until its battery is full, then none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

# The maximum power of a car in W by current type; the free and the total capacity of its battery in Wh.
CAR_POWER = {"ac": 11_000, "dc": 100_000}
ROOM = 45_000
BATTERY = 60_000
_DEFAULT_EVSE_POWER = 22_000
# Of a phase, in V; and the phases of a current that names none.
VOLTS = 230
DEFAULT_PHASES = 3
NEVER = datetime.max.replace(tzinfo=UTC)
PowerChange = tuple[datetime, float]


@dataclass(frozen=True)
class Charge:
    """A charge from `started` to `ended`, or until now while it runs.

    `power` in W is that of its start, `changes` are later ones with their times; `room` (free capacity) in Wh.
    """

    started: datetime
    ended: datetime
    power: float
    room: float = ROOM
    changes: tuple[PowerChange, ...] = ()

    def _spans(self) -> Iterator[tuple[datetime, datetime, float]]:
        """The times of one power: begin, end (the last has none) and power in W."""
        begin, power = self.started, self.power
        for moment, changed in self.changes:
            yield begin, moment, power
            begin, power = moment, changed
        yield begin, NEVER, power

    def _flow_until(self, moment: datetime) -> float:
        """Energy until a time in Wh, if the battery had no end."""
        return sum(
            power * (min(end, moment) - begin).total_seconds() / 3600
            for begin, end, power in self._spans()
            if begin < moment
        )

    def reaches(self, energy: float) -> datetime:
        """When it has taken this energy in Wh; `NEVER` if it does not."""
        left = energy
        for begin, end, power in self._spans():
            flow = power * (end - begin).total_seconds() / 3600
            if flow >= left and power > 0:
                return begin + timedelta(hours=left / power)
            left -= flow
        return NEVER

    @property
    def full_at(self) -> datetime:
        """When the battery is full; `NEVER` if no power flows."""
        return self.reaches(self.room)

    @property
    def charging_until(self) -> datetime:
        """When the energy flow ended; a time without power before the battery is full is one of charging."""
        return min(self.full_at, self.ended)

    @property
    def energy(self) -> int:
        """Energy so far, in whole Wh."""
        return self.energy_until(self.ended)

    def energy_until(self, moment: datetime) -> int:
        """Energy until a time, in whole Wh."""
        return round(min(self.room, self._flow_until(min(moment, self.ended))))

    def power_at(self, moment: datetime) -> float:
        """The power in W at a time: none once the battery is full."""
        if moment >= self.full_at:
            return 0.0
        return next(power for begin, end, power in self._spans() if moment < end)

    @property
    def peak_power(self) -> float:
        """The highest power so far, in W."""
        return max(power for begin, _, power in self._spans() if begin <= self.charging_until)

    @property
    def charging_minutes(self) -> float:
        """Minutes with energy flow."""
        return (self.charging_until - self.started).total_seconds() / 60

    @property
    def soc(self) -> float:
        """State of charge in percent."""
        return round(100 * (BATTERY - ROOM + self.energy) / BATTERY, 1)


def most_power(evse: Mapping[str, Any]) -> float:
    """The power in W that an EVSE offers and a car takes."""
    offered = (evse.get("powerOptions") or {}).get("maxPower") or _DEFAULT_EVSE_POWER
    return max(0.0, min(float(offered), float(CAR_POWER.get(str(evse.get("currentType")), CAR_POWER["ac"]))))
