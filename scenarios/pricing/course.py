"""The course of a session: its charging periods, in the zone of its location."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from scenarios.pricing.terms import ZERO, decimal

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stretch:
    """A part of a session in which the car charges, or is idle, with constant power."""

    start: datetime
    stop: datetime
    kwh: Decimal
    is_idle: bool = False

    @property
    def minutes(self) -> Decimal:
        """How long it lasts."""
        return minutes_of(self.stop - self.start)

    def cut_at(self, moments: Collection[datetime]) -> Iterator["Stretch"]:
        """The pieces between some moments; each gets the part of the energy that its time is of the whole."""
        edges = [self.start, *sorted(moment for moment in moments if self.start < moment < self.stop), self.stop]
        for start, stop in pairwise(edges):
            share = minutes_of(stop - start) / self.minutes if self.minutes else Decimal(1)
            yield replace(self, start=start, stop=stop, kwh=self.kwh * share)


@dataclass(frozen=True)
class Course:
    """What happened in a session, one stretch after the other, where clocks show the time of `zone`."""

    stretches: tuple[Stretch, ...]
    zone: ZoneInfo

    @classmethod
    def of(cls, session: Mapping[str, Any], zone: ZoneInfo) -> "Course":
        """The course of a finished session that was read with its charging periods; energy is in Wh."""
        return cls(
            tuple(
                Stretch(
                    datetime.fromisoformat(period["startedAt"]),
                    datetime.fromisoformat(period["stoppedAt"]),
                    decimal(period["energy"]) / 1000,
                    (period.get("chargingState") or period["state"]) == "idle",
                )
                for period in session.get("chargingPeriods") or ()
            ),
            zone,
        )

    @property
    def kwh(self) -> Decimal:
        """The energy of the session."""
        return sum((stretch.kwh for stretch in self.stretches), ZERO)

    @property
    def minutes(self) -> Decimal:
        """How long the session lasts."""
        return sum((stretch.minutes for stretch in self.stretches), ZERO)

    @property
    def charging(self) -> "Course":
        """The stretches in which the car charges."""
        return replace(self, stretches=tuple(stretch for stretch in self.stretches if not stretch.is_idle))

    def idle(self, grace: Decimal) -> "Course":
        """What is left of each time the car is idle when the grace is over; the next idling has its own."""
        left: list[Stretch] = []
        for is_idle, together in groupby(self.stretches, lambda stretch: stretch.is_idle):
            if is_idle:
                left += _after(list(together), grace)
        return replace(self, stretches=tuple(left))

    def after(self, grace: Decimal) -> "Course":
        """What is left of the course when so many of its minutes have passed."""
        return replace(self, stretches=tuple(_after(list(self.stretches), grace)))

    def local_time(self, moment: datetime) -> time:
        """The time that a clock at the location shows."""
        return moment.astimezone(self.zone).time()

    def local_date(self, moment: datetime) -> str:
        """The date that a calendar at the location shows."""
        return moment.astimezone(self.zone).date().isoformat()

    def cut_at(self, edges: Collection[time]) -> list[Stretch]:
        """The stretches, cut whenever a clock at the location shows one of these times."""
        return [piece for stretch in self.stretches for piece in stretch.cut_at(self._moments(stretch, edges))]

    def _moments(self, stretch: Stretch, edges: Collection[time]) -> list[datetime]:
        day = stretch.start.astimezone(self.zone).date()
        last = stretch.stop.astimezone(self.zone).date()
        moments = []
        while day <= last:
            moments += [datetime.combine(day, edge, self.zone).astimezone(UTC) for edge in edges]
            day += A_DAY
        return moments


def minutes_of(duration: timedelta) -> Decimal:
    """A duration in minutes."""
    return Decimal(duration // timedelta(microseconds=1)) / 60_000_000


def _after(stretches: list[Stretch], grace: Decimal) -> list[Stretch]:
    if not stretches:
        return []
    end = stretches[0].start
    left = timedelta(microseconds=int(grace * 60_000_000))
    for stretch in stretches:
        end = stretch.start + left
        left -= min(left, stretch.stop - stretch.start)
        if not left:
            break
    return [piece for stretch in stretches for piece in stretch.cut_at([end]) if piece.start >= end]
