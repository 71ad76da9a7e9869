"""The operations of one resource: those on its collection and those on its items."""

from collections.abc import Callable
from dataclasses import dataclass

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import Operation

#: Steps on items. CHANGE_ALL changes every field; CLEAR sets one to null; REPLACE_LEAST replaces with nothing but the
#: required fields; READ_ONLY_OVERRIDE sends values that only the server sets. REFUSED_... must be refused, and have no
#: effect; WRITE_REMOVED writes to what was removed.
CREATE = "create"
CHANGE = "change"
CHANGE_ALL = "change_all"
CLEAR = "clear"
REPLACE = "replace"
REPLACE_LEAST = "replace_least"
READ_ONLY_OVERRIDE = "read_only_override"
REMOVE = "remove"
REFUSED_CREATION = "refused_creation"
REFUSED_CHANGE = "refused_change"
REFUSED_REPLACEMENT = "refused_replacement"
REFUSED_REMOVAL = "refused_removal"
WRITE_REMOVED = "write_removed"
#: What these did, if anything, is seen after the next step.
SEEN_LATER = frozenset({REFUSED_CREATION, REFUSED_CHANGE, REFUSED_REPLACEMENT, WRITE_REMOVED})

#: A step, and a number that selects the item and the field.
LifecycleStep = tuple[str, int]

#: The steps that show whether a write does what its method means, and those of them that are such writes.
SEQUENCES: dict[str, list[LifecycleStep]] = {
    "POST": [(CREATE, 0), (REFUSED_CREATION, 0), (CREATE, 1)],
    "PATCH": [
        (CREATE, 0),
        (CREATE, 1),
        (REFUSED_CHANGE, 1),
        (CLEAR, 0),
        (CHANGE, 0),
        (CHANGE, 1),
        (READ_ONLY_OVERRIDE, 1),
        (CHANGE_ALL, 0),
        (CHANGE_ALL, 1),
    ],
    "PUT": [(CREATE, 0), (CREATE, 1), (REFUSED_REPLACEMENT, 1), (REPLACE, 0), (REPLACE_LEAST, 0)],
    "DELETE": [(CREATE, 0), (REFUSED_REMOVAL, 0), (CREATE, 1), (REMOVE, 1), (WRITE_REMOVED, 0), (CREATE, 0)],
}
MEANT = {"POST": {CREATE}, "PATCH": {CHANGE, CHANGE_ALL}, "PUT": {REPLACE}, "DELETE": {REMOVE}}


@dataclass(frozen=True, slots=True)
class ResourceOperations:
    """The operations of one resource; None where the version has none or the safety level does not allow it."""

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
        """The operations of the resource whose collection or item `operation` addresses."""
        collection = operation.path.rpartition("/{")[0] if operation.path.endswith("}") else operation.path
        at: dict[tuple[str, bool], Operation] = {}
        for candidate in contract.specification.operations:
            is_item = candidate.path.endswith("}") and candidate.path.rpartition("/{")[0] == collection
            if (is_item or candidate.path == collection) and is_permitted(candidate):
                at.setdefault((candidate.method, is_item), candidate)
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
        """The steps that the resource allows."""
        by_patch = dict.fromkeys((CHANGE, CLEAR, READ_ONLY_OVERRIDE), self.change)
        possible = {**by_patch, REPLACE: self.replace, REMOVE: self.remove}
        return [CREATE, *(step for step, operation in possible.items() if operation is not None)]
