"""Preauthorization: the amount that a tariff blocks on a payment method before a session starts.

Facts: `preAuthorizeAmount` is blocked before the start, in an authorized transaction for `payment_authorisation`; some
users are exempt (`skipPreAuthorization`); a session that reaches it stops with `authorization_amount_reached`. The
amount is released (reversed) when the session is paid, or ends without charging.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.domain.billing.billing import add_transaction, announce_transaction
from ampeco_emulator.domain.billing.currencies import precision_of
from ampeco_emulator.domain.billing.energy import Charge
from ampeco_emulator.domain.billing.pricing import lines_of
from ampeco_emulator.domain.billing.tariffs import zone_of

_NOT_BLOCKED = frozenset({None, "", "balance", "subscription"})
_LONGEST = 2 * 24 * 60


def block(backend: Backend, session: Record, user: Record | None, tariff: Mapping[str, Any]) -> None:
    """Block the amount of the tariff on the payment method of a session, if it has both."""
    amount = float((tariff.get("pricing") or {}).get("preAuthorizeAmount") or 0)
    method = session.fields.get("paymentMethodId")
    if user is None or amount <= 0 or method in _NOT_BLOCKED or str(method).startswith("corporate"):
        return
    if user.fields.get("skipPreAuthorization"):
        return
    fields = {
        "userId": user.id,
        "userEmail": user.fields.get("email"),
        "sessionId": session.id,
        "paymentMethod": "card",
        "paymentMethodId": method,
        "purchaseResourceType": "payment_authorisation",
        "purchaseResourceId": session.id,
        "totalAmount": amount,
        "currency": session.fields["currency"],
        "status": "authorized",
    }
    session.state["blocked"] = add_transaction(backend, fields, backend.now()).id


@rule
def release(backend: Backend, session: Record) -> None:
    """Release the amount that is blocked for a session."""
    transaction = backend.store.peek("transactions", session.state.pop("blocked", None))
    if transaction is not None and transaction.fields["status"] == "authorized":
        backend.change(transaction, {"status": "reversed"})
        announce_transaction(backend, transaction, "updated")


def reached_at(backend: Backend, session: Record, tariff: Mapping[str, Any], charge: Charge) -> datetime | None:
    """When the price of a charge reaches the blocked amount; None if nothing is blocked, or not within two days."""
    transaction = backend.store.peek("transactions", session.state.get("blocked"))
    if transaction is None:
        return None
    amount, begun = Decimal(str(transaction.fields["totalAmount"])), charge.started
    zone, precision = zone_of(backend, session), precision_of(backend, session.fields["currency"])

    def costs_enough(minutes: int) -> bool:
        longer = replace(charge, ended=begun + timedelta(minutes=minutes))
        return sum((line.amount for line in lines_of(tariff, longer, zone, precision)), Decimal(0)) >= amount

    low, high = 0, _LONGEST
    if not costs_enough(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if costs_enough(middle) else (middle, high)
    return begun + timedelta(minutes=high)
