"""Resources of the AMPECO Public API that the names of parameters and fields do not tell."""

from ampeco_conformance.apis.descriptor import (
    Ending,
    EquipmentAction,
    IdSource,
    IndirectCreation,
    Opposite,
    ResourceExceptions,
)

_RESOURCES = "/public-api/resources"

# In actions on a charge point an EVSE is named by its network id, not by its system id.
_NETWORK_ID = IdSource(f"{_RESOURCES}/charge-points/v2.0/{{chargePoint}}/evses", "networkId")

_ACTIONS = "/public-api/actions"
_START, _STOP = f"{_ACTIONS}/charge-point/*/start", f"{_ACTIONS}/charge-point/*/stop/*"
_RESERVE, _CANCEL = f"{_ACTIONS}/charge-point/*/reserve/*", f"{_ACTIONS}/reservation/*/cancel"
_EVSE, _EVSES = f"{_RESOURCES}/evses/v2.1/{{evse}}", f"{_RESOURCES}/charge-points/v2.0/{{chargePoint}}/evses"
_SESSIONS, _RESERVATIONS = f"{_RESOURCES}/sessions/v1.0", f"{_RESOURCES}/reservations/v1.0"
_BOOKINGS, _BOOKING_REQUESTS = f"{_RESOURCES}/bookings/v1.0", f"{_RESOURCES}/booking-requests/v1.0"

EQUIPMENT_ACTIONS = (
    EquipmentAction(f"{_ACTIONS}/evse/*/start", _EVSE),
    EquipmentAction(f"{_START}/*", _EVSES, "networkId"),
    EquipmentAction(_START, _EVSES),
    EquipmentAction(_STOP),
    EquipmentAction(_RESERVE, _EVSES, "networkId"),
    EquipmentAction(_CANCEL),
)

_AT_AN_EVSE = {"evseId": "evse", "userId": "userId"}
_AT_A_CHARGE_POINT = {"chargePointId": "chargePoint", "userId": "userId"}
_STARTED = {"authorizationId": "authorizationId"}

INDIRECT_CREATIONS = (
    IndirectCreation(f"{_ACTIONS}/evse/*/start", _SESSIONS, "sessionId", _AT_AN_EVSE | _STARTED),
    IndirectCreation(f"{_START}*", _SESSIONS, "sessionId", _AT_A_CHARGE_POINT | _STARTED),
    IndirectCreation(_RESERVE, _RESERVATIONS, "reservationId", _AT_A_CHARGE_POINT),
    IndirectCreation(_BOOKING_REQUESTS, _BOOKINGS, "bookingId", {"userId": "userId", "locationId": "locationId"}),
    # A tariff group comes with a base tariff of its own.
    IndirectCreation(f"{_RESOURCES}/tariff-groups/v1.0", f"{_RESOURCES}/tariffs/v1.0", "tariffIds"),
)

OPPOSITES = (
    Opposite("/change-availability$", "type", "Inoperative", "Operative"),
    Opposite("/users/.*/change-status$", "status", "disabled", "enabled"),
)

#: Only a private charge point that has an owner is shared with partners (the vendor's documentation: charge points).
STATE_BOUND = ("PUT */charge-points/*/shared-partners",)

ENDINGS = (
    Ending(
        _SESSIONS,
        frozenset({"pending", "active"}),
        f"{_ACTIONS}/charge-point/v1.0/{{chargePointId}}/stop/{{id}}",
        {"force": True},
    ),
    Ending(
        _RESERVATIONS,
        frozenset({"active"}),
        f"{_ACTIONS}/reservation/v1.0/{{id}}/cancel",
        {"force": True},
    ),
    Ending(_BOOKINGS, frozenset({"accepted", "reserved"}), _BOOKING_REQUESTS, {"type": "cancel"}, "bookingId"),
)

_DAYS = ("date", "week-day")

RESOURCES = ResourceExceptions(
    references={
        "chargePoints": ("chargePoint",),
        "idTags": ("idTag",),
        "targetId": ("partner", "userGroup"),
        **{f"{kind}PartnerChargePoints": ("chargePoint",) for kind in ("included", "excluded")},
        **{f"{kind}PartnerUsers": ("user",) for kind in ("included", "excluded")},
        **{f"{kind}UserGroups": ("userGroup",) for kind in ("included", "excluded")},
    },
    field_stems={
        "operator": "subOperator",
        "plan": "subscriptionPlan",
        "platform": "roamingPlatform",
        "contract": "partnerContract",
        "authorizedToken": "idTag",
        "dlmCircuit": "circuit",
        "ownerPartner": "partner",
        "parentCircuit": "circuit",
        "satelliteChargePoint": "chargePoint",
    },
    listed_elsewhere={
        "tariffSnapshot": IdSource(f"{_RESOURCES}/sessions/v1.0", "tariffSnapshotId"),
    },
    below={
        "/public-api/actions/charge-point/": {"evse": _NETWORK_ID, "evseNetworkId": _NETWORK_ID},
    },
    keys=frozenset({"key", "date", "weekDay"}),
    # A currency that was used is kept.
    leaving_traces=frozenset({f"{_RESOURCES}/currencies/v2.0"}),
    # Charge points number EVSEs, connectors and transactions themselves; payment gateways their transactions.
    numbers_of_others={
        "*/start*": frozenset({"connectorId", "transactionId"}),
        "*/set-charging-profile/*": frozenset({"transactionId"}),
        "*/set-configuration": frozenset({"evseId"}),
        "*/change-availability": frozenset({"evseNetworkId"}),
        "*/configuration-template*": frozenset({"evseId", "connectorId"}),
        "*/payment-methods": frozenset({"transactionId"}),
    },
    id_fields={"/public-api/notifications/v1.0": "webhookId"},
    # The vendor documents these as full replacements, with the body of the create.
    replaced=frozenset(
        {
            *(f"{_RESOURCES}/{name}/v1.0" for name in ("parking-spaces", "tariffs", "tariff-groups")),
            *(f"{_RESOURCES}/electricity-rates/v2.0/{{electricityRate}}/price-periods/{day}" for day in _DAYS),
        }
    ),
)
