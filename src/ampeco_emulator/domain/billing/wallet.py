"""Users: balance, vouchers, fees, subscriptions, payment methods, status."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError
from ampeco_emulator.backend.changes import announce_change
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp, parse_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler, accepted
from ampeco_emulator.crud.resources import refuse_contradictions, refuse_unknown_references, write_single
from ampeco_emulator.domain.billing import plans, post_paid
from ampeco_emulator.domain.billing.billing import add_transaction, book
from ampeco_emulator.domain.billing.currencies import as_money, currency

_ACTIONS = "/public-api/actions/users"
_USER = "POST /public-api/resources/users/v1.0/{user}"
# Payment methods whose registration is not finished.
_REGISTRATIONS = "registrations"
# The type of a change of the balance, by what was bought.
_BOOKED_AS = {"custom_fee": "custom_fee", "subscription_plan": "subscribe_to_plan"}
_MONTH, _YEAR = timedelta(days=30), timedelta(days=365)


def add_balance(call: EndpointCall) -> EmulatorResponse:
    """Add to the balance; a negative amount subtracts."""
    backend, user = call.backend, _user(call)
    book(backend, user, as_money(backend, Decimal(str(call.body["amount"]))), "api_top_up")
    topped_up(backend, user)
    return accepted(call)


@rule
def topped_up(_backend: Backend, _user: Record) -> None:
    """What follows when an amount was added to the balance of a user: nothing."""


def redeem_voucher(call: EndpointCall) -> EmulatorResponse:
    """Add the amount of a voucher to the balance, once."""
    backend, user = call.backend, _user(call)
    code = str(call.body["code"])
    voucher = next((item for item in backend.store.all("vouchers") if item.fields.get("code") == code), None)
    if voucher is None or not is_redeemable(backend, voucher):
        raise RefusedError(406, "The voucher cannot be redeemed.")
    changes = {"redeemedByUserId": user.id, "redeemedAt": format_timestamp(backend.now())}
    changes["remainingAmount"] = left_of(backend, voucher)
    backend.change(voucher, changes | _expiry(voucher, backend.now()))
    book(backend, user, worth(backend, voucher), "voucher")
    return accepted(call)


@rule
def is_redeemable(backend: Backend, voucher: Record) -> bool:
    """Whether a voucher is enabled, valid today and not redeemed yet."""
    today = backend.now().date().isoformat()
    is_over = any((voucher.fields.get(name) or today)[:10] < today for name in ("expireDate", "assignBeforeDate"))
    is_enabled = voucher.fields.get("status", "enabled") == "enabled"
    return is_enabled and not is_over and voucher.fields.get("redeemedByUserId") is None


@rule
def left_of(_backend: Backend, _voucher: Record) -> float:
    """What is left of a voucher that was redeemed."""
    return 0


@rule
def worth(backend: Backend, voucher: Record) -> Decimal:
    """What a voucher adds to the balance."""
    return as_money(backend, Decimal(str(voucher.fields["amount"])))


def _expiry(voucher: Record, redeemed: datetime) -> dict[str, str]:
    """Fact: with a validity period alone, a voucher expires that long after its redemption."""
    period = voucher.fields.get("validityPeriod")
    if not period or voucher.fields.get("expireDate"):
        return {}
    number, unit = str(period).split()
    until = redeemed + int(number) * (_YEAR if unit.startswith("year") else _MONTH)
    return {"expireDate": until.date().isoformat()}


def apply_custom_fee(call: EndpointCall) -> EmulatorResponse:
    """Charge a fee, from the balance unless a payment method is given."""
    backend, user = call.backend, _user(call)
    amount = Decimal(str(call.body["amount"]))
    method = call.body.get("paymentMethodId") or "balance"
    if str(method).startswith("corporate"):
        raise RefusedError(400, "Corporate billing cannot pay a custom fee.")
    if method == "balance" and not can_pay_fee(backend, user, amount):
        raise RefusedError(400, "The balance of the user is too low.")
    take_payment(backend, user, amount, {"purchaseResourceType": "custom_fee", "paymentMethodId": method})
    return accepted(call)


@rule
def can_pay_fee(_backend: Backend, user: Record, amount: Decimal) -> bool:
    """Whether the balance of a user covers a fee."""
    return Decimal(str(user.fields.get("balance") or 0)) >= amount


@rule
def take_payment(backend: Backend, user: Record, amount: Decimal, purchase: Mapping[str, Any]) -> None:
    """Charge a user for a purchase: one finalized transaction, and the balance when that is how it is paid."""
    amount = as_money(backend, amount)
    from_balance = purchase["paymentMethodId"] == "balance"
    fields = {"userId": user.id, "sessionId": None, "totalAmount": float(amount), "status": "finalized", **purchase}
    fields["paymentMethod"] = "balance" if from_balance else "card"
    transaction = add_transaction(backend, fields, backend.now())
    if from_balance:
        book(backend, user, -amount, _BOOKED_AS[purchase["purchaseResourceType"]], transaction)


def activate_subscription(call: EndpointCall) -> EmulatorResponse:
    """Subscribe a user to a plan."""
    backend, user = call.backend, _user(call)
    plan = backend.store.find("subscription-plans", str(call.body.get("planId")))
    if plan is None:
        raise RefusedError(422, "The selected planId is invalid.", {"planId": ["The selected planId is invalid."]})
    _pay_in_advance(backend, user, plan)
    end_subscription(backend, user, "canceled")
    now = backend.now()
    wanted = call.body.get("endDate")
    until = parse_timestamp(wanted) if wanted else now + _period(plan)
    subscription = backend.add(
        "subscriptions",
        {
            "planId": plan.id,
            "userId": user.id,
            "startDate": format_timestamp(now),
            "endDate": format_timestamp(until),
            "status": "active",
            "statusDate": format_timestamp(now),
            "remainingFreeRenewalPeriods": plan.fields.get("freeRenewalPeriods") if _is_pre_paid(plan) else None,
            "shouldUseExternalBilling": False,
        },
    )
    subscription.state["renews"] = call.body.get("autoRenewal") in (True, "true")
    backend.change(user, {"subscriptionId": subscription.id})
    backend.schedule.add(until, "subscription.expire", "subscriptions", subscription.id)
    _announce(backend, subscription)
    return accepted(call)


def _period(plan: Record) -> timedelta:
    return _YEAR if plan.fields.get("renewalCycle") == "annually" else _MONTH


def _is_pre_paid(plan: Record) -> bool:
    return bool(plan.fields.get("type") == "pre-paid")


def _pay_in_advance(backend: Backend, user: Record, plan: Record) -> None:
    """Pay the fee of a pre-paid plan from the balance. Raises RefusedError when it is too low."""
    fee = Decimal(str(plan.fields.get("baseFee") or 0))
    if not _is_pre_paid(plan) or fee <= 0:
        return
    if Decimal(str(user.fields.get("balance") or 0)) < fee:
        raise RefusedError(400, "The balance of the user is too low.")
    kind = {"purchaseResourceType": "subscription_plan", "purchaseResourceId": plan.id, "paymentMethodId": "balance"}
    take_payment(backend, user, fee, kind)


def cancel_subscription(call: EndpointCall) -> EmulatorResponse:
    """Cancel the subscription of a user."""
    backend, user = call.backend, _user(call)
    if not end_subscription(backend, user, "canceled"):
        raise RefusedError(400, "The user has no active subscription.")
    return accepted(call)


def end_subscription(backend: Backend, user: Record, status: str) -> bool:
    """End the active subscription of a user; whether there was one."""
    subscription = backend.store.peek("subscriptions", user.fields.get("subscriptionId"))
    user.fields["subscriptionId"] = None
    if subscription is None or subscription.fields.get("status") != "active":
        return False
    backend.change(subscription, {"status": status, "statusDate": format_timestamp(backend.now())})
    _announce(backend, subscription)
    return True


def register_payment_method(call: EndpointCall) -> EmulatorResponse:
    """Register a payment method in two calls: the second refers to the first by transactionId."""
    backend, user = call.backend, _user(call)
    number = call.body.get("transactionId")
    if number is None:
        refuse_contradictions(call, "payment-methods", {})
        registration = backend.add(_REGISTRATIONS, dict(call.body), {"users": str(user.id)})
        link = f"https://example.com/register/{registration.id}"
        # The documented response has a form of its own for every processor; one is free.
        begun = {"transactionId": registration.id, "successUrl": None, "redirectUrl": link}
        return EmulatorResponse(call.endpoint.success, begun)
    registered = backend.store.find(_REGISTRATIONS, str(int(number)), {"users": str(user.id)})
    if registered is None:
        message = "The selected transactionId is invalid."
        raise RefusedError(422, message, {"transactionId": [message]})
    backend.store.remove(_REGISTRATIONS, registered)
    kind = str(registered.fields.get("tokenizedType", "card"))
    fields = {"userId": user.id, "type": "tokenized", "tokenizedType": kind, "name": kind, "default": False}
    method = backend.add("payment-methods", fields, {"users": str(user.id)})
    announce_change(backend, method, "created")
    schema = call.endpoint.response_schema(201)
    return EmulatorResponse(201, backend.values.shape(schema, {"data": method.fields}) if schema is not None else None)


def write_invoice_details(call: EndpointCall) -> EmulatorResponse:
    """Create or overwrite the invoice details of a user, and announce it."""
    user = _user(call)
    is_known = bool(call.backend.single("invoice-details", {"users": str(user.id)}))
    response = write_single(call)
    moment = format_timestamp(call.backend.now())
    payload = {"userId": user.id, "action": "updated" if is_known else "created", "lastUpdatedAt": moment}
    call.backend.announce("user.invoiceDetails.changed", payload)
    return response


def replace_plan(call: EndpointCall) -> EmulatorResponse:
    """Move all subscribers of a plan to another one, now or at a given time."""
    backend = call.backend
    refuse_unknown_references(call)
    plan = backend.named("subscriptionPlan", call.incoming.path_values["subscriptionPlan"])
    plan.state["replacement"] = call.body["planId"]
    due = parse_timestamp(call.body["replaceAt"]) if call.body.get("replaceAt") else backend.now()
    backend.schedule.add(due, "plan.replace", "subscription-plans", plan.id)
    backend.tick()
    return accepted(call)


def _replace_plan(backend: Backend, plan: Record, _at: datetime) -> None:
    plans.join_restrictions(backend, int(plan.id), int(plan.state["replacement"]))
    for subscription in backend.store.all("subscriptions"):
        if subscription.fields.get("planId") == plan.id and subscription.fields.get("status") == "active":
            backend.change(subscription, {"planId": plan.state["replacement"]})
            _announce(backend, subscription)


def change_status(call: EndpointCall) -> EmulatorResponse:
    """Enable or disable a user."""
    call.backend.change(_user(call), {"status": call.body["status"]})
    return accepted(call)


def complete_user(_backend: Backend, user: Record) -> None:
    """Complete a new user: an empty balance."""
    user.fields = {"balance": 0, "status": "enabled", "userGroupIds": [], "subscriptionId": None} | user.fields


def complete_voucher(backend: Backend, voucher: Record) -> None:
    """Complete a new voucher: a unique code, and its full amount."""
    digits = hashlib.sha256(f"voucher {voucher.id}".encode()).hexdigest()[:10].upper()
    voucher.fields = {
        "code": f"{voucher.fields.get('prefix') or ''}{digits}",
        "type": "voucher",
        "status": "enabled",
        "currencyCode": currency(backend),
        "remainingAmount": voucher.fields.get("amount"),
        "redeemedAt": None,
        "redeemedByUserId": None,
    } | voucher.fields


@rule
def refuse_known_email(backend: Backend, body: Mapping[str, Any]) -> None:
    """Email addresses are unique. Raises RefusedError."""
    address = str(body.get("email", "")).lower()
    if any(str(user.fields.get("email", "")).lower() == address for user in backend.store.all("users")):
        message = "The email has already been taken."
        raise RefusedError(422, message, {"email": [message]})


def _expire(backend: Backend, subscription: Record, at: datetime) -> None:
    user = backend.store.peek("users", subscription.fields["userId"])
    if user is not None and subscription.fields["status"] == "active":
        post_paid.close_cycle(backend, subscription, user, at)
    if user is not None and renew(backend, subscription, user, at):
        return
    if subscription.fields["status"] == "active":
        backend.change(subscription, {"status": "expired", "statusDate": format_timestamp(at)})
        if user is not None and user.fields.get("subscriptionId") == subscription.id:
            user.fields["subscriptionId"] = None
        _announce(backend, subscription)


@rule
def renew(backend: Backend, subscription: Record, user: Record, at: datetime) -> bool:
    """Renew a subscription for another cycle, if it renews itself and the user can pay."""
    plan = backend.store.peek("subscription-plans", subscription.fields["planId"])
    is_active = subscription.fields["status"] == "active"
    if plan is None or not is_active or not subscription.state.get("renews"):
        return False
    free = subscription.fields.get("remainingFreeRenewalPeriods") or 0
    try:
        if not free:
            _pay_in_advance(backend, user, plan)
    except RefusedError:
        return False
    until = at + _period(plan)
    plans.begin_cycle(subscription)
    left = {"remainingFreeRenewalPeriods": free - 1} if free else {}
    backend.change(subscription, {"endDate": format_timestamp(until), **left})
    backend.schedule.add(until, "subscription.expire", "subscriptions", subscription.id)
    _announce(backend, subscription)
    return True


def _announce(backend: Backend, subscription: Record) -> None:
    fields = subscription.fields
    payload = {"userId": fields["userId"], "planId": fields["planId"], "lastUpdatedAt": fields["lastUpdatedAt"]}
    status = {"canceled": "cancelled"}.get(fields["status"], fields["status"])
    backend.announce("user.subscriptionChanged", {**payload, "status": status, "endDate": fields["endDate"]})
    backend.announce("user.subscription.changed", {**payload, "status": fields["status"], "endsAt": fields["endDate"]})


def _user(call: EndpointCall) -> Record:
    return call.backend.named("user", call.incoming.path_values["user"])


def keep_partner(backend: Backend, group: Record, body: Mapping[str, Any]) -> None:
    """The partner of a user group can change only while it has no users. Raises RefusedError."""
    is_other = "partnerId" in body and body["partnerId"] != group.fields.get("partnerId")
    users = backend.store.all("users") if is_other else []
    if any(group.id in (user.fields.get("userGroupIds") or ()) for user in users):
        message = "The partner of a group with users cannot be changed."
        raise RefusedError(422, message, {"partnerId": [message]})


def keep_replaced(_backend: Backend, plan: Record, body: Mapping[str, Any]) -> None:
    """A plan that was replaced by another cannot be enabled again. Raises RefusedError."""
    is_enabled = body.get("status") == "enabled" and plan.fields.get("status") == "disabled"
    if is_enabled and plan.state.get("replacement") is not None:
        message = "A plan that was replaced cannot be enabled."
        raise RefusedError(422, message, {"status": [message]})


STEPS = {"subscription.expire": _expire, "plan.replace": _replace_plan}
CREATING = {"users": refuse_known_email}
CHANGING = {"user-groups": keep_partner, "subscription-plans": keep_replaced}
CREATED = {"users": complete_user, "vouchers": complete_voucher}
HANDLERS: dict[str, Handler] = {
    f"POST {_ACTIONS}/v1.0/{{user}}/add-balance": add_balance,
    f"POST {_ACTIONS}/v2.0/{{user}}/redeem-voucher": redeem_voucher,
    f"POST {_ACTIONS}/v1.0/{{user}}/apply-custom-fee": apply_custom_fee,
    f"POST {_ACTIONS}/v1.0/{{user}}/activate-subscription": activate_subscription,
    f"POST {_ACTIONS}/v1.0/{{user}}/cancel-subscription": cancel_subscription,
    f"POST {_ACTIONS}/v1.0/{{user}}/change-status": change_status,
    "POST /public-api/actions/subscription-plans/v1.0/{subscriptionPlan}/replace": replace_plan,
    f"{_USER}/payment-methods": register_payment_method,
    f"{_USER}/invoice-details": write_invoice_details,
}
