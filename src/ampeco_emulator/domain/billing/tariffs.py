"""The tariff and the tax that apply; a tariff group always has a base tariff."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from ampeco_emulator.backend.backend import Backend, EmulatorResponse
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.calls import EndpointCall, Handler, accepted
from ampeco_emulator.crud.collections import list_all
from ampeco_emulator.crud.resources import refuse_unknown_references
from ampeco_emulator.domain.billing.currencies import currency
from ampeco_emulator.domain.billing.electricity_rates import prices_of

_RATE_TYPES = frozenset({"energy tou"})


def tariff_for(backend: Backend, evse: Record, user: Record | None) -> Record | None:
    """The tariff of a charge at an EVSE; None when it is in no tariff group, so that charging is free."""
    group = backend.store.peek("tariff-groups", evse.fields.get("tariffGroupId"))
    return applying(backend, group, user, evse) if group is not None else None


def applying(backend: Backend, group: Record, user: Record | None, evse: Record | None = None) -> Record | None:
    """The last tariff of a group whose restrictions the user satisfies."""
    for number in in_order(backend, group):
        tariff = backend.store.peek("tariffs", number)
        if tariff is not None and suits(backend, tariff, user):
            if tariff.fields.get("type") in _RATE_TYPES:
                _take_rate(backend, tariff, evse)
            return tariff
    return None


def tax_of(backend: Backend, tariff: Record | None) -> dict[str, Any] | None:
    """The tax of a tariff, else the first tax of the operator."""
    pricing = (tariff.fields.get("pricing") or {}) if tariff is not None else {}
    tax = backend.store.peek("taxes", pricing.get("taxID")) or next(iter(backend.store.all("taxes")), None)
    return {"taxId": tax.id, "taxPercentage": tax.fields.get("percentage", 0)} if tax is not None else None


@rule
def zone_of(backend: Backend, session: Record) -> tzinfo:
    """The zone of the location where a session charges; UTC when it names none."""
    return zone_at(backend, backend.store.peek("charge-points", session.fields.get("chargePointId")))


def zone_at(backend: Backend, charge_point: Record | None) -> tzinfo:
    """The zone of the location of a charge point; UTC when it names none."""
    number = charge_point.fields.get("locationId") if charge_point is not None else None
    location = backend.store.peek("locations", number)
    try:
        return ZoneInfo(str(location.fields.get("timezone"))) if location is not None else UTC
    except (ValueError, OSError):
        return UTC


@rule
def add_base_tariff(backend: Backend, group: Record) -> None:
    """Give a new group without tariffs a free one."""
    if not group.fields.get("tariffIds"):
        tariff = backend.add("tariffs", {"name": f"{group.fields.get('name')} base", "type": "free"})
        group.fields["tariffIds"] = [tariff.id]


def set_currency(backend: Backend, tariff: Record) -> None:
    """A tariff is in the operator's currency."""
    tariff.fields.setdefault("currency", currency(backend))


def _list_or_resolve(call: EndpointCall) -> EmulatorResponse:
    """With a group and a user: the one tariff that would apply, without links and meta."""
    query = call.incoming.query
    given = call.incoming.raw_query
    if "filter[userId]" not in given or "filter[tariffGroupId]" not in query:
        return list_all(call)
    group = call.backend.store.find("tariff-groups", str(query["filter[tariffGroupId]"]))
    user = call.backend.store.find("users", str(given["filter[userId]"]))
    tariff = applying(call.backend, group, user) if group is not None else None
    return EmulatorResponse(
        200, {"data": [call.backend.present(call.endpoint, tariff, call.incoming)] if tariff else []}
    )


