"""A believable operator: some records of everything there is to list or to read."""

from typing import Any

from ampeco_emulator.backend.backend import World
from ampeco_emulator.backend.resource_types import family_of, family_of_field
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.seed.data import COUNTS, FIELDS
from ampeco_emulator.seed.history import LIVED, live
from ampeco_emulator.seed.sizes import Seed

_PARENTS = 4
_CHILDREN = 3


def seed(world: World, plan: Seed) -> None:
    """Fill an empty world. The same specification and plan give the same records."""
    listings = {_key(endpoint): endpoint for endpoint in world.router.listings()}
    readings = [
        endpoint
        for endpoint in world.router.endpoints
        if endpoint.operation.method == "GET" and endpoint.ends_in_parameter
    ]
    has_history = False
    for endpoint in sorted([*listings.values(), *readings], key=_rank):
        if family_of(endpoint.collection) not in LIVED:
            _seed_family(world, endpoint, plan)
        elif not has_history:
            has_history = True
            live(world, plan)


def _key(endpoint: Endpoint) -> tuple[str, int]:
    return family_of(endpoint.collection), endpoint.collection.count("{")


def _rank(endpoint: Endpoint) -> tuple[int, int, bool, str]:
    """What others refer to comes first, parents before children, listings before single reads."""
    family = family_of(endpoint.collection)
    order = list(COUNTS)
    place = order.index(family) if family in order else len(order)
    return endpoint.collection.count("{"), place, not endpoint.is_list, endpoint.path


def _seed_family(world: World, endpoint: Endpoint, plan: Seed) -> None:
    family = family_of(endpoint.collection)
    names = [name for name in endpoint.names if "{" + name + "}" in endpoint.collection]
    if "/actions/" in endpoint.path or endpoint.item_schema is None:
        return
    if not names:
        if not world.store.all(family):
            for number in range(plan.count(family)):
                world.add(family, _fields(world, endpoint, family, number) | plan.fields(family, number))
        return
    for parents in _parents(world, endpoint, names):
        if not world.store.all(family, parents):
            for number in range(_CHILDREN):
                world.add(family, _fields(world, endpoint, family, number), parents)


def _parents(world: World, endpoint: Endpoint, names: list[str]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = [{}]
    for name in names:
        parent = family_of(endpoint.collection[: endpoint.collection.index("{" + name + "}")])
        found = [
            {**above, parent: str(record.id)} for above in found for record in world.store.all(parent, above)[:_PARENTS]
        ]
    return found


def _fields(world: World, endpoint: Endpoint, family: str, number: int) -> dict[str, Any]:
    """The fields of one seeded record: made up from the schema, references spread, then what is told by hand."""
    assert endpoint.item_schema is not None
    made = world.values.make(endpoint.item_schema, full=True)
    fields = made if isinstance(made, dict) else {"value": number + 1}
    for name, value in fields.items():
        target = family_of_field(name)
        records = world.store.all(target) if target else []
        if records and isinstance(value, int):
            fields[name] = records[number % len(records)].id
    told = {name: value(number) if callable(value) else value for name, value in FIELDS.get(family, {}).items()}
    return {**fields, **told}
