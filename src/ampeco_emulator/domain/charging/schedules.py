"""The limit of a charging profile at a time.

Facts: profiles have the terms of OCPP: a relative schedule begins with the charge, an absolute one at its time, a
recurring one every day or week; each period counts until the next one begins, and all of them for a duration at most.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ampeco_emulator.clock import parse_timestamp
from ampeco_emulator.domain.billing.energy import DEFAULT_PHASES, VOLTS

# Seconds that are added to a time, and W: a profile may name any number.
_LONGEST = 10**8
_MOST = 10**9
ChargingProfile = Mapping[str, Any]


def limit_of(profiles: Iterable[ChargingProfile], at: datetime, begun: datetime) -> float | None:
    """The limit in W of the first profile that is in effect at a time; `begun` is when the charge began."""
    limits = (_limit(profile, at, begun) for profile in profiles)
    return next((limit for limit in limits if limit is not None), None)


def _limit(profile: ChargingProfile, at: datetime, begun: datetime) -> float | None:
    schedule, start = profile.get("chargingSchedule") or {}, _schedule_start(profile, at, begun)
    valid_from, valid_to = _moment(profile.get("validFrom")), _moment(profile.get("validTo"))
    if (valid_from is not None and at < valid_from) or (valid_to is not None and at >= valid_to):
        return None
    passed = (at - start).total_seconds()
    if passed < 0 or (schedule.get("duration") and passed >= schedule["duration"]):
        return None
    reached = [period for period in _periods(schedule) if period["startPeriod"] <= passed]
    if not reached:
        return None
    period = max(reached, key=lambda item: item["startPeriod"])
    phases = period.get("numberPhases") or DEFAULT_PHASES
    return float(min(period["limit"], _MOST)) * (1 if schedule.get("chargingRateUnit") == "W" else VOLTS * phases)


def edges_of(profile: ChargingProfile, at: datetime, begun: datetime) -> Iterator[datetime]:
    """The times around a time at which the limit of a profile may change."""
    schedule, start = profile.get("chargingSchedule") or {}, _schedule_start(profile, at, begun)
    offsets = [0, *(period["startPeriod"] for period in _periods(schedule)), schedule.get("duration") or 0]
    if (every := _recurrence(profile)) is not None:
        offsets.append(every.total_seconds())
    yield from (_later(start, offset) for offset in offsets)
    bounds = (_moment(profile.get(name)) for name in ("validFrom", "validTo"))
    yield from (bound for bound in bounds if bound is not None)


def _schedule_start(profile: ChargingProfile, at: datetime, begun: datetime) -> datetime:
    """When the schedule that counts at a time began: with the charge, at its own time, or at the latest recurrence."""
    start = _moment((profile.get("chargingSchedule") or {}).get("startSchedule"))
    if start is None or profile.get("chargingProfileKind") == "Relative":
        return begun
    every = _recurrence(profile)
    return start + (at - start) // every * every if every is not None and start <= at else start


def _recurrence(profile: ChargingProfile) -> timedelta | None:
    if profile.get("chargingProfileKind") != "Recurring":
        return None
    return timedelta(days=7 if str(profile.get("recurrencyKind")).lower() == "weekly" else 1)


def _periods(schedule: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    numbers = ("startPeriod", "limit")
    return [
        period
        for period in schedule.get("chargingSchedulePeriod") or ()
        if isinstance(period, Mapping) and all(isinstance(period.get(name), int | float) for name in numbers)
    ]


def _moment(text: Any) -> datetime | None:
    try:
        return parse_timestamp(str(text)) if text else None
    except ValueError:
        return None


def _later(moment: datetime, seconds: float) -> datetime:
    try:
        return moment + timedelta(seconds=min(seconds, _LONGEST))
    except OverflowError:
        return datetime.max.replace(tzinfo=moment.tzinfo)