def assign_group(call: EndpointCall) -> EmulatorResponse:
    """Assign a tariff group, or none, to all EVSEs that satisfy every filter."""
    backend, chosen = call.backend, call.body["tariffGroupId"]
    refuse_unknown_references(call)
    filters = call.body.get("filters") or {}
    for evse in backend.store.all("evses"):
        charge_point = backend.store.peek("charge-points", evse.fields.get("chargePointId"))
        known = charge_point.fields if charge_point is not None else {}
        facts = {
            "evseIds": evse.id,
            "chargePointIds": evse.fields.get("chargePointId"),
            "tariffGroupIds": evse.fields.get("tariffGroupId"),
            "locationIds": known.get("locationId"),
            "partnerIds": (known.get("partner") or {}).get("id"),
        }
        if all(fact in filters[name] for name, fact in facts.items() if filters.get(name)):
            backend.change(evse, {"tariffGroupId": chosen})
    return accepted(call)


HANDLERS: dict[str, Handler] = {
    "GET /public-api/resources/tariffs/v1.0": _list_or_resolve,
    "POST /public-api/actions/evse/v1.0/bulk-assign-tariff-group": assign_group,
}
CREATED: Mapping[str, Callable[[Backend, Record], None]] = {"tariff-groups": add_base_tariff, "tariffs": set_currency}


@rule
def in_order(_backend: Backend, group: Record) -> list[Any]:
    """The tariffs of a group in the order in which they are tried: the last one first."""
    return list(reversed(group.fields.get("tariffIds") or []))


@rule
def suits(backend: Backend, tariff: Record, user: Record | None) -> bool:
    """Whether a user satisfies the restrictions of a tariff."""
    restrictions = tariff.fields.get("restrictions") or {}
    today = backend.now().date().isoformat()
    if (restrictions.get("startDate") or today)[:10] > today or (restrictions.get("endDate") or today)[:10] < today:
        return False
    wanted = {name: set(restrictions[name]) for name in _USERS if restrictions.get(name)}
    is_for_others = bool(restrictions.get("applyToAdHocUsers") or restrictions.get("applyToUsersOfAllRoamingEmsps"))
    if not wanted and not is_for_others:
        return True
    if user is None:
        return bool(restrictions.get("applyToAdHocUsers"))
    return any(listed & set(_USERS[name](backend, user)) for name, listed in wanted.items())


def accepted_partners(backend: Backend, user: Any) -> list[Any]:
    """The partners whose invites a user has accepted."""
    return [
        invite.fields.get("partnerId")
        for invite in backend.store.all("partner-invites")
        if user is not None and invite.fields.get("userId") == user and invite.fields.get("status") == "accepted"
    ]


def _plans_of(backend: Backend, user: Record) -> list[Any]:
    subscription = backend.store.peek("subscriptions", user.fields.get("subscriptionId"))
    return [subscription.fields.get("planId")] if subscription is not None else []


#: What a restriction lists, and what a user has of it.
_USERS: Mapping[str, Callable[[Backend, Record], Iterable[Any]]] = {
    "applyToUserGroupIds": lambda _, user: user.fields.get("userGroupIds") or (),
    "applyToUsersOfPartners": lambda backend, user: accepted_partners(backend, user.id),
    "applyToUsersWithSubscriptions": _plans_of,
}


def _take_rate(backend: Backend, tariff: Record, evse: Record | None) -> None:
    """The prices of the electricity rate of a tariff, by day: the charge point's, else that of the tariff."""
    pricing = tariff.fields.setdefault("pricing", {})
    charge_point = backend.store.peek("charge-points", evse.fields.get("chargePointId")) if evse is not None else None
    own = charge_point.fields.get("electricityRateId") if charge_point is not None else None
    rates = [pricing.get("fallbackElectricityRateId")]
    if pricing.get("chargePointElectricityRate"):
        rates.insert(0, own)
    known = (backend.store.peek("electricity-rates", number) for number in rates)
    rate = next((found for found in known if found is not None), None)
    rate = rate or next(iter(backend.store.all("electricity-rates")), None)
    if rate is not None:
        pricing["rate"] = prices_of(backend, rate)
