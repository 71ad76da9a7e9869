"""Every documented filter: what it compares with, how, and the source of that; one row each, by resource type.

Bounds that are worded as after and before exclude the bound, those that are worded as from and to include it.
"""

from collections.abc import Mapping

from ampeco_emulator.backend.backend import ListingFilter
from ampeco_emulator.domain.filter_rules import (
    after,
    after_day,
    at_least,
    at_most,
    before,
    before_day,
    below,
    circuits_of_charge_point,
    contains,
    field,
    holders,
    long_enough,
    minutes,
    missing,
    nothing,
    on_day,
    only,
    partners_of_user,
    present,
    referred,
    same,
    security_profile_status,
    since,
    starts,
    until,
)

_Rows = Mapping[str, ListingFilter]

_NAME = "the field of the same name"
_SHOWN = "the only field of the response that corresponds"
_NOTES = "the vendor's notes on the listing"
_WORDING = "the wording of the bound"
_READING = "not documented: the reading of the emulator"

_METHODS = {"mobile_device": "user_device", "rfid_tag": "id_tag", "admin_account": "admin"}
_OCPP_VERSIONS = {"ocpp1.6": "ocpp 1.6", "ocpp2.0.1": "ocpp 2.0.1"}
_SERIAL = "lastBootNotification.chargePointSerialNumber"


def _named(*names: str) -> _Rows:
    """Filters that compare with the field of their name."""
    return {name: same(field(name), _NAME) for name in names}


def _ids(**fields: str) -> _Rows:
    """Filters that compare with another field than that of their name."""
    return {name: same(field(path), _SHOWN) for name, path in fields.items()}


def _between(stem: str, path: str, source: str = _WORDING) -> _Rows:
    """Bounds that are excluded."""
    return {f"{stem}After": after(field(path), source), f"{stem}Before": before(field(path), source)}


def _from_to(stem: str, path: str, source: str = _WORDING) -> _Rows:
    """Bounds that are included."""
    return {f"{stem}From": since(field(path), source), f"{stem}To": until(field(path), source)}


_UPDATED: _Rows = {
    "lastUpdatedAfter": since(field("lastUpdatedAt"), _NOTES),
    "lastUpdatedBefore": until(field("lastUpdatedAt"), _NOTES),
}
_CREATED = _between("created", "createdAt")
_LOGGED = _between("created", "timestamp", _SHOWN)
_ROAMING = {
    "roaming": present(field("roamingOperatorId"), _SHOWN),
    "roamingOperatorIds": same(field("roamingOperatorId"), _SHOWN),
}
_DOWNTIMES: _Rows = {
    **_named("chargePointId", "locationId", "entryMode", "type"),
    **_UPDATED,
    "durationGreaterThan": at_least(minutes, _NOTES),
    "durationLessThan": at_most(minutes, _NOTES),
    "startedAfter": since(field("startedAt"), _NOTES),
    "stoppedBefore": until(field("endedAt"), _NOTES),
}
_SERIES: _Rows = {
    "startTime": since(field("startTime"), _READING),
    "endTime": until(field("endTime"), _READING),
}
_SECURITY: _Rows = {
    **_named("chargePoint", "type"),
    "timestampFrom": since(field("timestamp"), _WORDING),
    "timestampTo": until(field("timestamp"), _WORDING),
}
_PARTNER_MONEY: _Rows = {
    **_named("origin", "partnerId", "settlementReportId"),
    "currency": same(field("currency", "currencyCode"), _NAME),
    "currencyCode": same(field("currencyCode", "currency"), _NAME),
    **_between("date", "date"),
    **_from_to("date", "date"),
}

