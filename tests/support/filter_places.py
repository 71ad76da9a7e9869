"""Where the emulator keeps what each of its filters compares with."""

from collections.abc import Callable, Mapping
from typing import Any

from ampeco_emulator.backend.store import Record, Store
from ampeco_emulator.domain.charging import security

Put = Callable[[Store, Record, Any], None]
"""Stores a value for the record that a filter is to find by it."""


def own_field(path: str) -> Put:
    """Puts the value into a field of the record itself."""
    return lambda _store, record, value: _write(record.fields, path.split("."), value)


def _of(resource_type: str, path: str) -> Put:
    """Puts the value into the record of another resource type with the same id."""

    def put(store: Store, record: Record, value: Any) -> None:
        other = store.peek(resource_type, record.id)
        assert other is not None
        _write(other.fields, path.split("."), value)

    return put


def _write(fields: dict[str, Any], path: list[str], value: Any) -> None:
    if len(path) == 1:
        fields[path[0]] = value
        return
    inner = fields.get(path[0])
    fields[path[0]] = inner = dict(inner) if isinstance(inner, dict) else {}
    _write(inner, path[1:], value)


def _security_profile(_store: Store, record: Record, value: Any) -> None:
    """A desired profile that is the present one, or another."""
    record.fields["security"] = {"desiredProfile": 2, "hardwareEnabledProfile": 1 if value == "rejected" else 2}
    if value != "pending":
        security.connect(record)


def _invite(store: Store, record: Record, value: Any) -> None:
    invite = store.peek("partner-invites", record.id)
    assert invite is not None
    invite.fields |= {"userId": record.fields.get("userId", record.id), "status": "accepted", "partnerId": value}
    if record.resource_type == "users":
        invite.fields["userId"] = record.id


def _attach(store: Store, record: Record, value: Any) -> None:
    entry = store.add("charge-point-priorities", {}, {"circuits": str(value)})
    entry.fields["id"] = record.id


def _list_of(name: str, key: str = "") -> Put:
    return lambda _store, record, value: record.fields.update({name: [{key: value} if key else value]})


def _group(store: Store, record: Record, value: Any) -> None:
    group = store.peek("tariff-groups", int(value))
    assert group is not None
    group.fields["tariffIds"] = [record.id]


def _personal(_store: Store, record: Record, value: Any) -> None:
    record.fields |= {"type": "personal", "sharingCode": value}


def _of_kind(name: str, *, is_local: bool) -> Put:
    return lambda _store, record, value: record.fields.update({"isLocal": is_local, name: value})


def _accepted(_store: Store, record: Record, value: Any) -> None:
    record.fields |= {"status": "accepted", "userId": value}


def _lasting(_store: Store, record: Record, value: Any) -> None:
    record.fields |= {"startedAt": "2026-03-01T00:00:00Z", "endedAt": f"2026-03-01T{int(value) // 60:02d}:00:00Z"}


def _renumber_connector(store: Store, record: Record, value: Any) -> None:
    connector = store.peek("connectors", int(value))
    assert connector is not None
    store.attach(connector, "evses", str(record.id))


