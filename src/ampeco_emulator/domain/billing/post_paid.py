"""Post-paid plans: what their subscribers owe, and when it is billed.

Facts: without a payment method, a session at a home charger is paid through the subscription of its user, if the plan
accumulates such sessions; a plan that accumulates commercial sessions, too, can be named as the method elsewhere. What
is not settled is the amount due of the user. It is billed with the base fee when the cycle ends, or at once when it
reaches the threshold of the plan; clearing it sets its transactions to 0.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler, accepted
from ampeco_emulator.domain.billing import billing
from ampeco_emulator.domain.billing.plans import active_subscription
from ampeco_emulator.openapi.validation import Incoming

SUBSCRIPTION = "subscription"
# The kinds of chargers whose sessions a plan accumulates; an owner's charger is "personal".
_ACCUMULATED = {"personal": ("personal",), "personal_commercial": ("personal", "private", "public")}


def method_of(backend: Backend, evse: Record, user: Record | None) -> str | None:
    """The payment method of a session whose start names none."""
    if user is None:
        return None
    is_home = _kind_of(backend, evse.fields["chargePointId"]) == "personal"
    return SUBSCRIPTION if is_home and accumulates(backend, evse, user) else "balance"


@rule
def accumulates(backend: Backend, evse: Record, user: Record) -> bool:
    """Whether the plan of a user accumulates the sessions at an EVSE."""
    subscription = active_subscription(backend, user)
    plan = backend.store.peek("subscription-plans", subscription.fields["planId"]) if subscription else None
    if plan is None or plan.fields.get("type") != "post-paid":
        return False
    kinds = _ACCUMULATED.get(str(plan.fields.get("postPaidChargingSessionsAccumulation")), ())
    return _kind_of(backend, evse.fields["chargePointId"]) in kinds


def settle(backend: Backend, session: Record, at: datetime) -> bool:
    """Add a finished session to the amount due; False when no subscription pays for it."""
    user = backend.store.peek("users", session.fields["userId"])
    if session.fields["paymentMethodId"] != SUBSCRIPTION or session.fields["billingStatus"] != "pending":
        return False
    subscription = active_subscription(backend, user) if user is not None else None
    if user is None or subscription is None:
        # It has ended meanwhile.
        backend.change(session, {"paymentMethodId": "balance", "paymentType": "balance"})
        return False
    if not billing.has_price(backend, session):
        return False
    backend.change(session, {"billingStatus": billing.billing_status(backend, session)})
    kind = {"sessionId": session.id, "purchaseResourceType": "session", "purchaseResourceId": session.id}
    _owe(backend, subscription, user, {**kind, "totalAmount": float(billing.total_of(session))}, at)
    plan = backend.store.peek("subscription-plans", subscription.fields["planId"])
    threshold = plan.fields.get("billingUsageThreshold") if plan is not None else None
    if threshold and amount_due(backend, user) >= threshold:
        _bill(backend, user, at)
    return True


def close_cycle(backend: Backend, subscription: Record, user: Record, at: datetime) -> None:
    """Bill a cycle of a post-paid plan: its base fee, and what is due."""
    plan = backend.store.peek("subscription-plans", subscription.fields["planId"])
    if plan is None or plan.fields.get("type") != "post-paid":
        return
    if fee := plan.fields.get("baseFee"):
        kind = {"sessionId": None, "purchaseResourceType": "subscription_plan", "purchaseResourceId": plan.id}
        _owe(backend, subscription, user, {**kind, "totalAmount": float(fee)}, at)
    _bill(backend, user, at)


@rule
def amount_due(backend: Backend, user: Record) -> Decimal:
    """What a user owes through the present subscription."""
    return sum((_amount(transaction) for transaction in _unsettled(backend, user)), Decimal(0))


def clear_amount_due(call: EndpointCall) -> EmulatorResponse:
    """Set what is not settled of the present subscription to 0."""
    backend = call.backend
    for transaction in _unsettled(backend, backend.named("user", call.incoming.path_values["user"])):
        backend.change(transaction, {"totalAmount": 0})
        billing.announce_transaction(backend, transaction, "updated")
    return accepted(call)


def show_user(backend: Backend, user: Record, incoming: Incoming | None) -> dict[str, Any]:
    """The fields of a user, with the amount due if it is requested."""
    if incoming is None or not incoming.query.get("withAmountDue"):
        return dict(user.fields)
    return {**user.fields, "amountDue": float(amount_due(backend, user))}


def _owe(backend: Backend, subscription: Record, user: Record, purchase: Mapping[str, Any], at: datetime) -> None:
    """Add a transaction that is settled later."""
    paid_by = {"paymentMethod": SUBSCRIPTION, "paymentMethodId": SUBSCRIPTION, "status": "pending"}
    owed = {"userId": user.id, "userEmail": user.fields.get("email"), **paid_by, **purchase}
    billing.add_transaction(backend, owed, at).state[SUBSCRIPTION] = subscription.id


def _bill(backend: Backend, user: Record, at: datetime) -> None:
    """Settle what is due from the balance; if that does not cover it, all of it remains due."""
    if Decimal(str(user.fields.get("balance") or 0)) < amount_due(backend, user):
        return
    for transaction in _unsettled(backend, user):
        backend.change(transaction, {"status": "finalized", "finalizedAt": format_timestamp(at)})
        billing.announce_transaction(backend, transaction, "updated")
        if amount := _amount(transaction):
            billing.book(backend, user, -amount, "transaction", transaction)
        session = backend.store.peek("sessions", transaction.fields["sessionId"])
        if session is not None:
            billing.close_payment(backend, session, transaction, "paid", at)


def _unsettled(backend: Backend, user: Record) -> list[Record]:
    subscription = active_subscription(backend, user)
    return [
        transaction
        for transaction in backend.store.all("transactions", {"users": str(user.id)})
        if transaction.fields["status"] == "pending"
        and subscription is not None
        and transaction.state.get(SUBSCRIPTION) == subscription.id
    ]


def _amount(transaction: Record) -> Decimal:
    return Decimal(str(transaction.fields["totalAmount"]))


def _kind_of(backend: Backend, charge_point_id: Any) -> str | None:
    charge_point = backend.store.peek("charge-points", charge_point_id)
    return str(charge_point.fields.get("type")) if charge_point is not None else None


SHOWING = {"users": show_user}
HANDLERS: dict[str, Handler] = {
    "POST /public-api/actions/users/v1.0/{user}/clear-subscription-amount-due": clear_amount_due,
}
