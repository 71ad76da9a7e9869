"""Model-based lifecycle test of a resource: create, update, replace, delete; every step is compared with a model.

Only items that the test created are changed or removed.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from random import Random
from typing import Any

from ampeco_conformance.checks import resource_fields
from ampeco_conformance.checks import resources as rules
from ampeco_conformance.checks.acceptance import refused_body_violations, refused_repetition_violation
from ampeco_conformance.contract.path_templates import fill
from ampeco_conformance.contract.resource_map import UNUSED_ID, kind_of
from ampeco_conformance.core.errors import NotTestable, TargetError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import ContractViolation
from ampeco_conformance.emulator_client.clock import RESOLUTION, TargetClock
from ampeco_conformance.exercise.change_plan import ChangePlan
from ampeco_conformance.exercise.collection import Collection, Item, is_success
from ampeco_conformance.exercise.confirmation import Discovery, confirm
from ampeco_conformance.exercise.happy_path import SuccessAttempt, SuccessFinder, refused_fields
from ampeco_conformance.exercise.item_verifier import ItemVerifier
from ampeco_conformance.exercise.lifecycle_bodies import LifecycleBodies
from ampeco_conformance.exercise.listing_verifier import ListingVerifier
from ampeco_conformance.exercise.refused_writes import RefusedWrites, Step
from ampeco_conformance.exercise.resource_type import (
    CHANGE,
    CHANGE_ALL,
    CLEAR,
    CREATE,
    READ_ONLY_OVERRIDE,
    REMOVE,
    REPLACE,
    REPLACE_LEAST,
    SEEN_LATER,
    SEQUENCES,
    LifecycleStep,
    ResourceOperations,
)
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

_FIELDS_TRIED = 4
_VARIANTS_TRIED = 1
_BODIES_TRIED = 12


class ResourceLifecycle:
    """Runs sequences of steps on items of one resource below one parent.

    More than a second of the target's `clock` passes before a change, so that its timestamp differs from the previous
    one. `order` picks the values that are not tried in every run. With `is_exclusive` nobody else writes to the target.
    """

    def __init__(
        self,
        resource: ResourceOperations,
        parents: Mapping[str, Any],
        success_finder: SuccessFinder,
        pool: IdPool,
        client: ApiClient,
        record: Recorder,
        clock: TargetClock,
        order: Random,
        *,
        is_exclusive: bool,
    ) -> None:
        if resource.create is None or (resource.read is None and resource.listing is None):
            raise NotTestable("the API does not let it be created and read")
        self._resource = resource
        self._create: Operation = resource.create
        self._parents = parents
        self._finder = success_finder
        self._pool = pool
        self._collection = Collection(resource, pool, client, record)
        self._record = record
        self._order = order
        self._clock = clock
        self._contract = record.contract
        self._reading: Operation = resource.read or resource.listing or resource.create
        self._verifier = ItemVerifier(self._collection, record, self._reading, clock.moment())
        self._bodies = LifecycleBodies(success_finder, record.contract, self._reading, order)
        self._listing = ListingVerifier(
            self._collection,
            self._contract,
            clock,
            self._create,
            resource.listing,
            self._reading,
            is_exclusive=is_exclusive,
        )
        self._refused = RefusedWrites(resource, self._collection, self._bodies, record.contract, self._reading, order)
        self._items: list[Item] = []
        self._is_changed = False
        self._known_ids: set[str] = set()
        #: The steps that the target accepted, and its response to the last one that it rejected.
        self.taken: set[str] = set()
        self.refused = ""
        #: The fields of a change: those that were changed, and the others with the reason.
        self.changed: set[str] = set()
        self.unchanged: dict[str, str] = {}
        self._created_with: dict[str, set[str]] = {}
        self.steps = resource.steps

    def sequence(self, method: str) -> list[LifecycleStep]:
        """The steps that show whether a write does what its method means; some variants of a creation among them."""
        variants = range(1, self._finder.variants(self._create)) if method == "POST" else ()
        chosen = self._order.sample(variants, min(_VARIANTS_TRIED, len(variants)))
        return [*SEQUENCES[method], *((CREATE, 2 * variant) for variant in chosen)]

    def verify(self, steps: Sequence[LifecycleStep]) -> None:
        """Run the steps; discoveries are confirmed by a second run on new items and raised as ContractViolation.

        Raises NotTestable when no item can be created.
        """
        confirm(self._record, lambda: (found.finding(self._record) for found in self._run(steps)))

    def created(self) -> tuple[set[str], dict[str, str]]:
        """The fields that items were created with in two values, and the others with the reason."""
        names = resource_fields.writable_properties(self._contract, self._create)
        varied = {name for name in names if len(self._created_with.get(name, ())) > 1}
        reasons = {
            name: "created with one value only" if name in self._created_with else "no body that was created had it"
            for name in names
        }
        return varied, {name: reason for name, reason in reasons.items() if name not in varied}

    def _run(self, steps: Sequence[LifecycleStep]) -> Iterator[Discovery]:
        """Run until the first step with violations: from there on the model and the target differ."""
        self._items, self._refused.creations = [], []
        self._is_changed = False
        self._listing.forget()
        acts: dict[str, Step] = {
            **{CREATE: self._add, CHANGE: self._change, CHANGE_ALL: self._change_all, CLEAR: self._clear},
            **{REPLACE: self._replace, REPLACE_LEAST: self._replace_least},
            **{READ_ONLY_OVERRIDE: self._override_read_only, REMOVE: self._remove, **self._refused.steps(self._pick)},
        }
        try:
            for step, number in steps:
                discoveries = list(acts[step](number))
                if not discoveries and step not in SEEN_LATER:
                    discoveries = list(self._verifier.untouched(self._items, self._create))
                yield from discoveries
                if discoveries:
                    return
            # The listing is read once after all changes, because it may have many pages.
            if self._is_changed:
                yield from self._listing.after_changes(self._items, self._created())
        finally:
            # A failure to clear up must not hide a violation.
            has_violation = isinstance(sys.exception(), ContractViolation)
            with suppress(*[TargetError] if has_violation else []):
                self._clear_up()

    def _clear_up(self) -> None:
        for item in self._items if self._resource.remove is not None else ():
            assert self._resource.remove is not None
            self._collection.send(self._resource.remove, item)

    # The steps; each yields its discoveries.

    def _add(self, number: int) -> Iterator[Discovery]:
        # Every other item is created with long multi-script texts, and with other values than the one before.
        rewrites = self._bodies.rewrites(self._create, {}) if number % 2 else ()
        variant = number // 2 % self._finder.variants(self._create)
        attempt = self._finder.attempt(self._create, self._parents, *rewrites, variant=variant)
        self._record.expect_none(attempt.findings)
        exchange = attempt.exchange
        identifier = self._collection.identifier_in(exchange) if attempt.succeeded and exchange is not None else None
        if identifier is None or exchange is None:
            discoveries = list(self._refused_without_cause(attempt))
            yield from discoveries
            if self._items or discoveries:
                return
            reason = "the answer does not tell its id" if attempt.succeeded else attempt.reason
            raise NotTestable(f"it could not be created: {reason}")
        self.taken.add(CREATE)
        if str(identifier) in self._known_ids:
            yield Discovery(rules.reused_id_violation(identifier), self._create, exchange)
        self._known_ids.add(str(identifier))
        item = Item(identifier, self._parents)
        self._items.append(item)
        sent = attempt.body if isinstance(attempt.body, dict) else {}
        for name, value in sent.items():
            self._created_with.setdefault(name, set()).add(repr(value))
        yield from self._verifier.after_write(item, self._create, exchange, sent)
        self._refused.accepted = sent
        yield from self._listing.after_creation(item, self._items, self._created(), self._refused.creations)
        self._verifier.trust(self._items if self._listing.is_whole else ())

    def _created(self) -> Iterable[Any]:
        """The ids of all items that the run has created in the collection."""
        return self._pool.created_in(fill(self._create.path, self._parents))

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
        shown = item.shown
        # What is empty comes last, and shows whether it stays empty.
        fields.sort(key=lambda field: (shown.get(field.read_as) is None, not field.is_words, not field.is_plain_text))
        turns = (fields[(number + turn) % len(fields)] for turn in range(min(_FIELDS_TRIED, len(fields))))
        for changed, body in (
            (field, body) for field in turns for body in self._bodies.changes(operation, item, field)
        ):
            before = item.shown
            exchange = self._write(CHANGE, operation, item, body)
            if not is_success(exchange):
                continue
            sent = {changed.name: body[changed.name]}
            yield from self._after_change(item, operation, exchange, sent)
            inert = [other for other in fields if changed.is_plain_text or other.is_plain_text]
            for violation in rules.untouched_violations(
                [other for other in inert if other.name not in body], before, item.shown, changed.name
            ):
                yield Discovery(violation, operation, exchange)
            return

    def _change_all(self, number: int) -> Iterator[Discovery]:
        """Change every field; what is refused together with others is tried alone."""
        item, operation = self._pick(number), self._resource.change
        if item is None or operation is None:
            return
        required = self._bodies.required(operation, item)
        values = self._bodies.other_values(operation, item, falsy_first=number % 2 == 1)
        plan = ChangePlan({name: others for name, others in values.items() if others}, _BODIES_TRIED)
        fields = resource_fields.comparable_fields(self._contract, operation, self._reading)
        texts = {field.name for field in fields if field.is_plain_text}
        for sent in plan:
            exchange = self._write(CHANGE_ALL, operation, item, {**required, **sent})
            if not is_success(exchange):
                plan.refuse(refused_fields(exchange), self.refused)
                continue
            plan.accept()
            discoveries = list(self._after_change(item, operation, exchange, sent))
            # A field may rightly depend on another one of the body; a text does not.
            ignored = {name for name in sent if any(_is_about(name, discovery) for discovery in discoveries)}
            if len(sent) > 1 and len(ignored) == len(discoveries) and not ignored & texts:
                plan.doubt(ignored)
            elif discoveries:
                yield from discoveries
                return
        no_other = {name: "no other value is known" for name, others in values.items() if not others}
        self.changed |= plan.accepted
        outcome = {**no_other, **plan.outcome()}
        self.unchanged = {name: reason for name, reason in outcome.items() if name not in self.changed}

    def _clear(self, number: int) -> Iterator[Discovery]:
        """Set the written, nullable values to null, and lists to empty: the target may reject that, not ignore it."""
        item, operation = self._pick(number), self._resource.change
        if item is None or operation is None:
            return
        needed = self._bodies.required(operation, item)
        nullable = resource_fields.clearable_fields(self._contract, operation, self._reading)
        lists = resource_fields.emptiable_lists(self._contract, operation, self._reading)
        empty: dict[str, list[Any]] = {field.name: [] for field in lists}
        present = [field for field in (*nullable, *lists) if field.name not in needed and item.given.get(field.name)]
        plan = ChangePlan({field.name: [empty.get(field.name)] for field in present}, _BODIES_TRIED)
        for sent in plan:
            before = item.shown
            exchange = self._write(CLEAR, operation, item, {**needed, **sent})
            if not is_success(exchange):
                plan.refuse(refused_fields(exchange), self.refused)
                continue
            plan.accept()
            item.given = {name: value for name, value in item.given.items() if name not in sent}
            discoveries = list(self._after_change(item, operation, exchange, {}))
            cleared = (field for field in present if field.name in sent)
            ignored = [found for field in cleared for found in rules.clearing_violations(field, before, item.shown)]
            yield from [Discovery(violation, operation, exchange) for violation in ignored] or discoveries

    def _replace(self, number: int) -> Iterator[Discovery]:
        item, operation = self._pick(number), self._resource.replace
        if item is None or operation is None:
            return
        self._clock.let_pass(RESOLUTION)
        rewrites = self._bodies.rewrites(operation, item.shown)
        attempt = self._finder.attempt(operation, self._collection.address(operation, item), *rewrites)
        self._record.expect_none(attempt.findings)
        self.refused = attempt.reason
        if attempt.succeeded and attempt.exchange is not None and isinstance(attempt.body, dict):
            self.taken.add(REPLACE)
            self.changed, self.unchanged = resource_fields.changed_by(
                self._contract, operation, attempt.body, item.shown
            )
            yield from self._after_change(item, operation, attempt.exchange, attempt.body)
            again = self._write(REPLACE, operation, item, attempt.body)
            if not is_success(again):
                yield Discovery(rules.unrepeated_violation(item.identifier, again), operation, again)

    def _replace_least(self, number: int) -> Iterator[Discovery]:
        """Replace with the required fields only, where that is documented to clear the others."""
        item, operation = self._pick(number), self._resource.replace
        if item is None or operation is None or not self._pool.resources.is_replaced(self._create.path):
            return
        body, before, given = self._bodies.required(operation, item), item.shown, dict(item.given)
        exchange = self._write(REPLACE_LEAST, operation, item, body)
        if not is_success(exchange):
            return
        item.given = {}
        yield from self._after_change(item, operation, exchange, body)
        fields = resource_fields.comparable_fields(self._contract, operation, self._reading)
        left_out = [field for field in fields if field.name in given and field.name not in body]
        for violation in rules.left_out_violations(left_out, before, item.shown):
            yield Discovery(violation, operation, exchange)

    def _override_read_only(self, number: int) -> Iterator[Discovery]:
        """Send values that only the server sets, or that this update does not document, beside the item's own texts.

        The target may ignore or reject them, not store them. It may not reject a text because the item has it already.
        """
        item, operation = self._pick(number), self._resource.change
        if item is None or operation is None:
            return
        shows_id = "id" in self._verifier.shown_names and isinstance(item.identifier, int)
        other_id = {"id": UNUSED_ID} if shows_id else {}
        read_only = resource_fields.read_only_values(self._contract, operation, self._reading)
        before = item.shown
        undocumented = resource_fields.undocumented_values(self._contract, operation, self._reading, before)
        fields = resource_fields.comparable_fields(self._contract, operation, self._reading)
        own_texts = resource_fields.repeatable_values(fields, item.given, before)
        tried: tuple[Mapping[str, Any], ...] = ({**undocumented, **read_only}, read_only, {})
        for overridden in (values for number, values in enumerate(tried) if values not in tried[:number]):
            if not overridden and not other_id:
                return
            body = {**own_texts, **self._bodies.required(operation, item), **overridden, **other_id}
            exchange = self._collection.send(operation, item, body)
            repeated = {name for name, text in own_texts.items() if body[name] == text}
            for name in sorted(repeated & refused_fields(exchange)):
                yield Discovery(refused_repetition_violation(name, exchange), operation, exchange)
                return
            if is_success(exchange):
                discoveries = list(self._verifier.after_write(item, operation, exchange, {}))
                taken = rules.read_only_violations(overridden, before, item.shown, undocumented)
                yield from [Discovery(violation, operation, exchange) for violation in taken] or discoveries
                return

    def _remove(self, number: int) -> Iterator[Discovery]:
        item, operation = self._pick(number), self._resource.remove
        if item is None or operation is None:
            return
        exchange = self._write(REMOVE, operation, item)
        if not is_success(exchange):
            return
        # What refers to the removed item may go with it.
        referring = [other for other in self._items if self._refers(other, item)]
        self._items = [other for other in self._items if other not in (item, *referring)]
        self._refused.removed = item
        discoveries = list(self._refused.read_removed(item))
        yield from discoveries or self._listing.after_removal(item, self._items, referring)
        self._verifier.trust(self._items if self._listing.is_whole and not discoveries else ())

    def _refers(self, item: Item, to: Item) -> bool:
        """Whether a field that was written to an item refers to another one of the resource."""
        kind = kind_of(self._create.path)
        named = [name for name, value in item.given.items() if str(value) == str(to.identifier)]
        return any(kind in self._pool.resources.kinds_of_field(name) for name in named)

    # What the steps send.

    def _after_change(
        self, item: Item, operation: Operation, written: Exchange, sent: Mapping[str, Any]
    ) -> Iterator[Discovery]:
        self._is_changed = self._resource.read is not None
        return self._verifier.after_write(item, operation, written, sent, is_change=True)

    def _pick(self, number: int) -> Item | None:
        return self._items[number % len(self._items)] if self._items else None

    def _write(self, step: str, operation: Operation, item: Item, body: Any = None) -> Exchange:
        self._clock.let_pass(RESOLUTION)
        self._verifier.doubt(item)
        exchange = self._collection.send(operation, item, body)
        if is_success(exchange):
            self.taken.add(step)
        elif exchange.response is not None:
            said = exchange.response.body[:160].decode("utf-8", "replace")
            self.refused = f"answered {exchange.response.status_code} {said}".strip()
        return exchange


def _is_about(name: str, discovery: Discovery) -> bool:
    """Whether a discovery is that a field does not read as it was written."""
    _, place, *_ = (*discovery.violation.location.split("/"), "")
    is_kept = discovery.violation.check is rules.RESOURCE_KEEPS_FIELDS
    return is_kept and resource_fields.read_name(name, {place: None}) == place
