"""Partners with which a private charge point is shared: exactly those of the last call."""

from ampeco_emulator.backend.backend import EmulatorResponse, RefusedError
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler

_RESOURCE_TYPE = "shared-partners"


def share_with_partners(call: EndpointCall) -> EmulatorResponse:
    """Replace the partners of a charge point."""
    backend = call.backend
    charge_point = backend.named("chargePoint", call.incoming.path_values["chargePoint"])
    owner = (charge_point.fields.get("partner") or {}).get("id")
    if owner is None or charge_point.fields.get("type") != "private":
        message = "The charge point must be private and have an owner."
        raise RefusedError(422, message, {"partnerIds": [message]})
    chosen = call.body["partnerIds"]
    if any(backend.store.find("partners", str(number)) is None for number in chosen):
        message = "The selected partnerIds is invalid."
        raise RefusedError(422, message, {"partnerIds": [message]})
    parents = {"charge-points": str(charge_point.id)}
    for earlier in backend.store.all(_RESOURCE_TYPE, parents):
        backend.store.remove(_RESOURCE_TYPE, earlier)
    for number in dict.fromkeys(chosen):
        backend.add(_RESOURCE_TYPE, {"sharedAt": format_timestamp(backend.now())}, parents).fields["id"] = number
    return EmulatorResponse(call.endpoint.success)


HANDLERS: dict[str, Handler] = {
    "PUT /public-api/resources/charge-points/v2.0/{chargePoint}/shared-partners": share_with_partners,
}
