"""What a user has: balance, vouchers, fees, subscriptions, status."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import Answer, RefusedError, World
from ampeco_emulator.backend.changes import announce_change
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import read_moment, written
from ampeco_emulator.crud.resources import Call, Handler, accepted, refuse_unknown_references, write_single
from ampeco_emulator.domain.billing.billing import add_transaction, book, currency

_ACTIONS = "/public-api/actions/users"
_USER = "POST /public-api/resources/users/v1.0/{user}"
# Payment methods whose registration has begun.
_REGISTRATIONS = "registrations"
_MONTH, _YEAR = timedelta(days=30), timedelta(days=365)


def add_balance(call: Call) -> Answer:
    """Add to the balance; a negative amount subtracts."""
    book(call.world, _user(call), Decimal(str(call.body["amount"])), "api_top_up")
    return accepted(call)


def redeem_voucher(call: Call) -> Answer:
    """Pay the amount of a voucher into the balance, once."""
    world, user = call.world, _user(call)
    code = str(call.body["code"])
    voucher = next((item for item in world.store.all("vouchers") if item.fields.get("code") == code), None)
    if voucher is None or not (_is_redeemable(world, voucher) or world.misbehaves("voucher-twice")):
        raise RefusedError(406, "The voucher cannot be redeemed.")
    changes = {"redeemedByUserId": user.id, "redeemedAt": written(world.now()), "remainingAmount": 0}
    world.change(voucher, changes | _expiry(voucher, world.now()))
    book(world, user, Decimal(str(voucher.fields["amount"])), "voucher")
    return accepted(call)


def _is_redeemable(world: World, voucher: Record) -> bool:
    today = world.now().date().isoformat()
    is_over = any((voucher.fields.get(name) or today)[:10] < today for name in ("expireDate", "assignBeforeDate"))
    is_enabled = voucher.fields.get("status", "enabled") == "enabled"
    return is_enabled and not is_over and voucher.fields.get("redeemedByUserId") is None


def _expiry(voucher: Record, redeemed: datetime) -> dict[str, str]:
    """Fact: with a validity period alone, a voucher expires that long after its redemption."""
    period = voucher.fields.get("validityPeriod")
    if not period or voucher.fields.get("expireDate"):
        return {}
    number, unit = str(period).split()
    until = redeemed + int(number) * (_YEAR if unit.startswith("year") else _MONTH)
    return {"expireDate": until.date().isoformat()}


def apply_custom_fee(call: Call) -> Answer:
    """Charge a fee; from the balance when no payment method is named."""
    world, user = call.world, _user(call)
    amount = Decimal(str(call.body["amount"]))
    method = call.body.get("paymentMethodId") or "balance"
    if str(method).startswith("corporate"):
        raise RefusedError(400, "Corporate billing cannot pay a custom fee.")
    has_enough = Decimal(str(user.fields.get("balance") or 0)) >= amount or world.misbehaves("fee-on-credit")
    if method == "balance" and not has_enough:
        raise RefusedError(400, "The balance of the user is too low.")
    fields = {"userId": user.id, "sessionId": None, "totalAmount": float(amount), "status": "finalized"}
    kind = {"purchaseResourceType": "custom_fee", "paymentMethodId": method}
    transaction = add_transaction(world, fields | kind, world.now())
    if method == "balance":
        book(world, user, -amount, "custom_fee", transaction)
    return accepted(call)


def activate_subscription(call: Call) -> Answer:
    """The plan becomes the user's subscription."""
    world, user = call.world, _user(call)
    plan = world.store.find("subscription-plans", str(call.body.get("planId")))
    if plan is None:
        raise RefusedError(422, "The selected planId is invalid.", {"planId": ["The selected planId is invalid."]})
    _pay_in_advance(world, user, plan)
    end_subscription(world, user, "canceled")
    now = world.now()
    period = _YEAR if plan.fields.get("renewalCycle") == "annually" else _MONTH
    wanted = call.body.get("endDate")
    until = read_moment(wanted) if wanted else now + period
    subscription = world.add(
        "subscriptions",
        {
            "planId": plan.id,
            "userId": user.id,
            "startDate": written(now),
            "endDate": written(until),
            "status": "active",
            "statusDate": written(now),
            "shouldUseExternalBilling": False,
        },
    )
    world.change(user, {"subscriptionId": subscription.id})
    world.schedule.add(until, "subscription.expire", "subscriptions", subscription.id)
    _tell(world, subscription)
    return accepted(call)


def _pay_in_advance(world: World, user: Record, plan: Record) -> None:
    """A pre-paid plan takes its fee from the balance first. Raises RefusedError when that is too low."""
    fee = Decimal(str(plan.fields.get("baseFee") or 0))
    if plan.fields.get("type") != "pre-paid" or fee <= 0:
        return
    if Decimal(str(user.fields.get("balance") or 0)) < fee:
        raise RefusedError(400, "The balance of the user is too low.")
    fields = {"userId": user.id, "sessionId": None, "totalAmount": float(fee), "status": "finalized"}
    kind = {"purchaseResourceType": "subscription_plan", "purchaseResourceId": plan.id}
    transaction = add_transaction(world, fields | kind, world.now())
    book(world, user, -fee, "subscribe_to_plan", transaction)


def cancel_subscription(call: Call) -> Answer:
    """The user has no subscription any more."""
    world, user = call.world, _user(call)
    if not end_subscription(world, user, "canceled"):
        raise RefusedError(400, "The user has no active subscription.")
    return accepted(call)


