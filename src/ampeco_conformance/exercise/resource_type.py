"""The operations that together are one resource: its collection, its items, and what can be done to them."""

from collections.abc import Callable
from dataclasses import dataclass

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import Operation

#: What can be done to items; to clear is to set a field to null, to forge to send what only the server sets.
CREATE = "create"
CHANGE = "change"
CLEAR = "clear"
REPLACE = "replace"
READ_ONLY_OVERRIDE = "read_only_override"
REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class ResourceOperations:
    """The operations of one resource; None where the version has none, or the target's safety level forbids it."""

    create: Operation | None
    read: Operation | None
    listing: Operation | None
    change: Operation | None
    replace: Operation | None
    remove: Operation | None

    @classmethod
    def of(
        cls, contract: ApiContract, operation: Operation, is_permitted: Callable[[Operation], bool]
    ) -> "ResourceOperations":
        """The resource that an operation on a collection or on an item belongs to."""
        collection = operation.path.rpartition("/{")[0] if operation.path.endswith("}") else operation.path
        at: dict[tuple[str, bool], Operation] = {}
        for each in contract.specification.operations:
            is_item = each.path.endswith("}") and each.path.rpartition("/{")[0] == collection
            if (is_item or each.path == collection) and is_permitted(each):
                at.setdefault((each.method, is_item), each)
        return cls(
            create=at.get(("POST", False)),
            read=at.get(("GET", True)),
            listing=at.get(("GET", False)),
            change=at.get(("PATCH", True)),
            replace=at.get(("PUT", True)),
            remove=at.get(("DELETE", True)),
        )

    @property
    def steps(self) -> list[str]:
        """What can be done to an item of this resource once it is there."""
        by_patch = dict.fromkeys((CHANGE, CLEAR, READ_ONLY_OVERRIDE), self.change)
        possible = {**by_patch, REPLACE: self.replace, REMOVE: self.remove}
        return [CREATE, *(step for step, operation in possible.items() if operation is not None)]
