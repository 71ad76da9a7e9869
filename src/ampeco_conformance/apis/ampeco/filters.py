"""Filters of the AMPECO Public API whose meaning their names do not tell; one row each, with its source.

Filters without a row mean the field of their name. See `FilterMeaning` for the columns.
"""

from typing import Any

from ampeco_conformance.apis.filter_meaning import FilterMeaning, FilterOperator, Lookup

_NOTES = "the vendor's notes on the listing"
_RESPONSE = "the only field of the response that corresponds"
_NOT_STATED = "what it compares with is not documented"
_EVSES = Lookup("evses/v2.1", theirs="chargePointId")
_AFTER, _BEFORE, _SAME = FilterOperator.AFTER, FilterOperator.BEFORE, FilterOperator.SAME


def _row(listings: str, names: str, *fields: str, source: str = _NOTES, **columns: Any) -> FilterMeaning:
    """A row; several names are separated by a space."""
    return FilterMeaning(listings=listings, names=frozenset(names.split()), source=source, fields=fields, **columns)


_INCLUSIVE = [
    _row(listings, "lastUpdatedAfter lastUpdatedBefore", is_inclusive=True)
    for listings in (
        "charge-points/v2.0",
        "evses/v2.1",
        "id-tags/v2.0",
        "locations/v2.0",
        "sessions/v1.0",
        "users/v1.0",
    )
]
_FIELDS = [
    _row("*/*-status-logs", "createdAfter createdBefore", "timestamp", source=_RESPONSE),
    _row("cdrs/v2.0", "deliveryResponse", condition={"isLocal": True}),
    _row("charge-points/v1.0", "chargePointNetworkId", "networkId", source=_RESPONSE),
    _row("charge-points/v1.0", "partnerId", "ownerPartnerId", source=_RESPONSE),
    _row("charge-points/v1.0", "userId", "ownerUserId", source=_RESPONSE),
    _row("charge-points/v1.0", "roaming", "roamingOperatorId", operator=FilterOperator.PRESENT),
    _row("charge-points/v2.0", "desiredSecurityProfileStatus", "security.desiredProfileStatus", source=_RESPONSE),
    _row("charge-points/v2.0", "name", operator=_SAME),
    _row("charge-points/v2.0", "roaming", "roamingOperatorId", operator=FilterOperator.PRESENT),
    _row("charge-points/v2.0", "managedByOperator", operator=_SAME, values={"true": "true", "false": "false"}),
    _row("charge-points/v2.0", "sharingCode", "sharingCode", condition={"type": "personal"}),
    _row("*/configurations", "name", "key.name", source=_RESPONSE),
    _row("*/configurations", "componentName", "key.componentName", source=_RESPONSE),
    _row("*/configurations", "evseId", "key.evseId", source=_RESPONSE),
    _row("*/configurations", "instance", "key.instance", source=_RESPONSE),
    _row("evses/v2.0", "connectorId", "connectors.id", source=_RESPONSE),
    _row("evses/v2.0", "evseStatus", "status", source=_RESPONSE),
    _row("evses/v2.0", "evseType", "type", source=_RESPONSE),
    _row("evses/v2.1", "hasRoamingTariffIds", "roaming.tariffIds", operator=FilterOperator.PRESENT, source=_RESPONSE),
    _row("evses/v2.1", "hasTariffGroup", "tariffGroupId", operator=FilterOperator.PRESENT, source=_RESPONSE),
    _row("evses/v2.1", "roaming", "roamingOperatorId", operator=FilterOperator.PRESENT),
    _row("firmware-versions/v1.0", "firmwareVersion", operator=FilterOperator.STARTS),
    _row("firmware-versions/v1.0", "vendorId", "chargePointVendorId"),
    _row("locations/v1.0", "externalId", "external_id", source=_RESPONSE),
    _row("locations/v1.0", "postCode", "post_code", source=_RESPONSE),
    _row("locations/v2.0", "roaming", "roamingOperatorId", operator=FilterOperator.PRESENT, source=_RESPONSE),
    _row("*", "tag", "tags", source=_RESPONSE),
    _row("partner-invites/v1.0", "inviteEmail", "email", source=_RESPONSE),
    _row("partner-invites/v1.0", "userId", condition={"status": "accepted"}),
    _row("transactions/v1.0", "invoiceNumber", "invoiceNo"),
    _row("transactions/v1.0", "purchaseType", "purchaseResourceType"),
    _row("transactions/v1.0", "ref", operator=_SAME),
    _row("user-groups/v1.0", "noPartner", "partnerId", operator=FilterOperator.MISSING),
    _row("users/v1.0", "userGroupId", "userGroupIds", source=_RESPONSE),
    _row("vouchers/*", "createdAt", operator=FilterOperator.ON_DAY),
    _row("vouchers/v2.1", "code", operator=FilterOperator.CONTAINS),
    _row("vouchers/*", "userId", "redeemedByUserId"),
]
_SPELLED = [
    _row(
        "authorizations/*",
        "method",
        values={"mobile_device": "user_device", "rfid_tag": "id_tag", "admin_account": "admin"},
    ),
    _row("configuration-templates/v1.0", "ocppVersion", values={"ocpp1.6": "ocpp 1.6", "ocpp2.0.1": "ocpp 2.0.1"}),
    _row("id-tags/v2.0", "partnerId", values={"null": None}),
    _row("sessions/v1.0", "billingStatus", values={"null": None}),
    _row("sessions/v1.0", "reason", values={"ev_not_connect_to_evse": "ev_not_connected_to_evse"}),
    _row("transactions/v1.0", "status", values={"reserved": "reversed"}),
]
_TIMES = [
    _row("cdrs/v2.0", "startDateTimeFrom startDateTimeTo", "startTime", is_inclusive=True),
    _row("cdrs/v2.0", "endDateTimeFrom endDateTimeTo", "endTime", is_inclusive=True),
    _row("cdrs/v2.0", "receivedAfter receivedBefore", is_inclusive=True, condition={"isLocal": False}),
    _row("cdrs/v2.0", "sentAfter sentBefore", is_inclusive=True, condition={"isLocal": True}),
    _row("*-downtime-periods/v1.0", "startedAfter", is_inclusive=True),
    _row("*-downtime-periods/v1.0", "stoppedBefore", "endedAt", is_inclusive=True),
    _row("*-downtime-periods/v1.0", "durationGreaterThan", "startedAt", "endedAt", operator=FilterOperator.LONGER),
    _row("*-downtime-periods/v1.0", "durationLessThan", "startedAt", "endedAt", operator=FilterOperator.SHORTER),
    _row("flexibility-assets/v1.0", "updatedSince", operator=_AFTER, reason=_NOT_STATED),
    _row("flexibility-assets/*/*", "startTime", "startTime", "endTime", operator=_AFTER, source=_RESPONSE),
    _row("flexibility-assets/*/*", "endTime", "startTime", "endTime", operator=_BEFORE, source=_RESPONSE),
    _row("*-tags/*", "expireAt", operator=_AFTER, is_inclusive=True),
    _row("invoices/v1.0", "issuedFrom", "date", operator=_AFTER),
    _row("invoices/v1.0", "issuedTo", "date", operator=_BEFORE),
    _row("partner-settlement-reports/v1.0", "periodAfter periodBefore", "periodStart", "periodEnd", source=_RESPONSE),
    _row(
        "receipts/*", "periodStart", operator=_AFTER, reason="whether it is a bound or the very start is not documented"
    ),
    _row("receipts/*", "periodEnd", operator=_BEFORE, reason="whether it is a bound or the very end is not documented"),
    _row("roaming-operators/*/custom-tariff-filters", "createdAfter createdBefore", is_inclusive=True),
    _row("security-events*", "timestampFrom", "timestamp", operator=_AFTER),
    _row("security-events*", "timestampTo", "timestamp", operator=_BEFORE),
    _row("sessions/v1.0", "endedAfter endedBefore", "stoppedAt", source=_RESPONSE),
    _row("terms-and-policies/v2.0", "validFrom", reason="whether it is a bound or the very start is not documented"),
    _row("transactions/v1.0", "createdAfter createdBefore", reason=_NOT_STATED),
]
_ELSEWHERE = [
    _row("charge-points/*", "evseExternalId", "externalId", source=_RESPONSE, lookup=_EVSES),
    _row("charge-points/v1.0", "evseId", "id", source=_RESPONSE, lookup=_EVSES),
    _row("charge-points/*", "evsePhysicalReference", "physicalReference", source=_RESPONSE, lookup=_EVSES),
    _row(
        "charge-points/v2.0",
        "vendorId",
        "vendorId",
        source=_RESPONSE,
        lookup=Lookup("charge-point-models/v1.0", own="modelId"),
    ),
    _row(
        "firmware-versions/v1.0",
        "modelId",
        "models",
        lookup=Lookup("firmware-versions/v1.0", query={"include[]": "models"}),
    ),
    _row("parking-spaces/v1.0", "evseId", "evses", lookup=Lookup("parking-spaces/v1.0", query={"include[]": "evses"})),
    _row(
        "sessions/v1.0",
        "authorizationSource",
        "authorization.source",
        source=_RESPONSE,
        lookup=Lookup("sessions/v1.0", query={"withAuthorization": "true"}),
    ),
    _row(
        "sessions/v1.0",
        "chargePointNetworkId",
        "network.id",
        source=_RESPONSE,
        lookup=Lookup("charge-points/v2.0", own="chargePointId"),
    ),
    _row(
        "tariffs/v1.0", "tariffGroupId", "id", source=_RESPONSE, lookup=Lookup("tariff-groups/v1.0", theirs="tariffIds")
    ),
]
_OTHERS = [
    _row("charge-points/v2.0", "bootNotificationSerialNumber", reason="a boot notification has two serial numbers"),
    _row("*", "externalAppData", path="conformUnknown", reason="it takes a path of the operator's own"),
    _row("sessions/v1.0", "roaming", operator=FilterOperator.OTHER, reason="how a query nests it is not documented"),
    _row("subscriptions/v1.0", "billedExternally", reason=_NOT_STATED),
    _row("tariffs/v1.0", "userId", operator=FilterOperator.OTHER, reason="it finds the tariff that applies to a user"),
]

FILTERS = (*_INCLUSIVE, *_FIELDS, *_SPELLED, *_TIMES, *_ELSEWHERE, *_OTHERS)
