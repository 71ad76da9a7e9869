"""Resources of the AMPECO Public API that the names of parameters and fields do not tell."""

from ampeco_conformance.apis.descriptor import EquipmentAction, IdSource, ResourceExceptions

_RESOURCES = "/public-api/resources"

# In actions on a charge point an EVSE is named by its network id, not by its system id.
_NETWORK_ID = IdSource(f"{_RESOURCES}/charge-points/v2.0/{{chargePoint}}/evses", "networkId")

_ACTIONS = "/public-api/actions"
_SESSIONS, _RESERVATIONS = f"{_RESOURCES}/sessions/v1.0", f"{_RESOURCES}/reservations/v1.0"

EQUIPMENT_ACTIONS = (
    EquipmentAction(f"{_ACTIONS}/evse/*/start", "sessionId", _SESSIONS),
    EquipmentAction(f"{_ACTIONS}/charge-point/*/start*", "sessionId", _SESSIONS),
    EquipmentAction(f"{_ACTIONS}/charge-point/*/stop/*"),
    EquipmentAction(f"{_ACTIONS}/charge-point/*/reserve/*", "reservationId", _RESERVATIONS),
    EquipmentAction(f"{_ACTIONS}/reservation/*/cancel"),
)

RESOURCES = ResourceExceptions(
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
    # A tariff group comes with a base tariff of its own; a currency that was used is kept.
    leaving_traces=frozenset({f"{_RESOURCES}/tariff-groups/v1.0", f"{_RESOURCES}/currencies/v2.0"}),
    # Charge points number EVSEs, connectors and transactions themselves; payment gateways their transactions.
    numbers_of_others={
        "*/start*": frozenset({"connectorId", "transactionId"}),
        "*/set-charging-profile/*": frozenset({"transactionId"}),
        "*/set-configuration": frozenset({"evseId"}),
        "*/configuration-template*": frozenset({"evseId", "connectorId"}),
        "*/payment-methods": frozenset({"transactionId"}),
    },
    id_fields={"/public-api/notifications/v1.0": "webhookId"},
)
