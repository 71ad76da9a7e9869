"""Named ways to misbehave, one at a time: how the suite proves that it can fail."""

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import Specification
from ampeco_emulator.faults.catalog import DEFECTS
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.faults.responses import dropping

__all__ = ["DEFECTS", "Defect", "defect_named"]

_PARAMETRISED = "drop-field"


def defect_named(name: str, specification: Specification) -> Defect:
    """The defect of that name. `drop-field:GET /path:field` drops a field, nested ones with a dot, from one operation.

    Raises ConfigurationError for a name nobody knows, and for an operation the specification has not.
    """
    kind, _, rest = name.partition(":")
    label, _, field = rest.rpartition(":")
    if kind == _PARAMETRISED and label and field:
        if label not in {operation.label for operation in specification.operations}:
            raise ConfigurationError(
                f"{name!r}: {specification.api} {specification.version} has no operation {label!r}"
            )
        return Defect(name, "schema", f"{field} is missing from the answers of {label}", dropping(label, field))
    known = {item.name: item for item in DEFECTS}
    if name not in known:
        raise ConfigurationError(
            f"unknown defect {name!r}; `--list-defects` lists the {len(known)} there are, "
            f"and there is {_PARAMETRISED}:METHOD /path:FIELD"
        )
    return known[name]
