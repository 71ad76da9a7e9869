"""Behaviour that the specification does not describe: one module per subject, whose tables are merged here."""

from collections.abc import Mapping
from typing import TypeVar

from ampeco_emulator.backend.backend import Hooks
from ampeco_emulator.crud.calls import Handler
from ampeco_emulator.domain import field_rules, filters
from ampeco_emulator.domain.billing import billing, electricity_rates, plans, post_paid, settlement, tariffs, wallet
from ampeco_emulator.domain.charging import (
    bookings,
    chargers,
    charging,
    evses,
    meter,
    reservations,
    session_views,
    sessions,
)
from ampeco_emulator.domain.integrations import charge_records, notifications, roaming, sharing
from ampeco_emulator.domain.network import (
    charge_points,
    circuits,
    downtime,
    flexibility,
    in_use,
    places,
    profiles,
    templates,
)

V = TypeVar("V")


def merged(*tables: Mapping[str, V]) -> dict[str, V]:
    """One table out of several. Raises ValueError when a key is in two of them."""
    merged: dict[str, V] = {}
    for table in tables:
        if repeated := merged.keys() & table.keys():
            raise ValueError(f"registered twice: {', '.join(sorted(repeated))}")
        merged |= table
    return merged


HANDLERS: dict[str, Handler] = merged(
    charging.HANDLERS,
    reservations.HANDLERS,
    bookings.HANDLERS,
    billing.HANDLERS,
    wallet.HANDLERS,
    post_paid.HANDLERS,
    tariffs.HANDLERS,
    session_views.HANDLERS,
    charge_points.HANDLERS,
    circuits.HANDLERS,
    sharing.HANDLERS,
    downtime.HANDLERS,
    notifications.HANDLERS,
    places.HANDLERS,
    templates.HANDLERS,
    profiles.HANDLERS,
    roaming.HANDLERS,
    flexibility.HANDLERS,
)

HOOKS = Hooks(
    steps=merged(
        sessions.STEPS,
        evses.STEPS,
        reservations.STEPS,
        bookings.STEPS,
        wallet.STEPS,
        chargers.STEPS,
        flexibility.STEPS,
    ),
    readings=meter.READINGS,
    ticks=(settlement.close_months,),
    restored=(meter.resume_metering,),
    creating=merged(wallet.CREATING, charge_points.CREATING),
    created=merged(
        tariffs.CREATED,
        electricity_rates.CREATED,
        billing.CREATED,
        wallet.CREATED,
        bookings.CREATED,
        charge_points.CREATED,
        downtime.CREATED,
        places.CREATED,
        roaming.CREATED,
        flexibility.CREATED,
    ),
    changing=merged(
        electricity_rates.CHANGING,
        billing.CHANGING,
        wallet.CHANGING,
        notifications.CHANGING,
        roaming.CHANGING,
        charge_points.CHANGING,
    ),
    removing=in_use.REMOVING,
    removed=merged(charge_points.REMOVED, circuits.REMOVED),
    filters=filters.FILTERS,
    broken_rules=field_rules.broken_rules,
    secret={"users": frozenset({"password"})},
    server_set={"users": frozenset({"balance", "status"})},
    refreshing={"sessions": meter.refresh},
    filtering={"sessions": meter.refresh_time},
    showing=merged(
        charge_records.SHOWING,
        session_views.SHOWING,
        post_paid.SHOWING,
        plans.SHOWING,
        electricity_rates.SHOWING,
        notifications.SHOWING,
        charge_points.SHOWING,
        places.SHOWING,
    ),
)
