"""The history of the seeded data: sessions and reservations are simulated; twenty sessions take a month."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.store import Record
from ampeco_emulator.domain.billing import billing
from ampeco_emulator.domain.charging import reservations, sessions
from ampeco_emulator.seed.data import OFFLINE_CHARGE_POINT, POOR_USER
from ampeco_emulator.seed.sizes import Seed

# Resource types whose records come from the simulation.
SIMULATED = frozenset({"authorizations", "tariff-snapshots", "sessions", "transactions", "receipts", "reservations"})
# The time before now at which the history begins, per session; the time between sessions.
_AGO = timedelta(hours=36)
_BETWEEN = timedelta(hours=30)


def simulate(backend: Backend, plan: Seed) -> None:
    """Simulate past sessions, payments and reservations, and one session that still runs."""
    evses = [evse for evse in backend.store.all("evses") if evse.fields.get("chargePointId", 0) <= OFFLINE_CHARGE_POINT]
    users = backend.store.all("users")
    if not evses or not users:
        return
    offset = backend.clock.offset
    count = plan.count("sessions")
    backend.clock.offset -= count * _AGO
    for number in range(count):
        _charge(backend, evses[number % len(evses)], _driver(users, number), hours=0.5 + number % 5)
        if number < plan.count("reservations"):
            _reserve(backend, evses[number % len(evses)], users[number % len(users)], number)
        backend.clock.offset += _BETWEEN
        backend.tick()
    _add_open_transactions(backend, users[0])
    backend.clock.offset = offset
    backend.tick()
    # One session runs now.
    sessions.begin(backend, evses[-1], {}, method="user_device", user=users[1 % len(users)])


def _driver(users: list[Record], number: int) -> Record | None:
    """The user of a session: mostly one who can pay; at times none, or one without money."""
    if number % 5 == 4:
        return None
    return (
        users[POOR_USER] if number % 5 == 3 and len(users) > POOR_USER else users[number % min(len(users), POOR_USER)]
    )


def _charge(backend: Backend, evse: Record, user: Record | None, *, hours: float) -> None:
    request: Mapping[str, Any] = {}
    session = sessions.begin(backend, evse, request, method="user_device" if user else "admin", user=user)
    backend.clock.advance(hours * 3600)
    backend.tick()
    session.state["stopping"] = "remote"
    sessions.stop_accepted(backend, session, backend.now())
    backend.clock.advance(60)
    backend.tick()


def _reserve(backend: Backend, evse: Record, user: Record, number: int) -> None:
    reservation = reservations.add(backend, evse, user)
    backend.clock.advance(300)
    if number % 3:
        reservations.end(backend, reservation, "canceled" if number % 3 == 1 else "done", backend.now())


def _add_open_transactions(backend: Backend, user: Record) -> None:
    """Transactions that are not finalized, so that they can still be changed."""
    for status in ("pending", "authorized"):
        fields = {"userId": user.id, "userEmail": user.fields.get("email"), "sessionId": None, "totalAmount": 12.5}
        kind = {"purchaseResourceType": "topup_package", "purchaseResourceId": 1, "status": status}
        billing.add_transaction(backend, fields | kind, backend.now())
