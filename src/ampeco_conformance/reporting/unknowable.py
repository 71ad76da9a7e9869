"""Which mutations nothing can notice that only knows the contract: of a value that no other exchange tells.

A value can be known when another operation of the resource shows it, when a request sets it, or when a rule binds it:
it is the id of the item, names the resource of the path, or counts or pages a listing. The items of a listing can be
counted when it has pages, or when its items are read or created one by one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ampeco_conformance.checks.addressing import named_in_path
from ampeco_conformance.checks.resource_fields import written_properties
from ampeco_conformance.contract.item_shape import item_properties, properties_of
from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.emulator_client.mutations import DrawnMutation, resource_in
from ampeco_conformance.specs import Operation

_DEPTH = 8
_PAGE_PARAMETERS = ("page", "per_page", "cursor")
#: Members of a listing that describe its pages.
_PAGING = ("meta", "links")


class Knowledge:
    """What the operations of one version tell about values."""

    def __init__(self, contract: ApiContract) -> None:
        self._contract = contract
        self._operations = contract.specification.operations

    def why_unknowable(self, mutation: DrawnMutation) -> str | None:
        """Why nothing can notice a mutation; None when something could."""
        field = mutation.place.replace("[]", "").removeprefix("data").removeprefix(".")
        operation = self._contract.specification.operation(mutation.operation)
        if not mutation.keeps_schema or field.partition(".")[0] in _PAGING or field in self._bound(operation):
            return None
        if not field:
            return (
                None if self._is_countable(operation) else "the listing has no pages, and nothing else tells its items"
            )
        related = [item for item in self._operations if _is_related(item, operation)]
        showing = [item for item in related if item.label != mutation.operation and field in self._shown(item)]
        setting = [item for item in related if field in self._sent(item)]
        return None if showing or setting else "no other operation of the resource shows it, and no request sets it"

    def _bound(self, operation: Operation) -> set[str]:
        return {"id", *named_in_path(self._contract, operation).values()}

    def _is_countable(self, operation: Operation) -> bool:
        has_pages = any(takes_query(self._contract, operation, name) for name in _PAGE_PARAMETERS)
        of_items = (item.path for item in self._operations if item.path.rpartition("/{")[0] == operation.path)
        is_added_to = any((item.method, item.path) == ("POST", operation.path) for item in self._operations)
        return has_pages or is_added_to or any(of_items)

    def _shown(self, operation: Operation) -> frozenset[str]:
        return frozenset(self._fields(item_properties(self._contract, operation)))

    def _sent(self, operation: Operation) -> frozenset[str]:
        return frozenset(self._fields(written_properties(self._contract, operation)))

    def _fields(
        self, properties: Mapping[str, Mapping[str, Any]], place: str = "", depth: int = _DEPTH
    ) -> Iterator[str]:
        for name, schema in properties.items():
            yield f"{place}{name}"
            inner = self._contract.schemas.resolve(schema.get("items", schema), "")[0]
            if depth:
                yield from self._fields(properties_of(self._contract, inner), f"{place}{name}.", depth - 1)


def _is_related(one: Operation, other: Operation) -> bool:
    """Whether two operations are of one resource; `.../price-periods/date` lists some of `.../price-periods`."""
    names = one.path.rpartition("/")[0], other.path.rpartition("/")[0]
    is_part = one.path == names[1] or other.path == names[0]
    has_literals = "{" not in one.path.rpartition("/")[2] + other.path.rpartition("/")[2]
    return resource_in(one.path) == resource_in(other.path) or (is_part and has_literals)
