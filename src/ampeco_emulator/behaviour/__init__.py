"""Behaviour that no specification tells: one module per subject, each with its tables, gathered here."""

from ampeco_emulator.behaviour import (
    billing,
    bookings,
    charge_points,
    chargers,
    charging,
    circuits,
    downtime,
    evses,
    flexibility,
    in_use,
    notifications,
    places,
    reservations,
    roaming,
    session_views,
    sessions,
    settlement,
    sharing,
    tariffs,
    wallet,
)
from ampeco_emulator.resources import Handler
from ampeco_emulator.world import Behaviour

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
    **roaming.HANDLERS,
    **flexibility.HANDLERS,
}

BEHAVIOUR = Behaviour(
    steps={
        **sessions.STEPS,
        **evses.STEPS,
        **reservations.STEPS,
        **bookings.STEPS,
        **billing.STEPS,
        **wallet.STEPS,
        **chargers.STEPS,
        **flexibility.STEPS,
    },
    ticks=(sessions.keep_all_up, settlement.close_months),
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
    changing={**billing.CHANGING, **notifications.CHANGING, **roaming.CHANGING},
    removing=in_use.REMOVING,
    removed=charge_points.REMOVED,
    showing={**session_views.SHOWING, **notifications.SHOWING, **charge_points.SHOWING},
)
