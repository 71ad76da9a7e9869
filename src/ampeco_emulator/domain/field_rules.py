"""Rules between the fields of a body: what another field requires or excludes; a body that breaks one is answered 422.

Facts: the vendor's documentation of each creation and update. An update is judged with the fields that the record has,
and only when it sends one of the fields of a rule.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.domain.network import circuits
from ampeco_emulator.domain.states import STATES

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class FieldRule:
    """The fields of a rule, and whether a body breaks it; the refusal names the first field."""

    fields: tuple[str, ...]
    is_broken: Callable[[Backend, Fields], bool]
    place: str = ""

    @property
    def named(self) -> str:
        """The field that a refusal names, nested ones with a dot."""
        return self.place or self.fields[0]


def broken_rules(backend: Backend, resource_type: str, known: Fields, body: Fields) -> list[str]:
    """The fields that a refusal names, because the body breaks their rules; `known` are the fields of the record."""
    fields = {**known, **body}
    return [
        rule.named
        for rule in RULES.get(resource_type, ())
        if (not known or body.keys() & set(rule.fields)) and rule.is_broken(backend, fields)
    ]


def _inner(fields: Fields, name: str) -> Fields:
    value = fields.get(name)
    return value if isinstance(value, Mapping) else {}


def _required(field: str, wanted: Callable[[Fields], bool], *others: str) -> FieldRule:
    """A field that is required under a condition on other fields."""
    return FieldRule((field, *others), lambda _, fields: wanted(fields) and fields.get(field) in (None, ""))


def _inner_required(outer: str, field: str, wanted: Callable[[Fields], bool]) -> FieldRule:
    """A field of an object that is required under a condition on the object."""

    def is_broken(_backend: Backend, fields: Fields) -> bool:
        inner = _inner(fields, outer)
        return wanted(inner) and inner.get(field) in (None, "")

    return FieldRule((outer,), is_broken, place=f"{outer}.{field}")


def _refused(field: str, when: Callable[[Fields], bool], *others: str) -> FieldRule:
    """A field that is refused under a condition on other fields."""
    return FieldRule((field, *others), lambda _, fields: when(fields) and fields.get(field) is not None)


def _has(name: str, *values: Any) -> Callable[[Fields], bool]:
    return lambda fields: fields.get(name) in values


def _is_sent(fields: Fields) -> bool:
    return fields.get("sendViaEmail") is not False


def _is_not_sent(fields: Fields) -> bool:
    return not _is_sent(fields)


def _of_other_phases(_backend: Backend, fields: Fields) -> bool:
    """Whether the connected phase does not go with the number of phases."""
    connected = str(fields.get("connectedPhase") or "")
    is_delta = fields.get("electricalConfiguration") == "delta"
    wrong = {"single_phase": "_" in connected and not is_delta, "split_phase": "_" not in connected}
    return bool(connected) and wrong.get(str(fields.get("phases")), False)


def _evse_of_other_phases(backend: Backend, fields: Fields) -> bool:
    grid = circuits.configuration_of(backend, str(fields.get("chargePointId")))
    options = _inner(fields, "powerOptions")
    is_connected = options.get("phases") == "three_phase" and options.get("connectedPhase") is not None
    return is_connected or _of_other_phases(backend, {"electricalConfiguration": grid, **options})


def _in_several_zones(backend: Backend, fields: Fields) -> bool:
    evses = [backend.store.peek("evses", number) for number in fields.get("evses") or ()]
    places = {evse.fields.get("chargePointId") for evse in evses if evse is not None}
    charge_points = (backend.store.peek("charge-points", place) for place in places)
    return len({item.fields.get("chargingZoneId") for item in charge_points if item is not None}) > 1


def _is_not_exempt(backend: Backend, fields: Fields) -> bool:
    notice = backend.store.peek("downtime-period-notices", fields.get("noticeId"))
    return notice is not None and notice.fields.get("type") != "exempt"


def _is_below(*phases: str) -> Callable[[Fields], bool]:
    """Whether a circuit of these phases has a parent."""
    return lambda fields: fields.get("parentCircuitId") is not None and fields.get("phases") in phases


def _balances_otherwise(backend: Backend, fields: Fields) -> bool:
    """Whether a circuit with a parent is balanced by an integration, or used by a flexibility asset."""
    users = {asset.fields.get("dlmCircuitId") for asset in backend.store.all("flexibility-assets")}
    is_used = fields.get("id") is not None and fields.get("id") in users
    return fields.get("parentCircuitId") is not None and (
        is_used or _inner(fields, "loadBalancingIntegration").get("id") is not None
    )


def _has_others_attached(backend: Backend, fields: Fields) -> bool:
    """Whether charge points of another electrical configuration are attached to a circuit."""
    attached = circuits.attached(backend, fields["id"]) if "id" in fields else ()
    wanted = fields.get("electricalConfiguration") or circuits.STAR
    return any(circuits.configuration_of(backend, str(number)) != wanted for number in attached)


def _is_configured_otherwise(backend: Backend, fields: Fields) -> bool:
    """Whether a charge point has another electrical configuration than its circuit."""
    wanted = fields.get("electricalConfiguration") or circuits.STAR
    return circuits.configuration_of(backend, str(fields["chargePointId"])) != wanted


def _is_dynamic_rate(backend: Backend, fields: Fields) -> bool:
    rate = backend.store.peek("electricity-rates", fields.get("electricityRateId"))
    return rate is not None and rate.fields.get("type") not in (None, "admin_defined")


def _has_other_state(*countries: str) -> Callable[[Backend, Fields], bool]:
    """Whether the state is not one of the country, or the country has none."""

    def is_broken(_backend: Backend, fields: Fields) -> bool:
        country, state = fields.get("country"), fields.get("state")
        return state is not None and (country not in countries or state not in STATES[str(country)])

    return is_broken


def _is_no_zone(_backend: Backend, fields: Fields) -> bool:
    """Whether the time zone is not one that exists, by area and location."""
    name = fields.get("timezone")
    try:
        return name is not None and "/" not in ZoneInfo(str(name)).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return True


def _has_no_digits(_backend: Backend, fields: Fields) -> bool:
    pin = fields.get("pin")
    return pin not in (None, "") and not re.fullmatch(r"[0-9]+", str(pin))


def _needs_a_plan_elsewhere(_backend: Backend, fields: Fields) -> bool:
    """Whether a plan is required at a charge point that is not personal."""
    return fields.get("type") in ("public", "private") and bool(_inner(fields, "subscription").get("required"))


def _has_no_locale(*names: str) -> Callable[[Backend, Fields], bool]:
    """Whether one of the texts is in a language that has no valid code."""

    def is_broken(_backend: Backend, fields: Fields) -> bool:
        texts = [text for name in names for text in fields.get(name) or () if isinstance(text, Mapping)]
        return any(not _LOCALE.fullmatch(str(text.get("locale"))) for text in texts)

    return is_broken


def _numbers(value: Any) -> Iterator[int | float]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers(inner)
    elif isinstance(value, int | float):
        yield value


def _has_more_decimals(_backend: Backend, fields: Fields) -> bool:
    return any(round(number, _DECIMALS) != number for number in _numbers(fields.get("pricing")))


def _has_other_slots(_backend: Backend, fields: Fields) -> bool:
    """Whether slots are not exactly an hour long, or not the same on every day."""
    days = [period.get("elements") or () for period in fields.get("periods") or () if isinstance(period, Mapping)]
    slots = [[(element.get("startAt"), element.get("endAt")) for element in day] for day in days]
    return any(slot != slots[0] for slot in slots) or any(
        _minutes(end) - _minutes(start) not in (60, 60 - 24 * 60) for day in slots for start, end in day
    )


def _minutes(text: Any) -> int:
    hours, _, minutes = str(text).partition(":")
    return int(hours) * 60 + int(minutes[:2]) if hours.isdecimal() and minutes[:2].isdecimal() else 0


def _is_noted(_backend: Backend, fields: Fields) -> bool:
    """Whether a downtime is not a manual, exempt one, whose times can change."""
    return (fields.get("entryMode", "manual"), fields.get("type", "exempt")) != ("manual", "exempt")


def _is_no_percentage(name: str) -> Callable[[Backend, Fields], bool]:
    return lambda _, fields: fields.get(name) is not None and not 0 <= fields[name] <= 100


def _is_given(*names: str) -> Callable[[Fields], bool]:
    return lambda fields: any(fields.get(name) is not None for name in names)


_WEBHOOK, _KAFKA = _has("via", "webhook"), _has("via", "kafka")
_DOWNTIME = (FieldRule(("noticeId",), _is_not_exempt), FieldRule(("startedAt", "endedAt"), _is_noted))
_LOCALE = re.compile(r"[a-z]{2,3}([-_][A-Za-z]{2,4})*")
_DECIMALS = 5
_SOURCES = ("solar", "wind", "hydro", "nuclear", "coal", "naturalGas", "otherRenewable", "otherNonRenewable")
_FIVE_COUNTRIES = tuple(STATES)
_STATE = FieldRule(("state",), _has_other_state(*_FIVE_COUNTRIES))

RULES: Mapping[str, tuple[FieldRule, ...]] = {
    "attached-charge-points": (FieldRule(("chargePointId",), _is_configured_otherwise),),
    "charge-points": (
        _required("pin", _has("type", "personal"), "type"),
        FieldRule(("pin",), _has_no_digits),
        _required("locationId", _has("type", "public", "private"), "type"),
        FieldRule(("type",), _needs_a_plan_elsewhere, place="subscription"),
        _required(
            "ocppConnectedChargePointId",
            _has("communicationMode", "via_ocpp_connected_charge_point"),
            "communicationMode",
        ),
        _required("communicationMode", lambda fields: fields.get("managedByOperator") is None, "managedByOperator"),
        FieldRule(("electricityRateId",), _is_dynamic_rate),
        _inner_required("network", "ip", _has("protocol", "ocpp 1.5")),
        _inner_required("network", "port", _has("protocol", "ocpp 1.5")),
    ),
    "charge-point-downtime-periods": _DOWNTIME,
    "evse-downtime-periods": _DOWNTIME,
    "circuits": (
        FieldRule(("connectedPhase", "phases"), _of_other_phases),
        _required("phaseRotation", _is_below("three_phase"), "parentCircuitId", "phases"),
        _required("connectedPhase", _is_below("single_phase", "split_phase"), "parentCircuitId", "phases"),
        FieldRule(("parentCircuitId", "loadBalancingIntegration"), _balances_otherwise),
        FieldRule(("electricalConfiguration",), _has_others_attached),
    ),
    "energy-mix": tuple(FieldRule((name,), _is_no_percentage(name)) for name in _SOURCES),
    "evses": (FieldRule(("powerOptions",), _evse_of_other_phases, place="powerOptions.connectedPhase"),),
    "flexibility-assets": (
        _refused("evseId", _is_given("dlmCircuitId", "chargePointId"), "dlmCircuitId", "chargePointId"),
        _refused("chargePointId", _is_given("dlmCircuitId"), "dlmCircuitId"),
    ),
    "faqs": (
        FieldRule(("question",), _has_no_locale("question")),
        FieldRule(("answer",), _has_no_locale("answer")),
    ),
    "invoice-details": (_STATE,),
    "locations": (
        _inner_required("workingHours", "hours", _has("isAlwaysOpen", False)),
        _STATE,
        FieldRule(("timezone",), _is_no_zone),
    ),
    "notifications": (
        _required("webhook", _WEBHOOK, "via"),
        _required("kafka", _KAFKA, "via"),
        _refused("webhook", _KAFKA, "via"),
        _refused("kafka", _WEBHOOK, "via"),
    ),
    "parking-spaces": (FieldRule(("evses",), _in_several_zones),),
    "partner-invites": (
        _required("email", _is_sent, "sendViaEmail"),
        _refused("email", _is_not_sent, "sendViaEmail"),
        _refused("language", _is_not_sent, "sendViaEmail"),
        _inner_required(
            "options",
            "limitCorporateAccountBillingToPartnerChargePoints",
            _has("allowCorporateAccountBilling", True),
        ),
    ),
    "payment-methods": (_required("bankTransferType", _has("tokenizedType", "bank_transfer"), "tokenizedType"),),
    "partners": (_STATE,),
    "smart-charging": (FieldRule(("periods",), _has_other_slots),),
    "tariffs": (
        _inner_required("pricing", "fallbackElectricityRateId", _has("chargePointElectricityRate", False)),
        FieldRule(("pricing",), _has_more_decimals),
    ),
    "taxes": (FieldRule(("displayName",), _has_no_locale("displayName")),),
    "transactions": (
        _inner_required("paymentMethod", "cardNetwork", _has("methodType", "card")),
        _inner_required("paymentMethod", "bankTransferType", _has("methodType", "bank_transfer")),
        _inner_required("paymentMethod", "walletType", _has("methodType", "wallet")),
    ),
    "users": (FieldRule(("state",), _has_other_state("US", "AU")),),
}