_NETWORK: Mapping[str, _Rows] = {
    "charge-point-models": _named("vendorId"),
    "charge-points": {
        **_named("chargingZoneId", "externalId", "locationId", "managedByOperator", "modelId", "name", "utilityId"),
        **_UPDATED,
        **_ROAMING,
        **_ids(partnerId="partner.id", tag="tags"),
        "accessType": same(field("type"), _SHOWN),
        "type": same(field("type"), _NAME),
        "bootNotificationSerialNumber": same(field(_SERIAL), _NOTES),
        "chargePointBootNotificationSerialNumber": same(field(_SERIAL), _NOTES),
        "chargePointNetworkId": same(field("networkId", "network.id"), _SHOWN),
        "networkId": same(field("networkId", "network.id"), _SHOWN),
        "circuitId": same(circuits_of_charge_point, _READING),
        "desiredSecurityProfileStatus": same(security_profile_status, _SHOWN),
        "evseExternalId": same(below("evses", "externalId", parent="charge-points"), _SHOWN),
        "evseId": same(below("evses", "id", parent="charge-points"), _SHOWN),
        "evsePhysicalReference": same(below("evses", "physicalReference", parent="charge-points"), _SHOWN),
        "physicalReference": same(below("evses", "physicalReference", parent="charge-points"), _READING),
        "sharingCode": only("type", "personal", same(field("sharingCode"), _NOTES)),
        "subOperatorId": same(field("subOperatorId"), _READING),
        "userId": same(field("user.id"), _SHOWN),
        "vendorId": same(referred("modelId", "vendorId"), _SHOWN),
    },
    "charge-point-downtime-periods": _DOWNTIMES,
    "circuits": _UPDATED,
    "configuration-templates": {"ocppVersion": same(field("ocppVersion"), _NOTES, _OCPP_VERSIONS)},
    "configurations": {**_named("componentName", "evseId", "instance"), "name": same(field("key"), _SHOWN)},
    "downtime-period-notices": _named("type"),
    "evse-downtime-periods": {**_DOWNTIMES, **_named("evseId")},
    "evses": {
        **_named("chargePointId", "externalId", "hardwareStatus", "physicalReference", "tariffGroupId"),
        **_UPDATED,
        **_ROAMING,
        "connectorId": same(below("connectors", "id", parent="evses"), _SHOWN),
        "evseStatus": same(field("status"), _SHOWN),
        "evseType": same(field("currentType"), _SHOWN),
        "hasRoamingTariffIds": present(field("roaming.tariffIds"), _SHOWN),
        "hasTariffGroup": present(field("tariffGroupId"), _SHOWN),
        "partnerId": same(referred("chargePointId", "partner.id"), _READING),
        "roamingPlatformId": same(referred("roamingOperatorId", "platformId"), _READING),
    },
    "firmware-versions": {
        "firmwareVersion": starts(field("firmwareVersion"), _NOTES),
        "modelId": same(field("models"), _NOTES),
        "vendorId": same(field("chargePointVendorId"), _NOTES),
    },
    "flexibility-activation-requests": _named("assetId"),
    "flexibility-assets": {"updatedSince": since(field("lastUpdatedAt"), _NOTES)},
    "hardware-status-logs": _LOGGED,
    "historical-time-series": _SERIES,
    "installer-jobs": {
        **_named("installationAndMaintenanceCompanyId", "installerAdminId", "locationId", "status"),
        **_CREATED,
        **_UPDATED,
        "chargePointId": same(field("chargePoints.id"), _READING),
    },
    "locations": {
        **_named("city", "country", "externalId", "postCode", "region", "state", "status"),
        **_UPDATED,
        "partnerId": same(below("charge-points", "partner.id", parent="locations"), _READING),
        "roaming": present(field("roamingOperatorId"), _SHOWN),
        "tag": same(field("tags"), _SHOWN),
    },
    "network-status-logs": _LOGGED,
    "parking-spaces": {**_named("externalId"), **_UPDATED, **_ids(evseId="evses")},
    "security-events": _SECURITY,
    "security-events-log": _SECURITY,
    "time-series-forecast": _SERIES,
}
_CHARGING: Mapping[str, _Rows] = {
    "authorizations": {
        **_named("status"),
        **_CREATED,
        **_UPDATED,
        "method": same(field("method"), _NOTES, _METHODS),
        "partnerId": same(partners_of_user("userId"), _NOTES),
    },
    "booking-requests": {
        **_named("externalId", "locationId", "status", "userId"),
        **_CREATED,
        **_between("end", "endAt"),
        **_between("start", "startAt"),
    },
    "bookings": {
        **_named("locationId", "status", "userId"),
        **_between("end", "endAt"),
        **_between("start", "startAt"),
    },
    "id-tags": {
        **_named("status", "type", "userId", "partnerId"),
        **_UPDATED,
        "expireAt": since(field("expireAt"), _NOTES),
        "idLabel": same(field("idLabel", "rfidLabel"), _NAME),
        "idTagUid": same(field("idTagUid", "rfidTagUid"), _NAME),
        "rfidLabel": same(field("idLabel", "rfidLabel"), _SHOWN),
        "rfidTagUid": same(field("idTagUid", "rfidTagUid"), _SHOWN),
    },
    "reservations": {**_named("evseId", "status", "userId"), **_from_to("reserved", "reservedAt")},
    "sessions": {
        **_named("billingStatus", "chargePointId", "evseId", "idTag", "paymentStatus", "paymentType"),
        **_named("receiptId", "status", "terminalId", "userId"),
        **_UPDATED,
        **_between("started", "startedAt"),
        **_between("ended", "stoppedAt"),
        **_between("paymentStatusUpdated", "paymentStatusUpdatedAt"),
        "authorizationSource": same(referred("authorizationId", "source"), _SHOWN),
        "chargePointBootNotificationSerialNumber": same(referred("chargePointId", _SERIAL), _READING),
        "chargePointBootNotificationVendor": same(referred("chargePointId", "lastBootNotification.vendor"), _READING),
        "chargePointNetworkId": same(referred("chargePointId", "networkId", "network.id"), _SHOWN),
        "evsePhysicalReference": same(field("evsePhysicalReference"), _SHOWN),
        "externalAppData": same(field("externalAppData"), _NOTES),
        "partnerId": same(referred("chargePointId", "partner.id"), _READING),
        "reason": same(field("reason"), _NOTES, {"ev_not_connect_to_evse": "ev_not_connected_to_evse"}),
        "roaming.roamingOperatorCpoIds": same(field("roaming.roamingOperatorCpoId"), _SHOWN),
        "subOperatorId": same(referred("chargePointId", "subOperatorId"), _READING),
        "taxId": same(field("tax.taxId"), _SHOWN),
    },
}
_BILLING: Mapping[str, _Rows] = {
    "currency-rates": {**_named("base", "target"), **_between("updated", "updatedAt")},
    "custom-fees": _CREATED,
    "electricity-rates": _named("type", "utilityId"),
    "invoices": {"issuedFrom": since(field("date"), _WORDING), "issuedTo": until(field("date"), _WORDING)},
    "partner-expenses": _PARTNER_MONEY,
    "partner-revenues": _PARTNER_MONEY,
    "partner-settlement-reports": {
        **_named("partnerId"),
        "periodAfter": after_day(field("periodStart"), _SHOWN),
        "periodBefore": before_day(field("periodEnd"), _SHOWN),
    },
    "payment-terminals": _named("serialNumber"),
    "receipts": {
        **_named("paymentStatus", "userId"),
        "periodStart": since(field("periodStart"), _READING),
        "periodEnd": until(field("periodEnd"), _READING),
        "taxId": same(field("tax.taxId"), _SHOWN),
    },
    "subscription-plans": _UPDATED,
    "subscriptions": {
        **_named("planId", "status"),
        **_from_to("endDate", "endDate"),
        "billedExternally": same(field("shouldUseExternalBilling"), _SHOWN),
    },
    "tariff-groups": {**_named("partnerId"), **_UPDATED},
    "tariffs": {
        **_named("type"),
        "partnerId": same(field("partner.id"), _SHOWN),
        "tariffGroupId": same(holders("tariff-groups", "tariffIds"), _SHOWN),
        # Only with a tariff group, whose listing resolves the tariff of the user: see billing/tariffs.py.
        "userId": same(nothing, _NOTES),
    },
    "top-up-packages": _named("enabled"),
    "transactions": {
        **_named("billingType", "paymentMethod", "sessionId", "status", "terminalId", "userId", "voucherId"),
        **_between("created", "date", _SHOWN),
        **_between("finalized", "finalizedAt", _NOTES),
        **_between("lastUpdated", "lastUpdatedAt", _NOTES),
        "invoiceNumber": same(field("invoiceNo"), _NOTES),
        "purchaseType": same(field("purchaseResourceType"), _NOTES),
        "ref": same(field("ref"), _NOTES),
    },
    "vouchers": {
        **_named("status", "type"),
        **_between("redeemed", "redeemedAt", _NOTES),
        "code": long_enough(3, contains(field("code"), _NOTES)),
        "createdAt": on_day(field("createdAt"), _NOTES),
        "expireDateAfter": after_day(field("expireDate"), _NOTES),
        "expireDateBefore": before_day(field("expireDate"), _NOTES),
        "userId": same(field("redeemedByUserId"), _NOTES),
    },
}
_PEOPLE: Mapping[str, _Rows] = {
    "consents": {
        **_named("status", "termType", "userId"),
        **_between("agreed", "agreedAt"),
        **_between("rejected", "rejectedAt"),
    },
    "partner-contracts": _UPDATED,
    "partner-invites": {
        **_named("partnerId", "status"),
        **_UPDATED,
        **_between("accepted", "acceptedAt"),
        **_from_to("created", "createdAt"),
        "inviteEmail": same(field("email"), _SHOWN),
        "userId": only("status", "accepted", same(field("userId"), _NOTES)),
    },
    "partners": {**_named("country", "externalId", "regNo"), **_UPDATED},
    "terms-and-policies": {
        "documentId": same(field("document.id", "documentId"), _SHOWN),
        "validFrom": since(field("validFrom"), _READING),
    },
    "user-groups": {**_named("partnerId"), **_UPDATED, "noPartner": missing(field("partnerId"), _NOTES)},
    "users": {
        **_named("email", "externalId"),
        **_UPDATED,
        "externalAppData": same(field("externalAppData"), _NOTES),
        "partnerId": same(partners_of_user("id"), _READING),
        "userGroupId": same(field("userGroupIds"), _SHOWN),
    },
}
_INTEGRATIONS: Mapping[str, _Rows] = {
    "cdrs": {
        **_named("credit", "isLocal", "operatorId", "platformId", "roamingId"),
        **_from_to("startDateTime", "startTime", _NOTES),
        **_from_to("endDateTime", "endTime", _NOTES),
        "deliveryResponse": only("isLocal", True, same(field("deliveryResponse"), _NOTES)),
        "receivedAfter": only("isLocal", False, since(field("receivedAt"), _NOTES)),
        "receivedBefore": only("isLocal", False, until(field("receivedAt"), _NOTES)),
        "sentAfter": only("isLocal", True, since(field("sentAt"), _NOTES)),
        "sentBefore": only("isLocal", True, until(field("sentAt"), _NOTES)),
    },
    "custom-tariff-filters": {
        **_named("status"),
        "createdAfter": since(field("createdAt"), _NOTES),
        "createdBefore": until(field("createdAt"), _NOTES),
    },
    "roaming-providers": _named("countryCode", "partyId", "platformId"),
}

FILTERS: Mapping[tuple[str, str], ListingFilter] = {
    (resource_type, name): row
    for area in (_NETWORK, _CHARGING, _BILLING, _PEOPLE, _INTEGRATIONS)
    for resource_type, rows in area.items()
    for name, row in rows.items()
}