def end_subscription(world: World, user: Record, status: str) -> bool:
    """End the active subscription of a user; whether there was one."""
    subscription = world.store.peek("subscriptions", user.fields.get("subscriptionId"))
    user.fields["subscriptionId"] = None
    if subscription is None or subscription.fields.get("status") != "active":
        return False
    world.change(subscription, {"status": status, "statusDate": written(world.now())})
    _tell(world, subscription)
    return True


def register_payment_method(call: Call) -> Answer:
    """Two steps: the first call begins a registration, the second names it by transactionId and finishes it."""
    world, user = call.world, _user(call)
    number = call.body.get("transactionId")
    if number is None:
        registration = world.add(_REGISTRATIONS, dict(call.body), {"users": str(user.id)})
        link = f"https://example.com/register/{registration.id}"
        return accepted(call, transactionId=registration.id, successUrl=None, redirectUrl=link)
    begun = world.store.find(_REGISTRATIONS, str(int(number)), {"users": str(user.id)})
    if begun is None:
        message = "The selected transactionId is invalid."
        raise RefusedError(422, message, {"transactionId": [message]})
    world.store.remove(_REGISTRATIONS, begun)
    kind = str(begun.fields.get("tokenizedType", "card"))
    fields = {"userId": user.id, "type": "tokenized", "tokenizedType": kind, "name": kind, "default": False}
    method = world.add("payment-methods", fields, {"users": str(user.id)})
    announce_change(world, method, "created")
    schema = call.endpoint.answer_schema(201)
    return Answer(201, world.values.shape(schema, {"data": method.fields}) if schema is not None else None)


def write_invoice_details(call: Call) -> Answer:
    """Create or overwrite the invoice details of a user, and tell."""
    user = _user(call)
    is_known = bool(call.world.single("invoice-details", {"users": str(user.id)}))
    answer = write_single(call)
    moment = written(call.world.now())
    told = {"userId": user.id, "action": "updated" if is_known else "created", "lastUpdatedAt": moment}
    call.world.announce("user.invoiceDetails.changed", told)
    return answer


def replace_plan(call: Call) -> Answer:
    """Give all subscribers of a plan another one, now or at a moment."""
    world = call.world
    refuse_unknown_references(call)
    plan = world.named("subscriptionPlan", call.incoming.path_values["subscriptionPlan"])
    plan.state["replacement"] = call.body["planId"]
    due = read_moment(call.body["replaceAt"]) if call.body.get("replaceAt") else world.now()
    world.schedule.add(due, "plan.replace", "subscription-plans", plan.id)
    world.tick()
    return accepted(call)


def _replace_plan(world: World, plan: Record, _at: datetime) -> None:
    for subscription in world.store.all("subscriptions"):
        if subscription.fields.get("planId") == plan.id and subscription.fields.get("status") == "active":
            world.change(subscription, {"planId": plan.state["replacement"]})
            _tell(world, subscription)


def change_status(call: Call) -> Answer:
    """Enable or disable a user."""
    call.world.change(_user(call), {"status": call.body["status"]})
    return accepted(call)


def complete_user(_world: World, user: Record) -> None:
    """What a new user has: an empty balance."""
    user.fields = {"balance": 0, "status": "enabled", "userGroupIds": [], "subscriptionId": None} | user.fields


def complete_voucher(world: World, voucher: Record) -> None:
    """What a new voucher has: a code of its own, and all of its amount."""
    digits = hashlib.sha256(f"voucher {voucher.id}".encode()).hexdigest()[:10].upper()
    voucher.fields = {
        "code": f"{voucher.fields.get('prefix') or ''}{digits}",
        "type": "voucher",
        "status": "enabled",
        "currencyCode": currency(world),
        "remainingAmount": voucher.fields.get("amount"),
        "redeemedAt": None,
        "redeemedByUserId": None,
    } | voucher.fields


def refuse_known_email(world: World, body: Mapping[str, Any]) -> None:
    """Every user has an address of their own."""
    address = str(body.get("email", "")).lower()
    if not world.misbehaves("accept-known-email") and any(
        str(user.fields.get("email", "")).lower() == address for user in world.store.all("users")
    ):
        message = "The email has already been taken."
        raise RefusedError(422, message, {"email": [message]})


def _expire(world: World, subscription: Record, at: datetime) -> None:
    user = world.store.peek("users", subscription.fields["userId"])
    if subscription.fields["status"] == "active":
        world.change(subscription, {"status": "expired", "statusDate": written(at)})
        if user is not None and user.fields.get("subscriptionId") == subscription.id:
            user.fields["subscriptionId"] = None
        _tell(world, subscription)


def _tell(world: World, subscription: Record) -> None:
    fields = subscription.fields
    told = {"userId": fields["userId"], "planId": fields["planId"], "lastUpdatedAt": fields["lastUpdatedAt"]}
    status = {"canceled": "cancelled"}.get(fields["status"], fields["status"])
    world.announce("user.subscriptionChanged", {**told, "status": status, "endDate": fields["endDate"]})
    world.announce("user.subscription.changed", {**told, "status": fields["status"], "endsAt": fields["endDate"]})


def _user(call: Call) -> Record:
    return call.world.named("user", call.incoming.path_values["user"])


STEPS = {"subscription.expire": _expire, "plan.replace": _replace_plan}
CREATING = {"users": refuse_known_email}
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
