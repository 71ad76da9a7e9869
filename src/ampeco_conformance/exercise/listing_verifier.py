"""The listing of a collection during a lifecycle test: who is in it, with which values, and how many came and went."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import MINYEAR, timedelta
from typing import Any

from ampeco_conformance.apis.filter_meaning import FilterOperator
from ampeco_conformance.checks import resource_fields
from ampeco_conformance.checks import resources as rules
from ampeco_conformance.checks.filters import filter_violations
from ampeco_conformance.checks.refused_writes import RefusedWrite, creation_violations
from ampeco_conformance.checks.values import same_value
from ampeco_conformance.contract.filters import Filter, filters_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.exchanges import JsonObject
from ampeco_conformance.core.moments import utc_moment
from ampeco_conformance.emulator_client.clock import TargetClock
from ampeco_conformance.exercise.collection import Collection, Item
from ampeco_conformance.exercise.confirmation import Discovery
from ampeco_conformance.generate.filter_values import values_to_try
from ampeco_conformance.specs import Operation

_BY_VALUE = (FilterOperator.SAME, FilterOperator.TEXT)
_JUST_BEFORE = timedelta(seconds=1)
#: Seconds for which a listing may be behind, in two looks.
_PAUSES = (2.0, 8.0)


class ListingVerifier:
    """Compares every read of a listing with the items of the model, and with the read before.

    With `is_exclusive` nobody else writes to the target, so whatever else comes, goes or is renamed is the doing of the
    write.
    A listing may be behind the writes: what it lacks is looked for again, later on the `clock` of the target.
    """

    def __init__(
        self,
        collection: Collection,
        contract: ApiContract,
        clock: TargetClock,
        creating: Operation,
        listing: Operation | None,
        reading: Operation,
        *,
        is_exclusive: bool,
    ) -> None:
        self._collection = collection
        self._clock = clock
        self._is_exclusive = is_exclusive
        self._before: Mapping[str, Mapping[str, Any]] | None = None
        self._fields = resource_fields.comparable_fields(contract, creating, reading)
        self._alike = (
            resource_fields.fields_of_same_form(contract, self._fields, listing, reading) if listing is not None else []
        )
        self._filters = filters_of(contract, listing) if listing is not None else []
        self._nested = resource_fields.nested_names(contract, creating, listing, reading) if listing is not None else []

    @property
    def is_whole(self) -> bool:
        """Whether the last read had every page, so that all living items were compared."""
        return self._before is not None

    def forget(self) -> None:
        """Compare the next read with none before."""
        self._before = None

    def after_creation(
        self, item: Item, living: Iterable[Item], others: Iterable[Any], refused: Iterable[RefusedWrite]
    ) -> Iterator[Discovery]:
        """The new item is listed, with all living ones, and nothing else is new but `others`, which the run created.

        Nothing stems from a creation that was `refused`.
        """
        others, refused, living = [*others], [*refused], [*living]
        yield from self._settled(lambda: self._after_creation(item, living, others, refused))

    def _after_creation(
        self, item: Item, living: Iterable[Item], others: Iterable[Any], refused: Iterable[RefusedWrite]
    ) -> Iterator[Discovery]:
        before, listed = self._before, self._read(item)
        if listed is None:
            return
        yield from self._differing(living, listed, created=item)
        if before is None:
            return
        yield from self._touched(living, before, listed)
        new = [listed[identifier] for identifier in listed.keys() - before.keys()]
        effects = [
            Discovery(violation, creation.operation, creation.exchange)
            for creation in refused
            for violation in creation_violations(creation, self._alike, new)
        ]
        if effects:
            yield from effects
            return
        if (extra := self._unexplained([item], (item.identifier, *others), before, listed)) is not None:
            yield self._discovery(rules.another_created_violation(item.identifier, extra))

    def after_removal(self, item: Item, living: Iterable[Item], referring: Iterable[Item]) -> Iterator[Discovery]:
        """The removed item is not listed, all living ones are, and nothing else has gone but what refers to it."""
        living, referring = [*living], [*referring]
        yield from self._settled(lambda: self._after_removal(item, living, referring))

    def _after_removal(self, item: Item, living: Iterable[Item], referring: Iterable[Item]) -> Iterator[Discovery]:
        before, listed = self._before, self._read(item)
        if listed is None:
            return
        if str(item.identifier) in listed:
            yield self._discovery(rules.still_listed_violation(item.identifier))
            return
        yield from self._differing(living, listed)
        if before is None:
            return
        yield from self._touched([*living, *referring], before, listed)
        explained = {str(other.identifier) for other in (item, *referring)}
        if self._is_exclusive and (gone := before.keys() - listed.keys() - explained):
            yield self._discovery(rules.another_removed_violation(item.identifier, min(gone)))

    def after_changes(self, living: list[Item], others: Iterable[Any]) -> Iterator[Discovery]:
        """The listing has all living items, as they read, and its filters find them by their new values.

        Nothing else is new but `others`, which the run created, and nothing else has changed.
        """
        others = [*others]
        yield from self._settled(lambda: self._after_changes(living, others))

    def _settled(self, compare: Callable[[], Iterator[Discovery]]) -> Iterator[Discovery]:
        """What a comparison finds, and still finds when the listing has had some time."""
        before = self._before
        found = list(compare())
        for seconds in _PAUSES if found else ():
            self._clock.let_pass(seconds)
            self._before = before
            found = list(compare())
            if not found:
                return
        yield from found

    def _after_changes(self, living: list[Item], others: Iterable[Any]) -> Iterator[Discovery]:
        before = self._before
        if not living or (listed := self._read(living[0])) is None:
            return
        discoveries = list(self._differing(living, listed))
        if before is not None:
            discoveries += self._touched(living, before, listed)
            own = [item.identifier for item in living]
            if (extra := self._unexplained(living, (*own, *others), before, listed)) is not None:
                discoveries.append(self._discovery(rules.created_by_change_violation(extra)))
        yield from discoveries or self._filtered_otherwise(living[0], listed)

    def _filtered_otherwise(self, changed: Item, listed: Mapping[str, Mapping[str, Any]]) -> Iterator[Discovery]:
        """A filter by a value of a changed item, and one by the time of its change, judged by the whole listing."""
        shown, everything = dict(listed[str(changed.identifier)]), [dict(item) for item in listed.values()]
        for rule, value in (*_of_change(self._filters, shown), *_of_value(self._filters, shown)):
            kept = self._collection.filtered(changed, {rule.parameter: value})
            if kept is not None:
                for violation in filter_violations({rule: value}, everything, kept, complete=True):
                    yield self._discovery(violation)

    def _read(self, item: Item) -> Mapping[str, Mapping[str, Any]] | None:
        listed = self._collection.listed(item)
        self._before = listed
        return listed

    def _differing(
        self, living: Iterable[Item], listed: Mapping[str, Mapping[str, Any]], created: Item | None = None
    ) -> Iterator[Discovery]:
        for item in living:
            values = listed.get(str(item.identifier))
            if values is None:
                yield self._discovery(rules.unlisted_violation(item.identifier, is_new=item is created))
                continue
            violations = [
                *rules.listed_violations(self._alike, values, item.shown),
                *rules.nested_violations(self._nested, values, item.shown),
            ]
            yield from map(self._discovery, violations)

    def _unexplained(
        self,
        written: Iterable[Item],
        known: Iterable[Any],
        before: Mapping[str, Mapping[str, Any]],
        listed: Mapping[str, Mapping[str, Any]],
    ) -> Any:
        """The id of a new item that is not `known`; where others write, it looks like one that was written."""
        new = sorted(listed.keys() - before.keys() - {*map(str, known)})
        extra = [listed[identifier] for identifier in new]
        if not self._is_exclusive:
            extra = [values for values in extra if any(self._looks_like(values, item) for item in written)]
        return extra[0][self._collection.id_field] if extra else None

    def _touched(
        self,
        own: Iterable[Item],
        before: Mapping[str, Mapping[str, Any]],
        listed: Mapping[str, Mapping[str, Any]],
    ) -> Iterator[Discovery]:
        """Texts of other items that are not what they were before the writes to `own` items."""
        texts = [field for field in self._alike if field.is_plain_text] if self._is_exclusive else []
        for identifier in before.keys() & listed.keys() - {str(item.identifier) for item in own}:
            violations = rules.untouched_violations(texts, before[identifier], listed[identifier], None)
            yield from map(self._discovery, violations)

    def _looks_like(self, values: Mapping[str, Any], item: Item) -> bool:
        """Whether a listed item has all that was sent for another one, with a text that is sent only once."""
        sent = [field for field in self._alike if item.given.get(field.name) is not None]
        return any(field.is_plain_text for field in sent) and all(
            same_value(item.given[field.name], values.get(field.read_as), field.schema) for field in sent
        )

    def _discovery(self, violation: Violation) -> Discovery:
        return Discovery(violation, *self._collection.last_listing)


def _of_change(filters: Iterable[Filter], shown: JsonObject) -> list[tuple[Filter, str]]:
    """The filter by the time of the last change, with a bound just before it."""
    rules_of_time = (rule for rule in filters if rule.operator is FilterOperator.AFTER and rule.lookup is None)
    found = [
        (rule, f"{at - _JUST_BEFORE:%Y-%m-%dT%H:%M:%S}Z")
        for rule in rules_of_time
        if rule.fields[:1] == ("lastUpdatedAt",)
        and (at := utc_moment(shown.get("lastUpdatedAt"))) is not None
        and at.year > MINYEAR
    ]
    return found[:1]


def _of_value(filters: Iterable[Filter], shown: JsonObject) -> list[tuple[Filter, str]]:
    """The first filter by a value that the item has, with that value."""
    same = (rule for rule in filters if rule.operator in _BY_VALUE and rule.lookup is None)
    return next(([(rule, values[0])] for rule in same if (values := values_to_try(rule, [shown], 0))), [])
