"""Rules between the fields of a body: what another field requires or excludes; a body that breaks one is answered 422.

Facts: the vendor's documentation of each creation and update. An update is judged with the fields that the record has,
and only when it sends one of the fields of a rule.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ampeco_emulator.backend.backend import Backend

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
    return _of_other_phases(backend, _inner(fields, "powerOptions"))


def _in_several_zones(backend: Backend, fields: Fields) -> bool:
    evses = [backend.store.peek("evses", number) for number in fields.get("evses") or ()]
    places = {evse.fields.get("chargePointId") for evse in evses if evse is not None}
    charge_points = (backend.store.peek("charge-points", place) for place in places)
    return len({item.fields.get("chargingZoneId") for item in charge_points if item is not None}) > 1


def _is_not_exempt(backend: Backend, fields: Fields) -> bool:
    notice = backend.store.peek("downtime-period-notices", fields.get("noticeId"))
    return notice is not None and notice.fields.get("type") != "exempt"


def _is_given(*names: str) -> Callable[[Fields], bool]:
    return lambda fields: any(fields.get(name) is not None for name in names)


_WEBHOOK, _KAFKA = _has("via", "webhook"), _has("via", "kafka")
_DOWNTIME = (FieldRule(("noticeId",), _is_not_exempt),)

RULES: Mapping[str, tuple[FieldRule, ...]] = {
    "charge-points": (
        _required("pin", _has("type", "personal"), "type"),
        _required("locationId", _has("type", "public", "private"), "type"),
        _required(
            "ocppConnectedChargePointId",
            _has("communicationMode", "via_ocpp_connected_charge_point"),
            "communicationMode",
        ),
        _inner_required("network", "ip", _has("protocol", "ocpp 1.5")),
        _inner_required("network", "port", _has("protocol", "ocpp 1.5")),
    ),
    "charge-point-downtime-periods": _DOWNTIME,
    "evse-downtime-periods": _DOWNTIME,
    "circuits": (FieldRule(("connectedPhase", "phases"), _of_other_phases),),
    "evses": (FieldRule(("powerOptions",), _evse_of_other_phases, place="powerOptions.connectedPhase"),),
    "flexibility-assets": (
        _refused("evseId", _is_given("dlmCircuitId", "chargePointId"), "dlmCircuitId", "chargePointId"),
        _refused("chargePointId", _is_given("dlmCircuitId"), "dlmCircuitId"),
    ),
    "locations": (_inner_required("workingHours", "hours", _has("isAlwaysOpen", False)),),
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
    "tariffs": (_inner_required("pricing", "fallbackElectricityRateId", _has("chargePointElectricityRate", False)),),
    "transactions": (
        _inner_required("paymentMethod", "cardNetwork", _has("methodType", "card")),
        _inner_required("paymentMethod", "bankTransferType", _has("methodType", "bank_transfer")),
        _inner_required("paymentMethod", "walletType", _has("methodType", "wallet")),
    ),
}
