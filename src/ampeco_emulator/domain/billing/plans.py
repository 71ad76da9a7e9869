"""What subscription plans give and take: energy that is not billed, fees at each renewal, and their replacement.

Facts: an allowance is in kWh, combined or separate for AC and DC, and void outside of home chargers where the plan says
so; with automatic renewal a subscription is renewed after its end; a new plan joins the restrictions of the old one.
"""

from collections.abc import Iterable
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record

_USED = "allowance used"


@rule
def free_energy(backend: Backend, session: Record) -> int:
    """The energy in Wh that the plan of a session's user still covers."""
    subscription = _subscription(backend, session)
    plan = backend.store.peek("subscription-plans", subscription.fields.get("planId")) if subscription else None
    allowance = (plan.fields.get("allowance") or {}) if plan is not None else {}
    if subscription is None or not _counts(backend, session, allowance):
        return 0
    name = _name(backend, session, allowance)
    used = int(subscription.state.get(_USED, {}).get(name, 0))
    return max(0, int(float(allowance.get(name) or 0) * 1000) - used)


def use_allowance(backend: Backend, session: Record) -> None:
    """Note what a session used of the allowance of its user's plan."""
    subscription, used = _subscription(backend, session), int(session.fields.get("nonBillableEnergy") or 0)
    if subscription is None or not used:
        return
    plan = backend.store.peek("subscription-plans", subscription.fields.get("planId"))
    name = _name(backend, session, (plan.fields.get("allowance") or {}) if plan is not None else {})
    known = subscription.state.setdefault(_USED, {})
    known[name] = known.get(name, 0) + used


def begin_cycle(subscription: Record) -> None:
    """A new cycle begins with the whole allowance."""
    subscription.state.pop(_USED, None)


@rule
def join_restrictions(backend: Backend, old: int, new: int) -> None:
    """The new plan joins the restrictions of tariffs, and what charge points require, beside the old one."""
    for tariff in backend.store.all("tariffs"):
        restrictions = tariff.fields.get("restrictions") or {}
        plans = restrictions.get("applyToUsersWithSubscriptions")
        if _lists(plans, old):
            joined = {**restrictions, "applyToUsersWithSubscriptions": _with(list(plans or ()), new)}
            backend.change(tariff, {"restrictions": joined})
    for charge_point in backend.store.all("charge-points"):
        required = charge_point.fields.get("subscription") or {}
        if _lists(required.get("planIds"), old):
            backend.change(charge_point, {"subscription": {**required, "planIds": _with(required["planIds"], new)}})


def _lists(plans: Any, number: int) -> bool:
    return isinstance(plans, list) and number in plans


def _with(plans: Iterable[Any], number: int) -> list[Any]:
    return list(dict.fromkeys([*plans, number]))


def _subscription(backend: Backend, session: Record) -> Record | None:
    user = backend.store.peek("users", session.fields.get("userId"))
    number = user.fields.get("subscriptionId") if user is not None else None
    subscription = backend.store.peek("subscriptions", number)
    return subscription if subscription is not None and subscription.fields.get("status") == "active" else None


def _counts(backend: Backend, session: Record, allowance: dict[str, Any]) -> bool:
    charge_point = backend.store.peek("charge-points", session.fields.get("chargePointId"))
    is_home = charge_point is not None and charge_point.fields.get("type") == "personal"
    return is_home or not allowance.get("homeChargersOnly")


def _name(backend: Backend, session: Record, allowance: dict[str, Any]) -> str:
    """The allowance that a session uses: the combined one, or that of its current."""
    evse = backend.store.peek("evses", session.fields.get("evseId"))
    current = str(evse.fields.get("currentType") or "ac") if evse is not None else "ac"
    return {"combined": "combined", "separate": current}.get(str(allowance.get("type")), "none")
