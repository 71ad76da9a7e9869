"""What a lifecycle test sends that must be refused: faulty writes, and requests about what was removed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from random import Random
from typing import Any

from ampeco_conformance.checks.refused_writes import RefusedWrite
from ampeco_conformance.checks.resource_fields import comparable_fields
from ampeco_conformance.checks.resources import still_read_violation, still_written_violation
from ampeco_conformance.contract.answers import Meaning, answer_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.exercise.collection import Collection, Item
from ampeco_conformance.exercise.confirmation import Discovery
from ampeco_conformance.exercise.lifecycle_bodies import LifecycleBodies
from ampeco_conformance.exercise.resource_type import (
    REFUSED_CHANGE,
    REFUSED_CREATION,
    REFUSED_REMOVAL,
    REFUSED_REPLACEMENT,
    WRITE_REMOVED,
    ResourceOperations,
)
from ampeco_conformance.generate.invalid_bodies import invalid_bodies
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import NotPermitted

_STATUSES_OF_ABSENCE = frozenset({"404", "410"})

#: Plays one step; its number picks the item and the field.
Step = Callable[[int], Iterator[Discovery]]


class RefusedWrites:
    """Sends writes that must be refused to items of one resource; `order` picks the faults.

    A write that is not refused is for other tests to report.
    """

    def __init__(
        self,
        resource: ResourceOperations,
        collection: Collection,
        bodies: LifecycleBodies,
        contract: ApiContract,
        reading: Operation,
        order: Random,
    ) -> None:
        self._resource = resource
        self._collection = collection
        self._bodies = bodies
        self._contract = contract
        self._reading = reading
        # Played again, a sequence has the same faults.
        self._turn = order.random()
        #: The creations that were refused.
        self.creations: list[RefusedWrite] = []
        #: The body of the last creation that was accepted, and the item that was removed last.
        self.accepted: Mapping[str, Any] = {}
        self.removed: Item | None = None

    def steps(self, pick: Callable[[int], Item | None]) -> dict[str, Step]:
        """The steps, for the items that `pick` picks. What a refusal did is seen when they are read the next time."""
        return {
            REFUSED_CREATION: lambda number: self._creation(pick(number)),
            REFUSED_CHANGE: lambda number: self._to_item(self._resource.change, pick(number)),
            REFUSED_REPLACEMENT: lambda number: self._to_item(self._resource.replace, pick(number)),
            REFUSED_REMOVAL: lambda number: self._to_item(self._resource.remove, pick(number)),
            WRITE_REMOVED: lambda _: self._to_removed(self.removed),
        }

    def _creation(self, sibling: Item | None) -> Iterator[Discovery]:
        """Create beside an item, with new values for the fields of the body that was accepted."""
        create = self._resource.create
        if create is not None and sibling is not None and self.accepted:
            self.creations += self._refused(create, sibling, lambda: self._bodies.renewed(create, self.accepted))
        return iter(())

    def _to_item(self, operation: Operation | None, item: Item | None) -> Iterator[Discovery]:
        """Change, replace or remove an item."""
        if operation is None or item is None:
            return iter(())
        fields = comparable_fields(self._contract, operation, self._reading)
        fields.sort(key=lambda field: not field.is_plain_text)

        def change() -> dict[str, Any] | None:
            return next((body for field in fields for body in self._bodies.changes(operation, item, field)), None)

        if operation.method == "DELETE" or change() is not None:
            item.refused += self._refused(operation, item, change)
        return iter(())

    def read_removed(self, item: Item) -> Iterator[Discovery]:
        """Read what was removed; yields that it is not gone, as a violation of the removal."""
        read, remove = self._resource.read, self._resource.remove
        if read is None or remove is None:
            return
        answer = answer_of(self._collection.send(read, item))
        is_documented = not self._contract.documented_statuses(read).isdisjoint(_STATUSES_OF_ABSENCE)
        if answer.meaning is not Meaning.ABSENT and (is_documented or answer.meaning is not Meaning.REFUSED):
            yield Discovery(still_read_violation(item.identifier, str(answer)), remove, answer.exchange)

    def _to_removed(self, item: Item | None) -> Iterator[Discovery]:
        """Write to what was removed, and read it once more; yields what succeeds."""
        for operation in (self._resource.change, self._resource.replace, self._resource.remove):
            if operation is None or item is None:
                continue
            body = None if operation.method == "DELETE" else self._bodies.required(operation, item)
            with suppress(NotPermitted):
                answer = answer_of(self._collection.send(operation, item, body))
                if answer.succeeded:
                    violation = still_written_violation(item.identifier, operation.method, str(answer))
                    yield Discovery(violation, operation, answer.exchange)
        if item is not None:
            yield from self.read_removed(item)

    def _refused(
        self, operation: Operation, item: Item, valid: Callable[[], Mapping[str, Any] | None]
    ) -> list[RefusedWrite]:
        """The refusals of writes with valid bodies of their own; a removal has none."""
        attempts: list[tuple[str, Mapping[str, Any] | None, bool]] = []
        if "401" in operation.definition["responses"] and not self._contract.specification.is_public(operation):
            attempts.append(("no token", valid(), False))
        body = valid()
        faults = list(invalid_bodies(self._contract, operation, body, body, 0)) if body else []
        if faults and "422" in self._contract.documented_statuses(operation):
            fault = faults[int(self._turn * len(faults))]
            attempts.append((fault.request.description, fault.body, True))
        refused: list[RefusedWrite] = []
        for description, sent, is_authenticated in attempts:
            exchange = self._collection.send(operation, item, sent, authenticated=is_authenticated)
            if answer_of(exchange).meaning is Meaning.REFUSED:
                refused.append(RefusedWrite(operation, exchange, description, sent or {}))
            elif (shown := self._collection.look(item)[0]) is not None:
                item.shown = shown
        return refused
