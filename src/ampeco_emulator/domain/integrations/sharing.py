"""Partners with which a private charge point is shared: always exactly those of the last call."""

from ampeco_emulator.backend.backend import Answer, RefusedError
from ampeco_emulator.clock import written
from ampeco_emulator.crud.resources import Call, Handler

_FAMILY = "shared-partners"


def share_with_partners(call: Call) -> Answer:
    """Replace the partners of a charge point."""
    world = call.world
    charge_point = world.named("chargePoint", call.incoming.path_values["chargePoint"])
    chosen = call.body["partnerIds"]
    if any(world.store.find("partners", str(number)) is None for number in chosen):
        message = "The selected partnerIds is invalid."
        raise RefusedError(422, message, {"partnerIds": [message]})
    parents = {"charge-points": str(charge_point.id)}
    for earlier in world.store.all(_FAMILY, parents):
        world.store.remove(_FAMILY, earlier)
    for number in dict.fromkeys(chosen):
        world.add(_FAMILY, {"sharedAt": written(world.now())}, parents).fields["id"] = number
    return Answer(call.endpoint.success)


HANDLERS: dict[str, Handler] = {
    "PUT /public-api/resources/charge-points/v2.0/{chargePoint}/shared-partners": share_with_partners,
}
