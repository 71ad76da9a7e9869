"""Resources of the AMPECO Public API that the names of parameters and fields do not tell."""

from ampeco_conformance.apis.descriptor import IdSource, ResourceExceptions

_RESOURCES = "/public-api/resources"

# In actions on a charge point an EVSE is named by its network id, not by its system id.
_NETWORK_ID = IdSource(f"{_RESOURCES}/charge-points/v2.0/{{chargePoint}}/evses", "networkId")

RESOURCES = ResourceExceptions(
    field_stems={
        "operator": "subOperator",
        "plan": "subscriptionPlan",
        "platform": "roamingPlatform",
        "contract": "partnerContract",
        "authorizedToken": "idTag",
        "dlmCircuit": "circuit",
    },
    listed_elsewhere={
        "tariffSnapshot": IdSource(f"{_RESOURCES}/sessions/v1.0", "tariffSnapshotId"),
    },
    below={
        "/public-api/actions/charge-point/": {"evse": _NETWORK_ID, "evseNetworkId": _NETWORK_ID},
    },
    keys=frozenset({"key", "date", "weekDay"}),
    id_fields={"/public-api/notifications/v1.0": "webhookId"},
)
