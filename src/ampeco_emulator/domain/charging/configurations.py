"""The configuration of charge points, and the templates that persist there.

Fact: a template that persists is set again at every boot.
"""

from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.store import Record

_PERSISTENT = "persistent templates"


def set_value(backend: Backend, charge_point: int, name: str, value: Any) -> None:
    """Set one configuration key of a charge point."""
    parents = {"charge-points": str(charge_point)}
    stored = backend.store.find("configurations", name, parents)
    if stored is not None:
        backend.change(stored, {"value": value})
    else:
        backend.add("configurations", {"key": name, "value": value, "readonly": False}, parents)


def set_template(backend: Backend, charge_point: Record, template: int, *, persists: bool) -> None:
    """Set the variables of a template at a charge point, from now on at every boot if it persists."""
    others = [number for number in charge_point.state.get(_PERSISTENT, ()) if number != template]
    charge_point.state[_PERSISTENT] = [*others, template] if persists else others
    for variable in backend.store.all("variables", {"configuration-templates": str(template)}):
        name = variable.fields.get("keyName") or variable.fields.get("variableName")
        set_value(backend, charge_point.id, str(name), variable.fields.get("value"))


def set_again(backend: Backend, charge_point: Record) -> None:
    """Set the templates that persist at a charge point, in the order in which they were applied."""
    for template in list(charge_point.state.get(_PERSISTENT, ())):
        set_template(backend, charge_point, template, persists=True)
