"""All defects, in the order in which they are listed, and the switch that puts one of them into effect."""

from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import Operation, Specification
from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import Override, combined
from ampeco_emulator.faults import (
    access,
    delivery,
    disclosure,
    domain,
    listings,
    money,
    mutation,
    plans,
    query,
    refusals,
    request,
    response,
    session,
    starting,
    state,
    transport,
    validation,
    writes,
)
from ampeco_emulator.faults.corruption import dropping
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.openapi.endpoints import router_of

DEFECTS = (
    *response.SCHEMA,
    *response.STATUS,
    *response.HEADERS,
    *response.ERRORS,
    *disclosure.DISCLOSURE,
    *refusals.REFUSALS,
    *request.AUTHENTICATION,
    *access.ACCESS,
    *request.UNKNOWN_IDS,
    *request.UNROUTED,
    *validation.VALIDATION,
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
    *plans.PLANS,
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

    Raises ConfigurationError for an unknown name, and for an operation or a field that the specification does not have.
    """
    kind, _, rest = name.partition(":")
    label, _, field = rest.rpartition(":")
    if kind == mutation.KIND:
        return mutation.mutation_defect(name, specification)
    if kind == _PARAMETRISED:
        if not label or not field:
            raise ConfigurationError(f"{name!r} must look like {_PARAMETRISED}:METHOD /path:FIELD")
        _check_operation(label, specification)
        _check_field(label, field, specification)
        return Defect(name, "schema", f"{field} is missing from the responses of {label}", dropping(label, field))
    if name not in _BY_NAME:
        near = [f"did you mean {found}?" for found in get_close_matches(name, _BY_NAME, 1)] or [
            f"`conform emulator --list-defects` lists the {len(DEFECTS)} known ones, and there is "
            f"{_PARAMETRISED}:METHOD /path:FIELD"
        ]
        raise ConfigurationError(f"unknown defect {name!r}; {near[0]}")
    return _BY_NAME[name]


def _check_operation(label: str, specification: Specification) -> None:
    labels = {name: operation.label for operation in specification.operations for name in _names(operation)}
    if label not in labels.values():
        near = get_close_matches(label, labels, 1)
        hint = (
            f"did you mean {labels[near[0]]!r}?" if near else f"`conform specs show {specification.version}` lists them"
        )
        raise ConfigurationError(f"{specification.api} {specification.version} has no operation {label!r}; {hint}")


def _check_field(label: str, field: str, specification: Specification) -> None:
    endpoint = next(item for item in router_of(specification).endpoints if item.operation.label == label)
    names = {name for place in mutation.response_fields(endpoint) for name in place.replace("[]", "").split(".")}
    unknown = [name for name in field.split(".") if name not in names and not name.isdecimal()]
    if unknown:
        near = get_close_matches(unknown[0], names, 1)
        shown = f"`conform specs show {specification.version} '{label}'` shows them"
        hint = f"did you mean {near[0]!r}?" if near else shown
        raise ConfigurationError(f"no successful response of {label} has a field {unknown[0]!r}; {hint}")


def _names(operation: Operation) -> tuple[str, ...]:
    return operation.label, operation.path, operation.operation_id


def defects_named(names: str, specification: Specification) -> list[Defect]:
    """The defect of a name, or several whose names are joined by a plus. Raises ConfigurationError."""
    # A name with a colon may have a plus in its path.
    several = [names] if ":" in names else names.split("+")
    return [defect_named(name, specification) for name in several]


class DefectSwitch:
    """Puts defects into effect in a backend, on top of the overrides that it has without them."""

    def __init__(self, backend: Backend, standing: Sequence[Override] = ()) -> None:
        self._backend = backend
        self._standing = standing
        self.active: list[Defect] = []
        self._put_into_effect()

    def stand_on(self, standing: Sequence[Override]) -> None:
        """Change the overrides that there are without a defect."""
        self._standing = standing
        self._put_into_effect()

    def select(self, names: str | None) -> None:
        """Switch one defect or several on, and all others off. Raises ConfigurationError for an unknown name."""
        self.active = defects_named(names, self._backend.specification) if names is not None else []
        self._put_into_effect()

    def _put_into_effect(self) -> None:
        self._backend.override(combined([*self._standing, *(defect.override for defect in self.active)]))
