"""All defects, in the order in which they are listed, and the switch that puts one of them into effect."""

from collections import Counter

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import Specification
from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.faults import (
    delivery,
    disclosure,
    domain,
    listings,
    money,
    mutation,
    query,
    refusals,
    request,
    response,
    session,
    starting,
    state,
    transport,
    writes,
)
from ampeco_emulator.faults.corruption import dropping
from ampeco_emulator.faults.model import Defect

DEFECTS = (
    *response.SCHEMA,
    *response.STATUS,
    *response.HEADERS,
    *response.ERRORS,
    *disclosure.DISCLOSURE,
    *refusals.REFUSALS,
    *request.AUTHENTICATION,
    *request.UNKNOWN_IDS,
    *request.UNROUTED,
    *request.VALIDATION,
    *query.PAGINATION,
    *query.FILTERS,
    *listings.VALUES,
    *listings.WALKS,
    *listings.PARTS,
    *state.STATE,
    *writes.WRITES,
    *domain.DOMAIN,
    *money.TARIFFS,
    *money.PAYMENTS,
    *session.SESSIONS,
    *starting.STARTS,
    *starting.RESERVATIONS,
    *delivery.WEBHOOKS,
    *delivery.CONTENTS,
    *domain.SPIRII,
    *response.ROBUSTNESS,
    *transport.TRANSPORT,
    *query.LISTINGS,
)
_BY_NAME = {defect.name: defect for defect in DEFECTS}
_PARAMETRISED = "drop-field"

if repeated := [name for name, count in Counter(defect.name for defect in DEFECTS).items() if count > 1]:
    raise ValueError(f"two defects have one name: {', '.join(repeated)}")


def defect_named(name: str, specification: Specification) -> Defect:
    """The defect of that name. `drop-field:GET /path:field` drops a field, nested ones with a dot, from one operation.

    `mutate:...` declares a mutation.

    Raises ConfigurationError for an unknown name, and for an operation that the specification does not have.
    """
    kind, _, rest = name.partition(":")
    label, _, field = rest.rpartition(":")
    if kind == mutation.KIND:
        return mutation.mutation_defect(name, specification)
    if kind == _PARAMETRISED and label and field:
        if label not in {operation.label for operation in specification.operations}:
            raise ConfigurationError(
                f"{name!r}: {specification.api} {specification.version} has no operation {label!r}"
            )
        return Defect(name, "schema", f"{field} is missing from the responses of {label}", dropping(label, field))
    if name not in _BY_NAME:
        raise ConfigurationError(
            f"unknown defect {name!r}; `--list-defects` lists the {len(DEFECTS)} known ones, "
            f"and there is {_PARAMETRISED}:METHOD /path:FIELD"
        )
    return _BY_NAME[name]


class DefectSwitch:
    """Puts at most one defect into effect in a backend."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.active: Defect | None = None

    def select(self, name: str | None) -> None:
        """Switch a defect on, or with None all of them off. Raises ConfigurationError for an unknown name."""
        defect = defect_named(name, self._backend.specification) if name is not None else None
        self.active = defect
        self._backend.override({defect.override.rule: defect.override.function} if defect is not None else {})
