"""Ids that exist on the target, from its configuration, its listings and this run.

Changes and deletions prefer what this run created, so that a run does not damage other data.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from random import Random
from typing import Any

from ampeco_conformance.apis import IdSource
from ampeco_conformance.contract.answers import answer_of
from ampeco_conformance.contract.path_templates import fill, parameters_of
from ampeco_conformance.contract.references import named_number, with_references
from ampeco_conformance.contract.resource_map import UNUSED_ID, ResourceMap
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.moments import Now, real_now
from ampeco_conformance.generate.item_sample import spread
from ampeco_conformance.generate.sampling import ABSENT
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import NotPermitted, Safety, SafetyPolicy

# Creates an item in a collection (operation and values of its path parameters); returns its id, None when refused.
Creator = Callable[[Operation, Mapping[str, Any]], Any]

_PARENTS_TRIED = 4
_WRITES_TO_AN_ITEM = frozenset({"PUT", "PATCH", "DELETE"})


class IdPool:
    """A pool of existing ids. `configured` restricts a parameter to the ids in a tenant's configuration.

    `now` is the time of the target. At own-data, bodies refer only to what this run created, or to the `test_equipment`
    of the configuration.
    """

    def __init__(
        self,
        resources: ResourceMap,
        client: ApiClient,
        policy: SafetyPolicy,
        configured: Mapping[str, tuple[Any, ...]],
        test_equipment: Mapping[str, tuple[Any, ...]] | None = None,
        *,
        now: Now = real_now,
    ) -> None:
        self._now = now
        self._equipment = test_equipment or {}
        self.resources = resources
        self.create: Creator | None = None
        #: Whether the target has accepted a write of this token.
        self.has_written = False
        self._client = client
        self._policy = policy
        self._configured = configured
        self._listed: dict[str, list[Mapping[str, Any]]] = {}
        self._created: dict[str, list[Any]] = {}
        self._being_created: set[str] = set()
        self._refused: set[str] = set()
        self._unlisted: dict[str, str] = {}

    def id_asked(self, operation: Operation, values: Mapping[str, Any]) -> tuple[Any, str | None]:
        """The id that a read of one item asks for, and the field of the answer that has it; None for other reads."""
        source = self.resources.listed_by(operation)
        if source is None:
            return None, None
        return values.get(parameters_of(operation.path)[-1]), self.resources.id_field(source.collection)

    def path_parameters(self, operation: Operation, *, limit: int, own: bool = False) -> Iterator[dict[str, Any]]:
        """Up to `limit` sets of path parameter values that name existing resources, the most promising first.

        With `own`, and where the policy requires it, they name only what this run created.
        """
        names = parameters_of(operation.path)
        own_only = own or self._policy.own_data_only(operation)
        yield from itertools.islice(self._combinations(operation, names, {}, own_only), limit)

    def path(self, operation: Operation, *, own: bool = False) -> str | None:
        """The path with the most promising ids of existing resources; None when there are none."""
        values = next(self.path_parameters(operation, limit=1, own=own), None)
        return None if values is None else fill(operation.path, values)

    def field_value(self, name: str, schema: Mapping[str, Any]) -> Any:
        """An id for a body field that refers to a resource; None when there is no such resource."""
        return next(self.field_values(name, schema), None)

    def field_values(self, name: str, schema: Mapping[str, Any]) -> Iterator[Any]:
        """All known ids for a body field that refers to a resource, or the values of a text that is not free."""
        kind = schema.get("type")
        if kind == "string":
            yield from self.resources.text_values.get(name, ())
        if kind not in ("integer", "number") and not (kind == "string" and name == "paymentMethodId"):
            return
        for source in self.resources.sources_of_field(name):
            for value in self._referable(source, name):
                if _has_type(value, kind):
                    # The same id is text in one version of a resource and a number in another.
                    yield str(value) if kind == "string" else int(value)

    def owned(self, value: Any, name: str) -> Any:
        """A value for a field of a body that, at own-data, refers to nothing of anybody else, without what has to."""
        if self._policy.safety is not Safety.OWN_DATA:
            return value
        return _present(with_references(value, self.resources, self._own_reference, name))

    def _own_reference(self, name: str, _sources: object, value: Any) -> Any:
        if named_number(value) is None:
            return value
        known = self.field_value(name, {"type": "integer"})
        return ABSENT if known is None else int(known)

    def reference(self, name: str, value: Any) -> Any:
        """What to send for a reference in a generated body: an existing id, or one that no resource has."""
        if isinstance(value, bool | float) and self._policy.safety is Safety.OWN_DATA:
            # Of a wrong type by intention, which it keeps.
            return f"unused-{UNUSED_ID}" if isinstance(value, bool) else UNUSED_ID + value % 1
        if isinstance(value, bool) or not isinstance(value, int | str):
            return value
        known = self.field_value(name, {"type": "integer"}) if isinstance(value, int) else None
        if known is not None:
            return int(known)
        if self._policy.safety is not Safety.OWN_DATA:
            return value
        if isinstance(value, int):
            return UNUSED_ID
        return value if named_number(value) is None else f"unused-{UNUSED_ID}"

    def _referable(self, source: IdSource, name: str) -> Iterator[Any]:
        if self._policy.safety is not Safety.OWN_DATA:
            yield from self._ids(source, {})
            return
        own = [item for path, items in self._created.items() if _is_of(path, source.collection) for item in items]
        is_wanted = source.collection not in self._refused and not self.resources.leaves_traces(source.collection)
        if not own and is_wanted and not parameters_of(source.collection):
            self._create(source.collection, {})
            own = self._created.get(source.collection, [])
            if not own:
                # Not tried for every reference of every body.
                self._refused.add(source.collection)
        yield from reversed(own)
        yield from self._equipment.get(_stem(name), ())

    def learn(self, operation: Operation, exchange: Exchange) -> None:
        """Record what a successful creation or deletion changed on the target."""
        response = exchange.response
        if response is None or not 200 <= response.status_code < 300:
            return
        path = exchange.request.url.removeprefix(self._client.base_url).partition("?")[0].rstrip("/")
        self.has_written |= operation.method not in ("GET", "HEAD")
        if operation.method == "DELETE":
            self.forget(*path.rpartition("/")[::2])
        elif operation.method == "POST" and "/actions/" not in operation.path:
            item = answer_of(exchange).item or {}
            identifier = item.get(self.resources.id_field(operation.path))
            if identifier is not None:
                self._created.setdefault(path, []).append(identifier)

    def created_in(self, path: str) -> list[Any]:
        """The ids of what this run created in a collection and did not remove."""
        return self._created.get(path, [])

    def relist(self, operation: Operation) -> None:
        """List again, before they are used next, the resources that the path of an operation names."""
        for name in parameters_of(operation.path):
            for source in self.resources.sources(operation.path, name):
                for path in [path for path in self._listed if _is_of(path, source.collection)]:
                    del self._listed[path]

    def forget(self, collection: str, identifier: str) -> None:
        """Never return the id of an item again that is gone."""
        self._created[collection] = [item for item in self._created.get(collection, []) if str(item) != identifier]
        field = self.resources.id_field(collection)
        self._listed[collection] = [
            item for item in self._listed.get(collection, []) if str(item.get(field)) != identifier
        ]

    def _combinations(
        self, operation: Operation, names: list[str], chosen: dict[str, Any], own_only: bool
    ) -> Iterator[dict[str, Any]]:
        if not names:
            yield dict(chosen)
            return
        name, *rest = names
        writes = not rest and operation.method in _WRITES_TO_AN_ITEM and operation.path.endswith("}")
        for value in self._values(operation, name, chosen, prefer_own=writes, own_only=own_only):
            yield from self._combinations(operation, rest, {**chosen, name: value}, own_only)

    def _values(
        self, operation: Operation, name: str, chosen: Mapping[str, Any], *, prefer_own: bool, own_only: bool
    ) -> Iterator[Any]:
        schema = self.resources.parameter_schema(operation, name)
        if "enum" in schema:
            yield from schema["enum"]
            return
        seen: set[Any] = set()
        for source in self.resources.sources(operation.path, name):
            for value in self._candidates(source, name, chosen, prefer_own=prefer_own, own_only=own_only):
                if value not in seen and _has_type(value, schema.get("type")):
                    seen.add(value)
                    yield value
        if not seen and schema.get("format") == "date":
            # A date needs no listing: writing to it creates it.
            yield (self._now() + timedelta(days=1)).date().isoformat()

    def _candidates(
        self, source: IdSource, name: str, chosen: Mapping[str, Any], *, prefer_own: bool, own_only: bool
    ) -> Iterator[Any]:
        concrete = _filled(source.collection, chosen)
        has_id = source.field == self.resources.id_field(source.collection)
        if (prefer_own or own_only) and concrete is not None and has_id:
            if not self._created.get(concrete):
                self._create(source.collection, chosen)
            yield from reversed(self._created.get(concrete, []))
        if own_only:
            return
        if name in self._configured:
            yield from self._configured[name]
            return
        yield from self._ids(source, chosen)

    def _ids(self, source: IdSource, chosen: Mapping[str, Any]) -> Iterator[Any]:
        """Ids of a listing; one is created when the listing is empty."""
        for concrete, values in self._concrete(source.collection, chosen):
            if concrete not in self._listed:
                self._listed[concrete] = self._list(concrete)
            known = [value for item in self._listed[concrete] if (value := source.identify(item)) is not None]
            if not known and not self._created.get(concrete):
                self._create(source.collection, values)
            yield from (item for item in dict.fromkeys([*known, *self._created.get(concrete, [])]))

    def _concrete(self, collection: str, chosen: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The path of a collection with its parents filled in: as already chosen, else with existing parents."""
        listing = self.resources.operation("GET", collection)
        missing = [name for name in parameters_of(collection) if name not in chosen]
        if not missing or listing is None:
            filled = _filled(collection, chosen)
            if filled is not None:
                yield filled, dict(chosen)
            return
        for values in itertools.islice(self._combinations(listing, missing, dict(chosen), False), _PARENTS_TRIED):
            filled = _filled(collection, values)
            if filled is not None:
                yield filled, values

    def _list(self, path: str) -> list[Mapping[str, Any]]:
        answer = answer_of(self._client.send("GET", path))
        if not answer.succeeded:
            self._unlisted[path] = str(answer)
        return answer.items

    def absence(self, operation: Operation) -> str:
        """Why no ids are known for the path of an operation: a listing that could not be read, or that is empty."""
        listings = {
            source.collection
            for name in parameters_of(operation.path)
            for source in self.resources.sources(operation.path, name)
        }
        for path, answered in self._unlisted.items():
            if any(_is_of(path, listing) for listing in listings):
                return f"no ids known: GET {path} was {answered}"
        return "there is nothing on the target for it"

    def lists(self, operation: Operation, values: Mapping[str, Any]) -> bool:
        """Whether the listing of what a read by id addresses, requested again, shows the id."""
        asked, place = self.id_asked(operation, values)
        path = _filled(operation.path.rpartition("/")[0], values)
        return place is not None and path is not None and asked in [item.get(place) for item in self._list(path)]

    def others(
        self, operation: Operation, values: Mapping[str, Any], order: Random, most: int
    ) -> Iterator[dict[str, Any]]:
        """Path parameter values for reads of, or below, up to `most` other items: spread over their listing."""
        name = next(reversed(parameters_of(operation.path)), None)
        if operation.method != "GET" or name is None or name in self._configured:
            return
        for source in self.resources.sources(operation.path, name)[:1]:
            items = self._listed.get(_filled(source.collection, values) or "", [])
            for identifier in map(source.identify, spread(items, order, most)):
                if identifier is not None and identifier != values[name]:
                    yield {**values, name: identifier}

    def sample(self, operation: Operation, seed: int, most: int) -> list[dict[str, Any]]:
        """Path parameter values of up to `most` items to read: the first, the last, the middle one and others."""
        first = next(self.path_parameters(operation, limit=1), None)
        if first is None:
            return []
        order = Random(f"{seed} {operation.label}")
        return [first, *self.others(operation, first, order, most - 1)]

    def _create(self, collection: str, values: Mapping[str, Any]) -> None:
        operation = self.resources.creating(collection)
        # Creating a resource may need others; a cycle must end.
        if operation is None or self.create is None or collection in self._being_created:
            return
        self._being_created.add(collection)
        try:
            self.create(operation, {name: values[name] for name in parameters_of(collection) if name in values})
        except NotPermitted:
            return
        finally:
            self._being_created.discard(collection)


def _present(value: Any) -> Any:
    """A JSON value without its absent parts; absent itself when it had no others."""
    if isinstance(value, dict):
        parts = {key: part for key, item in value.items() if (part := _present(item)) is not ABSENT}
        return parts if parts or not value else ABSENT
    if isinstance(value, list):
        items = [part for item in value if (part := _present(item)) is not ABSENT]
        return items if items or not value else ABSENT
    return value


def _is_of(path: str, template: str) -> bool:
    """Whether a collection is one of a path template."""
    parts, wanted = path.split("/"), template.split("/")
    return len(parts) == len(wanted) and all(b.startswith("{") or a == b for a, b in zip(parts, wanted, strict=True))


def _stem(name: str) -> str:
    return re.sub(r"(Ids?|ID)$", "", name)


def _filled(path: str, values: Mapping[str, Any]) -> str | None:
    return fill(path, values) if all(name in values for name in parameters_of(path)) else None


def _has_type(value: Any, kind: str | None) -> bool:
    return kind not in ("integer", "number") or str(value).isdigit()
