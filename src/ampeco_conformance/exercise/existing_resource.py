"""A resource that exists and cannot be created, such as the energy mix of a rate or a roaming tariff.

It is read, written with other values, read again, and gets its former values back.
"""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from ampeco_conformance.checks import resources as rules
from ampeco_conformance.checks.resource_fields import changed_by, writable_properties
from ampeco_conformance.core.errors import NotTestable
from ampeco_conformance.emulator_client.clock import RESOLUTION, TargetClock
from ampeco_conformance.exercise.collection import Collection, Item
from ampeco_conformance.exercise.confirmation import Discovery, confirm
from ampeco_conformance.exercise.happy_path import SuccessFinder
from ampeco_conformance.exercise.item_verifier import ItemVerifier
from ampeco_conformance.exercise.lifecycle_bodies import LifecycleBodies
from ampeco_conformance.exercise.resource_type import ResourceOperations
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation


class ExistingResource:
    """One resource at the path of `writing`, which `reading` reads."""

    def __init__(
        self,
        writing: Operation,
        reading: Operation,
        values: Mapping[str, Any],
        success_finder: SuccessFinder,
        pool: IdPool,
        client: ApiClient,
        record: Recorder,
        clock: TargetClock,
        order: Random,
    ) -> None:
        resource = ResourceOperations(None, reading, None, writing, None, None)
        self._writing = writing
        self._values = values
        self._finder = success_finder
        self._record = record
        self._clock = clock
        self._is_replaced = writing.method == "PUT" and pool.resources.is_replaced(writing.path.rpartition("/{")[0])
        self._collection = Collection(resource, pool, client, record)
        self._verifier = ItemVerifier(self._collection, record, reading, clock.moment())
        self._bodies = LifecycleBodies(success_finder, record.contract, reading, order)
        #: The fields that were changed, and the others with the reason.
        self.changed: set[str] = set()
        self.unchanged: dict[str, str] = {}

    def verify(self) -> None:
        """Write other values; what differs is confirmed by a second play and raised as ContractViolation.

        Raises NotTestable when it cannot be read or written.
        """
        confirm(self._record, lambda: (found.finding(self._record) for found in self._play()))

    def _play(self) -> Iterator[Discovery]:
        item = Item(next(reversed(list(self._values.values())), None), self._values)
        before, _ = self._collection.look(item)
        item.shown = before or {}
        try:
            yield from self._write(item)
        finally:
            writable = writable_properties(self._record.contract, self._writing)
            former = {name: value for name, value in (before or {}).items() if name in writable and value is not None}
            if former:
                self._collection.send(self._writing, item, former, checked=False)

    def _write(self, item: Item) -> Iterator[Discovery]:
        self._clock.let_pass(RESOLUTION)
        rewrites = self._bodies.rewrites(self._writing, item.shown)
        attempt = self._finder.attempt(self._writing, self._values, *rewrites)
        self._record.expect_none(attempt.findings)
        if not attempt.succeeded or attempt.exchange is None or not isinstance(attempt.body, dict):
            raise NotTestable(f"it could not be written: {attempt.reason or 'it takes no body'}")
        self.changed, self.unchanged = changed_by(self._record.contract, self._writing, attempt.body, item.shown)
        yield from self._verifier.after_write(item, self._writing, attempt.exchange, attempt.body, is_change=True)
        if self._is_replaced:
            for violation in rules.leftover_violations(attempt.body, item.shown):
                yield Discovery(violation, self._writing, attempt.exchange)
