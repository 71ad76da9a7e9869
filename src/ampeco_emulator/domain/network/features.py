"""Features that charge points and integrations may lack: the response is then 501.

Fact: 501 is documented for certificates, eMAIDs and the occupancy of parking spaces. Which charge point cannot do it is
not known, so the control plane says.
"""

from ampeco_emulator.backend.backend import EmulatorResponse, RefusedError
from ampeco_emulator.crud.calls import EndpointCall, Handler

FEATURES = ("certificates", "emaid", "parking-occupancy")


def supported(feature: str, handler: Handler) -> Handler:
    """The handler, unless the feature is unsupported."""

    def handle(call: EndpointCall) -> EmulatorResponse:
        if feature in call.backend.unsupported:
            raise RefusedError(501, f"Not supported: {feature}.")
        return handler(call)

    return handle
