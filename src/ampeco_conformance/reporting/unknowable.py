"""Which mutations nothing can notice that only knows the contract: of a value that no other exchange tells.

A value can be known when another operation of the resource shows it, when a request sets it, or when a rule binds it:
it counts or pages a listing, or names a record.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ampeco_conformance.checks.resource_fields import written_properties
from ampeco_conformance.contract.item_shape import item_properties, properties_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.emulator_client.mutations import DrawnMutation, resource_in
from ampeco_conformance.specs import Operation

_DEPTH = 8
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
        if not mutation.keeps_schema or not field or field.partition(".")[0] in _PAGING or field.endswith(("id", "Id")):
            return None
        related = [item for item in self._operations if resource_in(item.path) == mutation.resource]
        showing = [item for item in related if item.label != mutation.operation and field in self._shown(item)]
        setting = [item for item in related if field in self._sent(item)]
        return None if showing or setting else "no other operation of the resource shows it, and no request sets it"

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
