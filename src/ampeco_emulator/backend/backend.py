"""The backend of the emulated API: records, schedule, clock, and the representation of records by endpoints."""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ampeco_conformance.specs import Specification
from ampeco_emulator.backend.resource_types import resource_type_named, resource_type_of, resource_type_of_field
from ampeco_emulator.backend.rules import Overrides, rule
from ampeco_emulator.backend.schedule import Schedule
from ampeco_emulator.backend.store import Record, Store
from ampeco_emulator.clock import VirtualClock, format_timestamp
from ampeco_emulator.openapi.endpoints import Endpoint, router_of
from ampeco_emulator.openapi.schemas import SchemaObject
from ampeco_emulator.openapi.texts import Subject
from ampeco_emulator.openapi.validation import Incoming
from ampeco_emulator.openapi.values import Values, camel_case


class RefusedError(Exception):
    """The API refuses a request, with a status, a message and, for 422, the invalid fields."""

    def __init__(self, status: int, message: str, errors: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors


# The names of the field with the time of the last change.
_UPDATE_TIMES = ("lastUpdatedAt", "updatedAt")


@dataclass(frozen=True)
class EmulatorResponse:
    """The response of an endpoint; without a body when `body` is None. `rewrite` changes the serialized body."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    rewrite: Callable[[bytes], bytes] | None = None


# A step that falls due at a moment for a record.
ScheduledStep = Callable[["Backend", Record, datetime], None]
# The fields of a body that break rules, by resource type, the fields that the record has, and the body.
BrokenRules = Callable[["Backend", str, Mapping[str, Any], Mapping[str, Any]], list[str]]


@dataclass(frozen=True)
class FilterReading:
    """How a filter reads the values of a record that it compares with.

    `others` are the resource types of the other records that it looks at; `field` is the only field of the record on
    which the values depend.
    """

    values: Callable[["Backend", Endpoint, Record], list[Any]]
    others: frozenset[str] = frozenset()
    field: str | None = None


@dataclass(frozen=True)
class ListingFilter:
    """A documented filter: the values that it reads of a record, whether they match what is asked for, its source."""

    read: FilterReading
    prepare: Callable[[Any], Callable[[list[Any]], bool]]
    source: str

    def predicate(self, backend: "Backend", endpoint: Endpoint, asked: Any) -> Callable[[Record], bool]:
        """Whether a listing keeps a record for the value that is asked for."""
        name, values, matches = self.read.field, self.read.values, self.prepare(asked)
        if name is None:
            return lambda record: matches(values(backend, endpoint, record))
        # Most records have one of few texts or ids: each is compared once.
        known: dict[str | int, bool] = {}

        def is_kept(record: Record) -> bool:
            value = record.fields.get(name)
            if type(value) is not str and type(value) is not int:
                return matches(values(backend, endpoint, record))
            verdict = known.get(value)
            if verdict is None:
                verdict = known[value] = matches(values(backend, endpoint, record))
            return verdict

        return is_kept


@dataclass(frozen=True)
class Hooks:
    """Hooks of the domain, called by the generic CRUD layer and the schedule.

    `steps` run when they fall due, `readings` after them, at the time of the tick, and `ticks` at every tick. By
    resource type: `creating`, `changing` and `removing` run before a write and may refuse it, `created` and `removed`
    after it; `refreshing` brings fields up to date that follow from the time, before a record is shown, and
    `filtering` before records are filtered by a field; `showing` gives the fields of a record for a request.
    `restored` are called once a saved state is in effect.
    `filters` are the documented ones, by resource type and name.
    `broken_rules` names the fields of a body that contradict others, `secret` those that are never stored,
    `server_set` those that no creation can set.
    """

    steps: Mapping[str, ScheduledStep] = field(default_factory=dict)
    readings: Mapping[str, ScheduledStep] = field(default_factory=dict)
    ticks: tuple[Callable[["Backend", datetime], None], ...] = ()
    restored: tuple[Callable[["Backend"], None], ...] = ()
    creating: Mapping[str, Callable[["Backend", Mapping[str, Any]], None]] = field(default_factory=dict)
    created: Mapping[str, Callable[["Backend", Record], None]] = field(default_factory=dict)
    changing: Mapping[str, Callable[["Backend", Record, Mapping[str, Any]], None]] = field(default_factory=dict)
    removing: Mapping[str, Callable[["Backend", Record], None]] = field(default_factory=dict)
    removed: Mapping[str, Callable[["Backend", Record], None]] = field(default_factory=dict)
    refreshing: Mapping[str, Callable[["Backend", Record], None]] = field(default_factory=dict)
    filtering: Mapping[str, Callable[["Backend", str], None]] = field(default_factory=dict)
    showing: Mapping[str, Callable[["Backend", Record, Incoming | None], dict[str, Any]]] = field(default_factory=dict)
    filters: Mapping[tuple[str, str], ListingFilter] = field(default_factory=dict)
    broken_rules: BrokenRules = lambda *_: []
    secret: Mapping[str, frozenset[str]] = field(default_factory=dict)
    server_set: Mapping[str, frozenset[str]] = field(default_factory=dict)


class Backend:
    """The state behind the API, and the operations on it.

    `hooks` are those of the domain; `listeners` are called with every event.
    """

    def __init__(self, specification: Specification, hooks: Hooks, clock: VirtualClock | None = None) -> None:
        self.specification = specification
        self.hooks = hooks
        self.router = router_of(specification)
        self.store = Store()
        self.schedule = Schedule()
        self.clock = clock or VirtualClock()
        self.values = Values(self.router.book, self.now, self.some_reference)
        # Recent filtered listings: by query, the versions of the resource types (the listed one first) and the result.
        self.filter_cache: dict[tuple[Any, ...], tuple[tuple[int, ...], list[Record]]] = {}
        self._known_extras: dict[str, dict[str, str]] = {}
        self.overrides: Overrides = {}
        # Features that charge points and integrations do not support: the response is 501.
        self.unsupported: frozenset[str] = frozenset()
        self.listeners: list[Callable[[str, dict[str, Any]], None]] = []
        # Resends the failed deliveries of a subscription: its id, the events, and the bounds of the time.
        self.resend: Callable[[int, list[str], datetime | None, datetime | None], None] = lambda *_: None

    def now(self) -> datetime:
        """The current time."""
        return self.clock.now()

    def tick(self) -> None:
        """Run the steps that have fallen due, then the readings and the ticks."""
        now = self.now()
        readings: list[tuple[ScheduledStep, Record]] = []
        for due, step, resource_type, record_id in self.schedule.due(now):
            record = self.store.peek(resource_type, record_id)
            if record is None:
                continue
            if (reading := self.hooks.readings.get(step)) is not None:
                readings.append((reading, record))
            else:
                self.hooks.steps[step](self, record, due)
        for reading, record in readings:
            reading(self, record, now)
        for act in self.hooks.ticks:
            act(self, now)

    def override(self, overrides: Overrides) -> None:
        """Put these overrides into effect in place of the present ones."""
        self.overrides = overrides
        self.filter_cache.clear()

    def announce(self, event: str, payload: dict[str, Any]) -> None:
        """Pass an event to the listeners."""
        for listener in self.listeners:
            listener(event, payload)

    def some_reference(self, name: str, kind: str) -> Any:
        """The id of a record that a field of this name may refer to."""
        resource_type = resource_type_of_field(name)
        if resource_type is None or kind not in ("integer", "number", "string"):
            return None
        records = self.store.all(resource_type)
        if not records or (kind == "string" and name != "paymentMethodId"):
            return None
        return records[0].fields["id"] if kind == "string" else records[0].id

    def add(self, resource_type: str, fields: Mapping[str, Any], parents: Mapping[str, str] | None = None) -> Record:
        """Add a record; the records that its `...Id` fields refer to are its parents."""
        moment, fields = format_timestamp(self.now()), stored_fields(self, self._without_secrets(resource_type, fields))
        stored = dict.fromkeys(("createdAt", *_UPDATE_TIMES), moment) | {camel_case(key): fields[key] for key in fields}
        named = {
            resource_type_of_field(key): str(value)
            for key, value in stored.items()
            if key.endswith("Id") and isinstance(value, int)
        }
        belongs = {name: value for name, value in named.items() if name is not None}
        return self.store.add(resource_type, stored, {**belongs, **(parents or {})})

    def change(self, record: Record, fields: Mapping[str, Any]) -> None:
        """Change some fields of a record."""
        fields = stored_fields(self, self._without_secrets(record.resource_type, fields))
        record.fields |= {camel_case(key): value for key, value in fields.items()}
        complete_change(self, record, fields)
        for key, value in fields.items():
            resource_type = resource_type_of_field(camel_case(key))
            if (
                resource_type in record.parents
                and isinstance(value, int)
                and record.parents[resource_type] != str(value)
            ):
                self.store.attach(record, resource_type, str(value))
        self.store.touch(record)

    def _without_secrets(self, resource_type: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        secret = self.hooks.secret.get(resource_type, frozenset())
        return {name: value for name, value in fields.items() if name not in secret} if secret else fields

    def parents(self, endpoint: Endpoint, path_values: Mapping[str, str]) -> dict[str, str]:
        """The records that an endpoint's collection belongs to. Raises RefusedError when one does not exist."""
        found: dict[str, str] = {}
        template = endpoint.collection
        for name in endpoint.names:
            marker = "{" + name + "}"
            if marker not in template:
                continue
            resource_type = resource_type_of(template[: template.index(marker)])
            record = self.store.find(resource_type, path_values[name], found)
            if record is None:
                raise RefusedError(404, "No query results for this id.")
            found[resource_type] = str(record.id)
        return found

    def addressed(self, endpoint: Endpoint, path_values: Mapping[str, str]) -> Record:
        """The record an item path addresses. Raises RefusedError when there is none."""
        parents = self.parents(endpoint, path_values)
        record = find_item(self, resource_type_of(endpoint.collection), path_values[endpoint.names[-1]], parents)
        if record is None:
            raise RefusedError(404, "No query results for this id.")
        return record

    def named(self, name: str, key: str) -> Record:
        """The record that a path parameter of an action names. Raises RefusedError when there is none."""
        record = self.store.find(resource_type_named(name), key)
        if record is None:
            raise RefusedError(404, "No query results for this id.")
        return record

    def single(self, resource_type: str, parents: Mapping[str, str]) -> dict[str, Any]:
        """The fields of a single resource of these parents (without parents: of the operator); empty until written."""
        return self.store.singles.setdefault(f"{resource_type} {sorted(parents.items())}", {})

    def present(self, endpoint: Endpoint, record: Record, incoming: Incoming | None = None) -> Any:
        """The representation of a record by an endpoint: in the form of its version, with the requested extras only."""
        return self.present_all(endpoint, [record], incoming)[0]

    def present_all(self, endpoint: Endpoint, records: Iterable[Record], incoming: Incoming | None = None) -> list[Any]:
        """The representations of records by an endpoint."""
        schema = endpoint.item_schema
        if schema is None:
            return [None for _ in records]
        if self.router.book.deref(schema).get("type") in ("integer", "number"):
            return [record.fields.get("value", record.id) for record in records]
        extras = self._extras(endpoint)
        shown = included(self, extras, incoming)
        view = (endpoint.operation.label, shown)
        representations = []
        for record in records:
            if (refresh := self.hooks.refreshing.get(record.resource_type)) is not None:
                refresh(self, record)
            source = shown_fields(self, endpoint, record, incoming)
            seen = record.shown.get(view)
            if seen is None or seen[0] != source:
                seen = record.shown[view] = (dict(source), self._shaped(schema, record, source, extras.keys(), shown))
            representations.append(seen[1])
        return representations

    def _shaped(
        self, schema: SchemaObject, record: Record, source: dict[str, Any], extras: Set[str], shown: Set[str]
    ) -> Any:
        """The fields of a record in the form of a schema; of the extras only those that are to be shown."""
        properties = self.values.properties(schema)
        record.shown_since = record.shown_since or self.now()
        subject = Subject(record.resource_type, record.id - 1)
        with self.values.about(subject, record.shown_since):
            for name in shown:
                if name in properties and name not in source:
                    source[name] = self.values.make(properties[name], name=name, full=True)
            return self.values.shape(schema, source, hidden=extras - shown)

    def _extras(self, endpoint: Endpoint) -> dict[str, str]:
        """The optional properties of an endpoint, each with the parameter that requests it."""
        known = self._known_extras.get(endpoint.operation.label)
        if known is not None:
            return known
        extras = self._known_extras[endpoint.operation.label] = {}
        reading = endpoint if endpoint.operation.method == "GET" else self.router.get("GET", endpoint.path) or endpoint
        for parameter in reading.parameters:
            if parameter.name.startswith("include"):
                items = self.router.book.deref(parameter.schema).get("items", {})
                extras |= dict.fromkeys(self.router.book.deref(items).get("enum", ()), parameter.name)
            elif parameter.name.startswith("with"):
                extras[parameter.name[4].lower() + parameter.name[5:]] = parameter.name
        return extras

    def check_references(self, fields: Any, prefix: str = "") -> dict[str, list[str]]:
        """The fields of a body that refer to missing records, each with its messages."""
        errors: dict[str, list[str]] = {}
        for name, value in fields.items() if isinstance(fields, dict) else ():
            resource_type = resource_type_of_field(camel_case(name))
            label = f"{prefix}{name}"
            items = value if isinstance(value, list) else [value]
            for item in items:
                errors |= self.check_references(item, f"{label}.")
            if resource_type is None or not self.store.all(resource_type):
                continue
            for item in items:
                is_number = isinstance(item, int | float) and not isinstance(item, bool)
                if is_number and self.store.find(resource_type, str(int(item))) is None:
                    errors[label] = [f"The selected {label} is invalid."]
        return errors


@rule
def stored_fields(_backend: Backend, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of a record in the form in which they are stored."""
    return fields


@rule
def complete_change(backend: Backend, record: Record, _fields: Mapping[str, Any]) -> None:
    """Set the fields that follow from a change: the time of the last update."""
    record.fields |= dict.fromkeys(_UPDATE_TIMES, format_timestamp(backend.now()))


@rule
def find_item(backend: Backend, resource_type: str, key: str, parents: Mapping[str, str]) -> Record | None:
    """The record with this key below these parents."""
    return backend.store.find(resource_type, key, parents)


@rule
def included(_backend: Backend, extras: Mapping[str, str], incoming: Incoming | None) -> frozenset[str]:
    """The optional properties that a request includes; `extras` maps each to the parameter that requests it."""
    if incoming is None:
        return frozenset()
    return frozenset(name for name, parameter in extras.items() if _is_requested(parameter, name, incoming))


@rule
def shown_fields(backend: Backend, endpoint: Endpoint, record: Record, incoming: Incoming | None) -> dict[str, Any]:
    """The fields of a record for a request, before they are brought into the form of the endpoint."""
    showing = backend.hooks.showing.get(resource_type_of(endpoint.collection))
    return showing(backend, record, incoming) if showing is not None else dict(record.fields)


def _is_requested(parameter: str, name: str, incoming: Incoming) -> bool:
    return name in incoming.include if parameter.startswith("include") else bool(incoming.query.get(parameter))
