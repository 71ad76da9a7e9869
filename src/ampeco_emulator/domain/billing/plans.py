"""What subscription plans give and take: energy that is not billed, fees at each renewal, and their replacement.

Facts: an allowance is in kWh, combined or separate for AC and DC; it is for home chargers only, or for the countries
and partners that it includes (all, if it lists none) and does not exclude; with automatic renewal a subscription is
renewed after its end; a new plan joins the restrictions of the old one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.openapi.validation import Incoming

# The allowances of a plan, by their type.
_NAMES = {"combined": ("combined",), "separate": ("ac", "dc")}
_USED = "allowance used"


@rule
def free_energy(backend: Backend, session: Record) -> int:
    """The energy in Wh that the plan of a session's user still covers."""
    subscription = _subscription(backend, session)
    plan = backend.store.peek("subscription-plans", subscription.fields.get("planId")) if subscription else None
    allowance = (plan.fields.get("allowance") or {}) if plan is not None else {}
    if subscription is None or not counts(backend, session, allowance):
        return 0
    return _left(subscription, allowance, _name(backend, session, allowance))


def _left(subscription: Record, allowance: Mapping[str, Any], name: str) -> int:
    """What is left of an allowance, in Wh."""
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


def show_subscription(backend: Backend, subscription: Record, _incoming: Incoming | None) -> dict[str, Any]:
    """A subscription with what is left of its allowances, in whole kWh."""
    plan = backend.store.peek("subscription-plans", subscription.fields.get("planId"))
    allowance = (plan.fields.get("allowance") or {}) if plan is not None else {}
    names = _NAMES.get(str(allowance.get("type")), ())
    left = {name: _left(subscription, allowance, name) // 1000 for name in names}
    return {**subscription.fields, "remainingAllowance": left or None}


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


def active_subscription(backend: Backend, user: Record) -> Record | None:
    """The subscription that a user has now."""
    subscription = backend.store.peek("subscriptions", user.fields.get("subscriptionId"))
    return subscription if subscription is not None and subscription.fields.get("status") == "active" else None


def _subscription(backend: Backend, session: Record) -> Record | None:
    user = backend.store.peek("users", session.fields.get("userId"))
    return active_subscription(backend, user) if user is not None else None


@rule
def counts(backend: Backend, session: Record, allowance: dict[str, Any]) -> bool:
    """Whether a session may use an allowance."""
    charge_point = backend.store.peek("charge-points", session.fields.get("chargePointId"))
    place = charge_point.fields if charge_point is not None else {}
    if allowance.get("homeChargersOnly"):
        return place.get("type") == "personal"
    location = backend.store.peek("locations", place.get("locationId"))
    country = location.fields.get("country") if location is not None else None
    partner = (place.get("partner") or {}).get("id")
    return _is_included(allowance, "Countries", country) and _is_included(allowance, "PartnerChargePoints", partner)


def _is_included(allowance: dict[str, Any], lists: str, value: Any) -> bool:
    included, excluded = (allowance.get(f"{kind}{lists}") or () for kind in ("included", "excluded"))
    return value not in excluded and (not included or value in included)


def _name(backend: Backend, session: Record, allowance: dict[str, Any]) -> str:
    """The allowance that a session uses: the combined one, or that of its current."""
    evse = backend.store.peek("evses", session.fields.get("evseId"))
    current = str(evse.fields.get("currentType") or "ac") if evse is not None else "ac"
    names = _NAMES.get(str(allowance.get("type")), ())
    return current if current in names else next(iter(names), "none")


SHOWING = {"subscriptions": show_subscription}