#: Where a value is stored, for filters that do not compare with the field of their name.
PLACES: Mapping[tuple[str, str], Put] = {
    ("authorizations", "partnerId"): _invite,
    ("cdrs", "deliveryResponse"): _of_kind("deliveryResponse", is_local=True),
    ("cdrs", "endDateTimeFrom"): own_field("endTime"),
    ("cdrs", "endDateTimeTo"): own_field("endTime"),
    ("cdrs", "receivedAfter"): _of_kind("receivedAt", is_local=False),
    ("cdrs", "receivedBefore"): _of_kind("receivedAt", is_local=False),
    ("cdrs", "sentAfter"): _of_kind("sentAt", is_local=True),
    ("cdrs", "sentBefore"): _of_kind("sentAt", is_local=True),
    ("cdrs", "startDateTimeFrom"): own_field("startTime"),
    ("cdrs", "startDateTimeTo"): own_field("startTime"),
    ("charge-points", "accessType"): own_field("type"),
    ("charge-points", "bootNotificationSerialNumber"): own_field("lastBootNotification.chargePointSerialNumber"),
    ("charge-points", "chargePointBootNotificationSerialNumber"): own_field(
        "lastBootNotification.chargePointSerialNumber"
    ),
    ("charge-points", "chargePointNetworkId"): own_field("networkId"),
    ("charge-points", "circuitId"): _attach,
    ("charge-points", "desiredSecurityProfileStatus"): _security_profile,
    ("charge-points", "evseExternalId"): _of("evses", "externalId"),
    ("charge-points", "evseId"): lambda store, record, value: store.attach(
        store.all("evses")[int(value) - 1], "charge-points", str(record.id)
    ),
    ("charge-points", "evsePhysicalReference"): _of("evses", "physicalReference"),
    ("charge-points", "networkId"): own_field("network.id"),
    ("charge-points", "partnerId"): own_field("partner.id"),
    ("charge-points", "physicalReference"): _of("evses", "physicalReference"),
    ("charge-points", "roaming"): own_field("roamingOperatorId"),
    ("charge-points", "roamingOperatorIds"): own_field("roamingOperatorId"),
    ("charge-points", "sharingCode"): _personal,
    ("charge-points", "tag"): _list_of("tags"),
    ("charge-points", "userId"): own_field("user.id"),
    ("charge-points", "vendorId"): _of("charge-point-models", "vendorId"),
    ("charge-point-downtime-periods", "stoppedBefore"): own_field("endedAt"),
    ("configurations", "name"): own_field("key"),
    ("currency-rates", "updatedAfter"): own_field("updatedAt"),
    ("currency-rates", "updatedBefore"): own_field("updatedAt"),
    ("evse-downtime-periods", "stoppedBefore"): own_field("endedAt"),
    ("evses", "connectorId"): _renumber_connector,
    ("evses", "evseStatus"): own_field("status"),
    ("evses", "evseType"): own_field("currentType"),
    ("evses", "hasRoamingTariffIds"): own_field("roaming.tariffIds"),
    ("evses", "hasTariffGroup"): own_field("tariffGroupId"),
    ("evses", "partnerId"): _of("charge-points", "partner.id"),
    ("evses", "roaming"): own_field("roamingOperatorId"),
    ("evses", "roamingOperatorIds"): own_field("roamingOperatorId"),
    ("evses", "roamingPlatformId"): _of("roaming-operators", "platformId"),
    ("firmware-versions", "modelId"): _list_of("models"),
    ("firmware-versions", "vendorId"): own_field("chargePointVendorId"),
    ("flexibility-assets", "updatedSince"): own_field("lastUpdatedAt"),
    ("hardware-status-logs", "createdAfter"): own_field("timestamp"),
    ("hardware-status-logs", "createdBefore"): own_field("timestamp"),
    ("id-tags", "rfidLabel"): own_field("idLabel"),
    ("id-tags", "rfidTagUid"): own_field("idTagUid"),
    ("installer-jobs", "chargePointId"): _list_of("chargePoints", "id"),
    ("invoices", "issuedFrom"): own_field("date"),
    ("invoices", "issuedTo"): own_field("date"),
    ("locations", "partnerId"): _of("charge-points", "partner.id"),
    ("locations", "roaming"): own_field("roamingOperatorId"),
    ("locations", "tag"): _list_of("tags"),
    ("network-status-logs", "createdAfter"): own_field("timestamp"),
    ("network-status-logs", "createdBefore"): own_field("timestamp"),
    ("parking-spaces", "evseId"): _list_of("evses"),
    ("partner-invites", "inviteEmail"): own_field("email"),
    ("partner-invites", "userId"): _accepted,
    ("partner-settlement-reports", "periodAfter"): own_field("periodStart"),
    ("partner-settlement-reports", "periodBefore"): own_field("periodEnd"),
    ("receipts", "taxId"): own_field("tax.taxId"),
    ("sessions", "authorizationSource"): _of("authorizations", "source"),
    ("sessions", "chargePointBootNotificationSerialNumber"): _of(
        "charge-points", "lastBootNotification.chargePointSerialNumber"
    ),
    ("sessions", "chargePointBootNotificationVendor"): _of("charge-points", "lastBootNotification.vendor"),
    ("sessions", "chargePointNetworkId"): _of("charge-points", "network.id"),
    ("sessions", "endedAfter"): own_field("stoppedAt"),
    ("sessions", "endedBefore"): own_field("stoppedAt"),
    ("sessions", "evsePhysicalReference"): own_field("evsePhysicalReference"),
    ("sessions", "partnerId"): _of("charge-points", "partner.id"),
    ("sessions", "roaming"): own_field("roaming.roamingOperatorCpoId"),
    ("sessions", "subOperatorId"): _of("charge-points", "subOperatorId"),
    ("sessions", "taxId"): own_field("tax.taxId"),
    ("subscriptions", "billedExternally"): own_field("shouldUseExternalBilling"),
    ("tariffs", "partnerId"): own_field("partner.id"),
    ("tariffs", "tariffGroupId"): _group,
    ("terms-and-policies", "documentId"): own_field("document.id"),
    ("transactions", "createdAfter"): own_field("date"),
    ("transactions", "createdBefore"): own_field("date"),
    ("transactions", "invoiceNumber"): own_field("invoiceNo"),
    ("transactions", "purchaseType"): own_field("purchaseResourceType"),
    ("user-groups", "noPartner"): own_field("partnerId"),
    ("users", "partnerId"): _invite,
    ("users", "userGroupId"): _list_of("userGroupIds"),
    ("vouchers", "userId"): own_field("redeemedByUserId"),
}
BY_NAME: Mapping[str, Put] = {
    "timestampFrom": own_field("timestamp"),
    "timestampTo": own_field("timestamp"),
    "validFrom": own_field("validFrom"),
    "durationGreaterThan": _lasting,
    "durationLessThan": _lasting,
}
