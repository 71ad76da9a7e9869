"""Seeding: some records of every resource type that can be listed or read."""

from datetime import timedelta
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.resource_types import resource_type_of, resource_type_of_field
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.domain.states import STATES
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.texts import Subject
from ampeco_emulator.seed.data import COUNTS, FIELDS
from ampeco_emulator.seed.history import SIMULATED, simulate
from ampeco_emulator.seed.sizes import Seed

# Children are made for a few of the parents, except where each of them has one.
_PARENTS = 4
_CHILDREN = 3
_OF_EVERY_PARENT = frozenset({"connectors"})


def seed(backend: Backend, plan: Seed) -> None:
    """Fill an empty backend. The same specification and plan give the same records."""
    listings = {_key(endpoint): endpoint for endpoint in backend.router.listings()}
    readings = [
        endpoint
        for endpoint in backend.router.endpoints
        if endpoint.operation.method == "GET" and endpoint.ends_in_parameter
    ]
    has_history = False
    for endpoint in sorted([*listings.values(), *readings], key=_rank):
        if resource_type_of(endpoint.collection) not in SIMULATED:
            _seed_resource_type(backend, endpoint, plan)
        elif not has_history:
            has_history = True
            simulate(backend, plan)
    complete(backend)


def _key(endpoint: Endpoint) -> tuple[str, int]:
    return resource_type_of(endpoint.collection), endpoint.collection.count("{")


def _rank(endpoint: Endpoint) -> tuple[int, int, bool, str]:
    """Referenced resource types first, parents before children, listings before single reads."""
    resource_type = resource_type_of(endpoint.collection)
    order = list(COUNTS)
    place = order.index(resource_type) if resource_type in order else len(order)
    return endpoint.collection.count("{"), place, not endpoint.is_list, endpoint.path


def _seed_resource_type(backend: Backend, endpoint: Endpoint, plan: Seed) -> None:
    resource_type = resource_type_of(endpoint.collection)
    names = [name for name in endpoint.names if "{" + name + "}" in endpoint.collection]
    if "/actions/" in endpoint.path or endpoint.item_schema is None:
        return
    if not names:
        if not backend.store.all(resource_type):
            for number in range(plan.count(resource_type)):
                backend.add(
                    resource_type,
                    _fields(backend, endpoint, resource_type, number) | plan.fields(resource_type, number),
                )
        return
    for place, parents in enumerate(_parents(backend, endpoint, names)):
        if not backend.store.all(resource_type, parents):
            for number in (place,) if resource_type in _OF_EVERY_PARENT else range(_CHILDREN):
                fields = _fields(backend, endpoint, resource_type, number)
                named = {name: target for name in fields if (target := resource_type_of_field(name)) in parents}
                own = {name: int(parents[target]) for name, target in named.items() if target is not None}
                backend.add(resource_type, fields | own, parents)


def _parents(backend: Backend, endpoint: Endpoint, names: list[str]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = [{}]
    limit = None if resource_type_of(endpoint.collection) in _OF_EVERY_PARENT else _PARENTS
    for name in names:
        parent = resource_type_of(endpoint.collection[: endpoint.collection.index("{" + name + "}")])
        found = [
            {**above, parent: str(record.id)} for above in found for record in backend.store.all(parent, above)[:limit]
        ]
    return found


def _fields(backend: Backend, endpoint: Endpoint, resource_type: str, number: int) -> dict[str, Any]:
    """The fields of one seeded record: generated from the schema, references distributed, then the explicit ones."""
    assert endpoint.item_schema is not None
    with backend.values.about(Subject(resource_type, number)):
        made = backend.values.make(endpoint.item_schema, full=True)
    fields = made if isinstance(made, dict) else {"value": number + 1}
    _leave_out_foreign_states(fields)
    for name, value in fields.items():
        target = resource_type_of_field(name)
        records = backend.store.all(target) if target else []
        if records and isinstance(value, int):
            fields[name] = records[number % len(records)].id
    explicit = {
        name: value(number) if callable(value) else value for name, value in FIELDS.get(resource_type, {}).items()
    }
    return seeded_fields(backend, resource_type, number, {**fields, **_times(backend, number), **explicit})


def _leave_out_foreign_states(value: Any) -> None:
    """Leave out states that are not of the country beside them, at any depth."""
    if isinstance(value, dict):
        if "country" in value and value.get("state") not in STATES.get(str(value["country"]), ()):
            value.pop("state", None)
        for inner in value.values():
            _leave_out_foreign_states(inner)
    elif isinstance(value, list):
        for inner in value:
            _leave_out_foreign_states(inner)


def _times(backend: Backend, number: int) -> dict[str, str]:
    """When a record was created and last changed: before the history of sessions begins."""
    created = backend.now() - timedelta(days=400 - number % 300)
    updated = format_timestamp(created + timedelta(days=number % 30, hours=1))
    return {"createdAt": format_timestamp(created), "lastUpdatedAt": updated, "updatedAt": updated}


@rule
def seeded_fields(_backend: Backend, _resource_type: str, _number: int, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a seeded record, counted from 0."""
    return fields


@rule
def complete(_backend: Backend) -> None:
    """What follows once everything is seeded: nothing."""
