"""The past of the seeded operator: sessions and reservations that were really lived through: twenty take a month."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ampeco_emulator.backend.backend import World
from ampeco_emulator.backend.store import Record
from ampeco_emulator.domain.billing import billing
from ampeco_emulator.domain.charging import reservations, sessions
from ampeco_emulator.seed.data import OFFLINE_CHARGE_POINT, POOR_USER
from ampeco_emulator.seed.sizes import Seed

# Families whose records come from here.
LIVED = frozenset({"authorizations", "tariff-snapshots", "sessions", "transactions", "receipts", "reservations"})
# How long ago it begins, for each session.
_AGO = timedelta(hours=36)
_BETWEEN = timedelta(hours=30)


def live(world: World, plan: Seed) -> None:
    """Let time pass: drivers charged, most paid, some reserved."""
    evses = [evse for evse in world.store.all("evses") if evse.fields.get("chargePointId", 0) <= OFFLINE_CHARGE_POINT]
    users = world.store.all("users")
    if not evses or not users:
        return
    offset = world.clock.offset
    count = plan.count("sessions")
    world.clock.offset -= count * _AGO
    for number in range(count):
        _charge(world, evses[number % len(evses)], _driver(users, number), hours=0.5 + number % 5)
        if number < plan.count("reservations"):
            _reserve(world, evses[number % len(evses)], users[number % len(users)], number)
        world.clock.offset += _BETWEEN
        world.tick()
    _add_open_transactions(world, users[0])
    world.clock.offset = offset
    world.tick()
    # Somebody charges right now.
    sessions.begin(world, evses[-1], {}, method="user_device", user=users[1 % len(users)])


def _driver(users: list[Record], number: int) -> Record | None:
    """Mostly somebody who can pay; at times nobody is known, at times somebody without money."""
    if number % 5 == 4:
        return None
    return (
        users[POOR_USER] if number % 5 == 3 and len(users) > POOR_USER else users[number % min(len(users), POOR_USER)]
    )


def _charge(world: World, evse: Record, user: Record | None, *, hours: float) -> None:
    request: Mapping[str, Any] = {}
    session = sessions.begin(world, evse, request, method="user_device" if user else "admin", user=user)
    world.clock.advance(hours * 3600)
    world.tick()
    session.state["ended"] = world.now().isoformat()
    sessions.finish(world, session, world.now(), reason="remote")
    world.clock.advance(60)
    world.tick()


def _reserve(world: World, evse: Record, user: Record, number: int) -> None:
    reservation = reservations.add(world, evse, user)
    world.clock.advance(300)
    if number % 3:
        reservations.end(world, reservation, "canceled" if number % 3 == 1 else "done", world.now())


def _add_open_transactions(world: World, user: Record) -> None:
    """Transactions that are not finalized, so that they can still be changed."""
    for status in ("pending", "authorized"):
        fields = {"userId": user.id, "userEmail": user.fields.get("email"), "sessionId": None, "totalAmount": 12.5}
        kind = {"purchaseResourceType": "topup_package", "purchaseResourceId": 1, "status": status}
        billing.add_transaction(world, fields | kind, world.now())
