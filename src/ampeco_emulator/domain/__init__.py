"""Behaviour that no specification tells: one module per subject, each with its tables, gathered here."""

from ampeco_emulator.backend.backend import Hooks
from ampeco_emulator.crud.resources import Handler
from ampeco_emulator.domain.billing import billing, partner_money, settlement, tariffs, wallet
from ampeco_emulator.domain.charging import bookings, chargers, charging, evses, reservations, session_views, sessions
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

HANDLERS: dict[str, Handler] = {
    **charging.HANDLERS,
    **reservations.HANDLERS,
    **bookings.HANDLERS,
    **billing.HANDLERS,
    **wallet.HANDLERS,
    **tariffs.HANDLERS,
    **session_views.HANDLERS,
    **charge_points.HANDLERS,
    **circuits.HANDLERS,
    **sharing.HANDLERS,
    **downtime.HANDLERS,
    **notifications.HANDLERS,
    **places.HANDLERS,
    **templates.HANDLERS,
    **profiles.HANDLERS,
    **roaming.HANDLERS,
    **flexibility.HANDLERS,
}

HOOKS = Hooks(
    steps={
        **sessions.STEPS,
        **evses.STEPS,
        **reservations.STEPS,
        **bookings.STEPS,
        **wallet.STEPS,
        **chargers.STEPS,
        **flexibility.STEPS,
    },
    ticks=(sessions.update_running, settlement.close_months),
    creating={**wallet.CREATING, **charge_points.CREATING},
    created={
        **tariffs.CREATED,
        **billing.CREATED,
        **wallet.CREATED,
        **bookings.CREATED,
        **charge_points.CREATED,
        **downtime.CREATED,
        **places.CREATED,
        **roaming.CREATED,
        **flexibility.CREATED,
    },
    changing={**billing.CHANGING, **notifications.CHANGING, **roaming.CHANGING, **charge_points.CHANGING},
    removing=in_use.REMOVING,
    removed=charge_points.REMOVED,
    showing={
        **charge_records.SHOWING,
        **partner_money.SHOWING,
        **session_views.SHOWING,
        **notifications.SHOWING,
        **charge_points.SHOWING,
    },
)
