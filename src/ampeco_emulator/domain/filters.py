"""Filters of single listings that compare with something else than the field of their name.

Facts: the vendor's notes on the listings. A serial number is that of the latest boot notification, a firmware version
matches by its beginning and the code of a voucher by a part, the bounds of downtimes are minutes and inclusive.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from ampeco_emulator.backend.backend import Backend, RecordFilter
from ampeco_emulator.backend.resource_types import resource_type_of
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import parse_zoned_timestamp
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.validation import Incoming

ReadValues = Callable[[Backend, Endpoint, Record], list[Any]]

_RESOURCES = "/public-api/resources"
_METHODS = {"mobile_device": "user_device", "rfid_tag": "id_tag", "admin_account": "admin"}
_OCPP_VERSIONS = {"ocpp1.6": "ocpp 1.6", "ocpp2.0.1": "ocpp 2.0.1"}


def _shown(path: str, include: str = "") -> ReadValues:
    """The values that the listing shows at a path, when `include` is requested."""
    incoming = Incoming({}, {}, frozenset({include}), None, False, {})

    def values(backend: Backend, endpoint: Endpoint, record: Record) -> list[Any]:
        return list(_at(backend.present(endpoint, record, incoming), path.split(".")))

    return values


def _at(value: Any, path: list[str]) -> Iterable[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _at(item, path)
    elif path and isinstance(value, dict):
        yield from _at(value.get(path[0]), path[1:])
    elif not path and value is not None:
        yield value


def _referred(name: str, listing: str, path: str) -> ReadValues:
    """The values that the record which a field refers to shows in its own listing."""
    shown = _shown(path)

    def values(backend: Backend, _endpoint: Endpoint, record: Record) -> list[Any]:
        other = backend.store.peek(resource_type_of(f"{_RESOURCES}/{listing}"), record.fields.get(name))
        there = backend.router.get("GET", f"{_RESOURCES}/{listing}")
        return shown(backend, there, other) if other is not None and there is not None else []

    return values


def _of_evses(name: str) -> ReadValues:
    """The values of a field of the EVSEs of a charge point."""

    def values(backend: Backend, _endpoint: Endpoint, record: Record) -> list[Any]:
        below = backend.store.all("evses", {"charge-points": str(record.id)})
        return [evse.fields[name] for evse in below if evse.fields.get(name) is not None]

    return values


def _tariff_groups(backend: Backend, _endpoint: Endpoint, record: Record) -> list[Any]:
    return [
        group.id for group in backend.store.all("tariff-groups") if record.id in (group.fields.get("tariffIds") or ())
    ]


def _sources(backend: Backend, _endpoint: Endpoint, record: Record) -> list[Any]:
    authorization = backend.store.peek("authorizations", record.fields.get("authorizationId"))
    return [authorization.fields.get("source")] if authorization is not None else []


def _minutes(_backend: Backend, _endpoint: Endpoint, record: Record) -> list[Any]:
    """How long it took; nothing while it goes on."""
    start, end = record.fields.get("startedAt"), record.fields.get("endedAt")
    return [(_seconds(end) - _seconds(start)) / 60] if start and end else []


def _has(values: ReadValues, *, wanted: bool = True) -> RecordFilter:
    def keeps(backend: Backend, endpoint: Endpoint, record: Record, asked: Any) -> bool:
        return bool(values(backend, endpoint, record)) == (_is_true(asked) is wanted)

    return keeps


def _any(values: ReadValues, compare: Callable[[Any, Any], bool]) -> RecordFilter:
    def keeps(backend: Backend, endpoint: Endpoint, record: Record, asked: Any) -> bool:
        try:
            return any(compare(value, asked) for value in values(backend, endpoint, record))
        except (ValueError, OverflowError):
            # What is asked for is text, and not the moment that it should be.
            return False

    return keeps


def _is(values: ReadValues, spellings: Mapping[str, str] | None = None) -> RecordFilter:
    """Whether a value is the one that is asked for, or one of several."""

    def same(value: Any, asked: Any) -> bool:
        several = asked if isinstance(asked, list) else [asked]
        return _text(value) in {_text((spellings or {}).get(str(one), one)) for one in several}

    return _any(values, same)


def _only(condition: Callable[[Record], bool], keeps: RecordFilter) -> RecordFilter:
    return lambda backend, endpoint, record, asked: condition(record) and keeps(backend, endpoint, record, asked)


def _since(value: Any, asked: Any) -> bool:
    return _seconds(value) >= _seconds(asked)


def _until(value: Any, asked: Any) -> bool:
    return _seconds(value) <= _seconds(asked)


def _after(value: Any, asked: Any) -> bool:
    return _seconds(value) > _seconds(asked)


def _before(value: Any, asked: Any) -> bool:
    return _seconds(value) < _seconds(asked)


def _on_day(value: Any, asked: Any) -> bool:
    return str(value)[:10] == date.fromisoformat(str(asked)[:10]).isoformat()


def _text(value: Any) -> str:
    return str(value).casefold()


def _is_true(asked: Any) -> bool:
    return _text(asked) in ("true", "1")


def _seconds(value: Any) -> float:
    return parse_zoned_timestamp(str(value)).timestamp()


_LONGER, _SHORTER = _any(_minutes, lambda took, asked: took >= asked), _any(_minutes, lambda took, asked: took <= asked)
_ROAMING = _has(_shown("roamingOperatorId"))
_SERIAL_NUMBER = _is(_shown("lastBootNotification.chargePointSerialNumber", "lastBootNotification"))
_BEGIN, _END = _shown("startTime"), _shown("endTime")
_LOGGED = _shown("timestamp")

FILTERS: dict[tuple[str, str], RecordFilter] = {
    ("authorizations", "method"): _is(_shown("method"), _METHODS),
    ("charge-point-downtime-periods", "durationGreaterThan"): _LONGER,
    ("charge-point-downtime-periods", "durationLessThan"): _SHORTER,
    ("charge-points", "bootNotificationSerialNumber"): _SERIAL_NUMBER,
    ("charge-points", "desiredSecurityProfileStatus"): _is(_shown("security.desiredProfileStatus")),
    ("charge-points", "evseExternalId"): _is(_of_evses("externalId")),
    ("charge-points", "evseId"): _is(_of_evses("id")),
    ("charge-points", "evsePhysicalReference"): _is(_of_evses("physicalReference")),
    ("charge-points", "roaming"): _ROAMING,
    ("charge-points", "roamingOperatorIds"): _is(_shown("roamingOperatorId")),
    ("charge-points", "sharingCode"): _only(
        lambda record: record.fields.get("type") == "personal", _is(_shown("sharingCode"))
    ),
    ("charge-points", "vendorId"): _is(_referred("modelId", "charge-point-models/v1.0", "vendorId")),
    ("configuration-templates", "ocppVersion"): _is(_shown("ocppVersion"), _OCPP_VERSIONS),
    ("configurations", "name"): _is(_shown("key.name")),
    ("configurations", "componentName"): _is(_shown("key.componentName")),
    ("configurations", "evseId"): _is(_shown("key.evseId")),
    ("configurations", "instance"): _is(_shown("key.instance")),
    ("evse-downtime-periods", "durationGreaterThan"): _LONGER,
    ("evse-downtime-periods", "durationLessThan"): _SHORTER,
    ("evses", "connectorId"): _is(_shown("connectors.id")),
    ("evses", "evseStatus"): _is(_shown("status")),
    ("evses", "evseType"): _is(_shown("type")),
    ("evses", "hasRoamingTariffIds"): _has(_shown("roaming.tariffIds")),
    ("evses", "hasTariffGroup"): _has(_shown("tariffGroupId")),
    ("evses", "roaming"): _ROAMING,
    ("evses", "roamingOperatorIds"): _is(_shown("roamingOperatorId")),
    ("firmware-versions", "firmwareVersion"): _any(
        _shown("firmwareVersion"), lambda version, asked: str(version).startswith(str(asked))
    ),
    ("firmware-versions", "modelId"): _is(_shown("models", "models")),
    ("firmware-versions", "vendorId"): _is(_shown("chargePointVendorId")),
    ("hardware-status-logs", "createdAfter"): _any(_LOGGED, _after),
    ("hardware-status-logs", "createdBefore"): _any(_LOGGED, _before),
    ("historical-time-series", "startTime"): _any(_BEGIN, _since),
    ("historical-time-series", "endTime"): _any(_END, _until),
    ("id-tags", "expireAt"): _any(_shown("expireAt"), _since),
    ("invoices", "issuedFrom"): _any(_shown("date"), _since),
    ("invoices", "issuedTo"): _any(_shown("date"), _until),
    ("locations", "roaming"): _ROAMING,
    ("network-status-logs", "createdAfter"): _any(_LOGGED, _after),
    ("network-status-logs", "createdBefore"): _any(_LOGGED, _before),
    ("parking-spaces", "evseId"): _is(_shown("evses", "evses")),
    ("partner-invites", "inviteEmail"): _is(_shown("email")),
    ("partner-invites", "userId"): _only(
        lambda record: record.fields.get("status") == "accepted", _is(_shown("userId"))
    ),
    ("partner-settlement-reports", "periodAfter"): _any(_shown("periodStart"), _after),
    ("partner-settlement-reports", "periodBefore"): _any(_shown("periodEnd"), _before),
    ("sessions", "authorizationSource"): _is(_sources),
    ("sessions", "chargePointNetworkId"): _is(_referred("chargePointId", "charge-points/v2.0", "network.id")),
    ("subscriptions", "billedExternally"): _is(_shown("shouldUseExternalBilling")),
    ("tariffs", "tariffGroupId"): _is(_tariff_groups),
    ("time-series-forecast", "startTime"): _any(_BEGIN, _since),
    ("time-series-forecast", "endTime"): _any(_END, _until),
    ("transactions", "purchaseType"): _is(_shown("purchaseResourceType")),
    ("user-groups", "noPartner"): _has(_shown("partnerId"), wanted=False),
    ("users", "userGroupId"): _is(_shown("userGroupIds")),
    ("vouchers", "code"): _any(_shown("code"), lambda code, asked: _text(asked) in _text(code)),
    ("vouchers", "createdAt"): _any(_shown("createdAt"), _on_day),
    ("vouchers", "userId"): _is(_shown("redeemedByUserId")),
}
