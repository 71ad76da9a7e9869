"""Model-based lifecycle test of a resource: create, update, replace, delete; every step is compared with a model.

Only items that the test created are changed or removed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.checks import resource_fields
from ampeco_conformance.checks import resources as rules
from ampeco_conformance.checks.acceptance import refused_body_violations
from ampeco_conformance.contract.resource_map import UNUSED_ID
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.exercise.collection import Collection, Item, is_success, object_in
from ampeco_conformance.exercise.happy_path import Rewrite, SuccessAttempt, SuccessFinder
from ampeco_conformance.exercise.resource_type import (
    CHANGE,
    CLEAR,
    CREATE,
    READ_ONLY_OVERRIDE,
    REMOVE,
    REPLACE,
    ResourceOperations,
)
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.generate.texts import long_multiscript_text
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

#: A step, and a number that selects the item and the field.
LifecycleStep = tuple[str, int]

_FIELDS_TRIED = 4
_ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Discovery:
    """A violation, with the operation that caused it and the exchange that shows it."""

    violation: Violation
    operation: Operation
    exchange: Exchange

    @property
    def identity(self) -> tuple[str, str, str]:
        """What two discoveries of the same violation on different items have in common."""
        return self.violation.check.id, self.operation.label, self.violation.location


class NothingToTry(Exception):
    """The target does not let an item be created or read; the text says why."""


class ResourceLifecycle:
    """Runs sequences of steps on items of one resource below one parent.

    `pause` waits for more than a second before a change, so that its timestamp differs from the previous one; None
    where that would take too long.
    """

    def __init__(
        self,
        resource: ResourceOperations,
        parents: Mapping[str, Any],
        success_finder: SuccessFinder,
        pool: IdPool,
        client: ApiClient,
        record: Recorder,
        pause: Callable[[], None] | None,
    ) -> None:
        if resource.create is None or (resource.read is None and resource.listing is None):
            raise NothingToTry("the API does not let it be created and read")
        self._resource = resource
        self._create: Operation = resource.create
        self._parents = parents
        self._finder = success_finder
        self._collection = Collection(resource, pool, client, record)
        self._record = record
        self._pause = pause
        self._contract = record.contract
        self._reading: Operation = resource.read or resource.listing or resource.create
        self._shown = resource_fields.shown_properties(self._contract, self._reading)
        self._items: list[Item] = []
        self._is_unlisted = False
        self._known_ids: set[str] = set()
        #: The steps that the target accepted, and its response to the last one that it rejected.
        self.taken: set[str] = set()
        self.refused = ""
        self.steps = resource.steps

    def verify(self, steps: Sequence[LifecycleStep]) -> None:
        """Run the steps; discoveries are verified by a second run on new items and raised as ContractViolation.

        Raises NothingToTry when no item can be created.
        """
        if not (discoveries := self._run(steps)):
            return
        again = {discovery.identity for discovery in self._run(steps)}
        confirmed = [discovery for discovery in discoveries if discovery.identity in again]
        self._record.expect_none(
            finding
            for discovery in confirmed
            for finding in self._contract.findings(discovery.operation, discovery.exchange, [discovery.violation])
        )

    def _run(self, steps: Sequence[LifecycleStep]) -> list[Discovery]:
        """Run until the first violation: from there on the model and the target differ."""
        self._items = []
        self._is_unlisted = False
        acts = {
            **{CREATE: self._add, CHANGE: self._change, CLEAR: self._clear},
            **{REPLACE: self._replace, READ_ONLY_OVERRIDE: self._override_read_only, REMOVE: self._remove},
        }
        try:
            for step, number in steps:
                discoveries = list(acts[step](number)) or list(self._others_touched())
                if discoveries:
                    return discoveries
            return list(self._changes_unlisted())
        finally:
            self._clear_up()

    def _clear_up(self) -> None:
        for item in self._items if self._resource.remove is not None else ():
            assert self._resource.remove is not None
            self._collection.send(self._resource.remove, item)

    # The steps; each yields its discoveries.

    def _add(self, number: int) -> Iterator[Discovery]:
        # Every other item is created with long multi-script texts.
        rewrite = self._with_long_texts(self._create) if number % 2 else None
        attempt = self._finder.attempt(self._create, self._parents, rewrite)
        self._record.expect_none(attempt.findings)
        identifier = _identifier(attempt)
        if identifier is None or attempt.exchange is None:
            discoveries = list(self._refused_without_cause(attempt))
            yield from discoveries
            if self._items or discoveries:
                return
            raise NothingToTry(f"it could not be created: {attempt.reason or 'the answer does not tell its id'}")
        self.taken.add(CREATE)
        if str(identifier) in self._known_ids:
            yield Discovery(rules.reused_id_violation(identifier), self._create, attempt.exchange)
        self._known_ids.add(str(identifier))
        item = Item(identifier, self._parents)
        self._items.append(item)
        sent = attempt.body if isinstance(attempt.body, dict) else {}
        yield from self._after_writing(item, self._create, attempt.exchange, sent)
        listed = self._collection.listed(item)
        if listed is not None and str(identifier) not in listed:
            yield Discovery(rules.unlisted_violation(identifier), *self._collection.last_listing)
        yield from self._listed_otherwise([item], listed)

    def _refused_without_cause(self, attempt: SuccessAttempt) -> Iterator[Discovery]:
        least = next(self._finder.bodies(self._create, least=True), None)
        if attempt.exchange is not None and isinstance(least, dict):
            schemas = resource_fields.written_properties(self._contract, self._create)
            for violation in refused_body_violations(schemas, least, attempt.exchange):
                yield Discovery(violation, self._create, attempt.exchange)

    def _change(self, number: int) -> Iterator[Discovery]:
        item, operation = self._pick(number), self._resource.change
        if item is None or operation is None:
            return
        fields = resource_fields.comparable_fields(self._contract, operation, self._reading)
        fields.sort(key=lambda candidate: (not candidate.is_words, not candidate.is_plain_text))
        turns = (fields[(number + turn) % len(fields)] for turn in range(min(_FIELDS_TRIED, len(fields))))
        for changed, body in ((field, body) for field in turns for body in self._patches(operation, item, field)):
            before = item.shown
            exchange = self._write(CHANGE, operation, item, body)
            if not is_success(exchange):
                continue
            sent = {changed.name: body[changed.name]}
            yield from self._after_writing(item, operation, exchange, sent, moved=True)
            inert = [other for other in fields if changed.is_plain_text or other.is_plain_text]
            for violation in rules.untouched_violations(
                [other for other in inert if other.name not in body], before, item.shown, changed.name
            ):
                yield Discovery(violation, operation, exchange)
            return

    def _clear(self, number: int) -> Iterator[Discovery]:
        """Set a written, nullable text to null: the target may reject that, not ignore it."""
        item, operation = self._pick(number), self._resource.change
        if item is None or operation is None:
            return
        needed = self._required(operation, item)
        fields = resource_fields.clearable_fields(self._contract, operation, self._reading)
        fields = [other for other in fields if other.name not in needed and item.given.get(other.name) is not None]
        if not fields:
            return
        cleared, before = fields[number % len(fields)], item.shown
        exchange = self._write(CLEAR, operation, item, {**needed, cleared.name: None})
        if is_success(exchange):
            del item.given[cleared.name]
            discoveries = list(self._after_writing(item, operation, exchange, {}, moved=True))
            ignored = rules.clearing_violations(cleared, before, item.shown)
            yield from [Discovery(violation, operation, exchange) for violation in ignored] or discoveries

    def _replace(self, number: int) -> Iterator[Discovery]:
        item, operation = self._pick(number), self._resource.replace
        if item is None or operation is None:
            return
        if self._pause is not None:
            self._pause()
        rewrite = self._with_long_texts(operation)
        attempt = self._finder.attempt(operation, self._collection.address(operation, item), rewrite)
        self._record.expect_none(attempt.findings)
        self.refused = attempt.reason
        if attempt.succeeded and attempt.exchange is not None and isinstance(attempt.body, dict):
            self.taken.add(REPLACE)
            yield from self._after_writing(item, operation, attempt.exchange, attempt.body, moved=True)

    def _override_read_only(self, number: int) -> Iterator[Discovery]:
        """Send values that only the server sets: the target may ignore or reject them, not store them."""
        item, operation = self._pick(number), self._resource.change
        if item is None or operation is None or "id" not in self._shown or not isinstance(item.identifier, int):
            return
        read_only = resource_fields.read_only_values(self._contract, operation, self._reading)
        before = item.shown
        for overridden in (read_only, {}) if read_only else ({},):
            body = {**self._required(operation, item), **overridden, "id": UNUSED_ID}
            exchange = self._collection.send(operation, item, body)
            if is_success(exchange):
                discoveries = list(self._after_writing(item, operation, exchange, {}))
                taken = rules.read_only_violations(read_only, before, item.shown)
                yield from [Discovery(violation, operation, exchange) for violation in taken] or discoveries
                return

    def _remove(self, number: int) -> Iterator[Discovery]:
        item, operation = self._pick(number), self._resource.remove
        if item is None or operation is None:
            return
        exchange = self._write(REMOVE, operation, item)
        if not is_success(exchange):
            return
        self._items.remove(item)
        if self._resource.read is not None:
            read = self._collection.send(self._resource.read, item, checked=False)
            if read.response is not None and read.response.status_code < 400:
                violation = rules.still_read_violation(item.identifier, read.response.status_code)
                yield Discovery(violation, operation, read)
                return
        listed = self._collection.listed(item)
        if listed is not None and str(item.identifier) in listed:
            yield Discovery(rules.still_listed_violation(item.identifier), *self._collection.last_listing)

    # The model.

    def _after_writing(
        self,
        item: Item,
        operation: Operation,
        written: Exchange,
        sent: Mapping[str, Any],
        *,
        moved: bool = False,
    ) -> Iterator[Discovery]:
        """Read the item and compare it with the request, the response and its earlier timestamps."""
        shown, read = self._collection.look(item)
        if shown is None:
            status = read.response.status_code if read.response else read.error
            yield Discovery(rules.unread_violation(item.identifier, status), operation, read)
            return
        fields = resource_fields.comparable_fields(self._contract, operation, self._reading)
        violations = [
            *rules.identity_violations(item.identifier, shown, self._shown),
            *rules.kept_violations(fields, sent, shown),
            *rules.time_violations(item.shown, shown, must_move=moved and self._pause is not None),
        ]
        item.shown = shown
        item.given |= sent
        self._is_unlisted |= moved
        for name in resource_fields.non_utc_fields(shown, self._shown):
            self._record.note(f"{name} is not written in UTC: {shown[name]}")
        discoveries = [Discovery(violation, operation, read) for violation in violations]
        yield from discoveries or self._answered_otherwise(operation, written, sent, shown)

    def _answered_otherwise(
        self, operation: Operation, written: Exchange, sent: Mapping[str, Any], shown: Mapping[str, Any]
    ) -> Iterator[Discovery]:
        """The response to a write shows the stored values; a 202 (accepted) shows nothing yet."""
        answered = object_in(written)
        if answered is None or (written.response is not None and written.response.status_code == _ACCEPTED):
            return
        fields = resource_fields.comparable_fields(self._contract, operation, self._reading)
        fields = resource_fields.fields_of_same_form(self._contract, fields, operation, self._reading)
        answered_fields = resource_fields.answered_values(fields, sent, answered)
        for violation in rules.answered_violations(fields, answered_fields, shown):
            yield Discovery(violation, operation, written)

    def _others_touched(self) -> Iterator[Discovery]:
        """Every other item still has the values it had."""
        fields = resource_fields.comparable_fields(self._contract, self._create, self._reading)
        for item in self._items:
            shown, read = self._collection.look(item)
            violations: Iterable[Violation] = (
                rules.untouched_violations(fields, item.shown, shown, None)
                if shown is not None
                else [rules.lost_violation(item.identifier)]
            )
            yield from (Discovery(violation, self._reading, read) for violation in violations)

    def _changes_unlisted(self) -> Iterator[Discovery]:
        """The listing shows the changes: read once, at the end, because it may have many pages."""
        if self._is_unlisted and self._items and self._resource.read is not None:
            yield from self._listed_otherwise(self._items, self._collection.listed(self._items[0]))

    def _listed_otherwise(
        self, items: Iterable[Item], listed: Mapping[str, Mapping[str, Any]] | None
    ) -> Iterator[Discovery]:
        """The listing shows the same values as the reads."""
        if listed is None or self._resource.listing is None:
            return
        fields = resource_fields.comparable_fields(self._contract, self._create, self._reading)
        fields = resource_fields.fields_of_same_form(self._contract, fields, self._resource.listing, self._reading)
        for item in items:
            values = listed.get(str(item.identifier), {})
            for violation in rules.listed_violations(fields, values, item.shown):
                yield Discovery(violation, *self._collection.last_listing)

    def _pick(self, number: int) -> Item | None:
        return self._items[number % len(self._items)] if self._items else None

    def _patches(self, operation: Operation, item: Item, changed: resource_fields.Field) -> Iterator[dict[str, Any]]:
        """Bodies that change one field and contain the required ones; the long multi-script value first."""

        def plain() -> Any:
            return self._finder.sample(changed.schema, changed.name)

        def long_text() -> Any:
            return long_multiscript_text(plain(), changed.schema.get("maxLength"))

        for fresh in (long_text, plain) if changed.is_words else (plain,):
            value = resource_fields.different_value(changed.schema, item.shown.get(changed.read_as), fresh)
            if value is not None:
                yield {**self._required(operation, item), changed.name: value}

    def _with_long_texts(self, operation: Operation) -> Rewrite:
        """A rewrite that fills the free-text fields of a sample body with long multi-script texts."""
        fields = [
            field
            for field in resource_fields.comparable_fields(self._contract, operation, self._reading)
            if field.is_words
        ]

        def rewrite(body: Any) -> Any:
            if not isinstance(body, dict):
                return body
            present = (field for field in fields if field.name in body)
            return body | {
                field.name: long_multiscript_text(body[field.name], field.schema.get("maxLength")) for field in present
            }

        return rewrite

    def _required(self, operation: Operation, item: Item) -> dict[str, Any]:
        """The required fields of the operation, with the values the item has where they are known."""
        body = next((body for body in self._finder.bodies(operation, least=True) if isinstance(body, dict)), {})
        known = {name: value for name, value in item.shown.items() if isinstance(value, str | int | float)}
        return {name: known.get(name, value) for name, value in body.items()}

    def _write(self, step: str, operation: Operation, item: Item, body: Any = None) -> Exchange:
        if self._pause is not None:
            self._pause()
        exchange = self._collection.send(operation, item, body)
        if is_success(exchange):
            self.taken.add(step)
        elif exchange.response is not None:
            said = exchange.response.body[:160].decode("utf-8", "replace")
            self.refused = f"answered {exchange.response.status_code} {said}".strip()
        return exchange


def _identifier(attempt: SuccessAttempt) -> Any:
    if not attempt.succeeded or attempt.exchange is None:
        return None
    shown = object_in(attempt.exchange)
    return None if shown is None else shown.get("id")
