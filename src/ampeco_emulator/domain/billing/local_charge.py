"""A charge by the clocks of its place, and numbers of tariffs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from ampeco_emulator.domain.billing.energy import Charge

DAY_MINUTES = 24 * 60
_ABSURD = Decimal(10**9)
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class LocalCharge:
    """A charge at a place: its clocks decide which prices apply."""

    charge: Charge
    zone: tzinfo = UTC

    def spans(
        self, begin: datetime, finish: datetime, start: int, end: int, has: Callable[[date], bool] | None = None
    ) -> Iterator[Span]:
        """The parts of a time between two minutes of the local days that it `has`; the range may include midnight.

        A time that ends before it begins has none.
        """
        if begin >= finish:
            return
        if start == end and has is None:
            yield begin, finish
            return
        day = begin.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
        while day.astimezone(UTC) < finish:
            last = end if end > start else end + DAY_MINUTES
            opens, closes = ((day + timedelta(minutes=minute)).astimezone(UTC) for minute in (start, last))
            if max(opens, begin) < min(closes, finish) and (has is None or has(day.date())):
                yield max(opens, begin), min(closes, finish)
            day += timedelta(days=1)

    @property
    def started(self) -> datetime:
        """When the charge began, by the local clock."""
        return self.charge.started.astimezone(self.zone)


def sane(amount: Decimal) -> Decimal:
    """An amount; excessive ones of generated data are limited to avoid overflow."""
    return max(-_ABSURD, min(_ABSURD, amount))


def minute_of(time: str) -> int:
    """The minute of the day of a time such as 08:30."""
    hours, minutes = time.split(":")[:2]
    return int(hours) * 60 + int(minutes)


def decimal_of(value: Any) -> Decimal:
    """A number of a tariff; excessive numbers are limited, so that arithmetic stays exact."""
    return sane(Decimal(str(value))) if value is not None else Decimal(0)
