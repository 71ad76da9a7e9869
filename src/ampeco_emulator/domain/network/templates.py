"""Configuration templates: unique variables, and their application to charge points.

Facts: bulk variables are added to those the template has, and duplicates are checked for.
"""

from collections.abc import Mapping
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.calls import EndpointCall, Handler, accepted
from ampeco_emulator.crud.resources import create
from ampeco_emulator.domain.charging.configurations import set_template

_ACTION = "POST /public-api/actions/configuration-template/v1.0/{template}"
_IDENTITY = ("keyName", "variableName", "variableInstance", "component", "componentInstance", "evseId", "connectorId")


def create_variable(call: EndpointCall) -> EmulatorResponse:
    """Add a variable, which is unique in its template."""
    template = call.backend.named("template", call.incoming.path_values["template"])
    if _identity(call.body) in _known(call.backend, template):
        raise RefusedError(409, "The template already has this variable.")
    return create(call)


def insert_variables(call: EndpointCall) -> EmulatorResponse:
    """Add several variables, or none when one of them exists."""
    backend = call.backend
    template = backend.named("template", call.incoming.path_values["template"])
    variables = call.body["items"] or []
    wanted = [_identity(item) for item in variables]
    if len(set(wanted)) < len(wanted) or _known(backend, template) & set(wanted):
        message = "A variable is a duplicate."
        raise RefusedError(422, message, {"variables": [message]})
    for item in variables:
        backend.add("variables", item, {"configuration-templates": str(template.id)})
    return accepted(call)


def apply(call: EndpointCall) -> EmulatorResponse:
    """Set the variables of a template at charge points, once or from now on."""
    backend = call.backend
    template = backend.named("template", call.incoming.path_values["template"])
    persists = call.body.get("shouldPersist") in (True, "true")
    for number in call.body.get("chargePointIds") or ():
        charge_point = backend.store.peek("charge-points", number)
        if charge_point is None:
            message = "The selected chargePointIds is invalid."
            raise RefusedError(422, message, {"chargePointIds": [message]})
        set_template(backend, charge_point, template.id, persists=persists)
    return accepted(call)


def _known(backend: Backend, template: Record) -> set[tuple[Any, ...]]:
    variables = backend.store.all("variables", {"configuration-templates": str(template.id)})
    return {_identity(variable.fields) for variable in variables}


def _identity(variable: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(variable.get(name) for name in _IDENTITY)


HANDLERS: dict[str, Handler] = {
    "POST /public-api/resources/configuration-templates/v1.0/{template}/variables": create_variable,
    f"{_ACTION}/insert-bulk-variables": insert_variables,
    f"{_ACTION}/apply-to-charge-points": apply,
}
