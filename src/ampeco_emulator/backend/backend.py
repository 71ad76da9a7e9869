"""The emulated operator: its records, its time, and how records look through an endpoint."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ampeco_conformance.specs import Specification
from ampeco_emulator.backend.resource_types import family_named, family_of, family_of_field
from ampeco_emulator.backend.schedule import Schedule
from ampeco_emulator.backend.store import Record, Store
from ampeco_emulator.clock import Clock, written
from ampeco_emulator.openapi.endpoints import Endpoint, Router
from ampeco_emulator.openapi.validation import Incoming
from ampeco_emulator.openapi.values import Values, camel_case


class RefusedError(Exception):
    """The API says no, with a status, a message and, for 422, the fields."""

    def __init__(self, status: int, message: str, errors: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors


# The time of the last change, under the names that resources have for it.
_UPDATE_TIMES = ("lastUpdatedAt", "updatedAt")
# What defects make of the texts that are stored.
_SPOILED_TEXTS: dict[str, Callable[[str], str]] = {
    "cut-text": lambda text: text[:60],
    "ascii-only": lambda text: text.encode("ascii", "replace").decode(),
}


@dataclass(frozen=True)
class Answer:
    """What an endpoint answers; no body when None."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    rewrite: Callable[[bytes], bytes] | None = None


@dataclass(frozen=True)
class Behaviour:
    """What happens of itself: `steps` when they fall due, `ticks` before every request, and before
    (`creating`, `changing`, `removing`: these may refuse) and after (`created`, `removed`) a write to a record of a
    family; `showing` gives the fields of a record for a request.
    """

    steps: Mapping[str, Callable[["World", Record, datetime], None]] = field(default_factory=dict)
    ticks: tuple[Callable[["World", datetime], None], ...] = ()
    creating: Mapping[str, Callable[["World", Mapping[str, Any]], None]] = field(default_factory=dict)
    created: Mapping[str, Callable[["World", Record], None]] = field(default_factory=dict)
    changing: Mapping[str, Callable[["World", Record, Mapping[str, Any]], None]] = field(default_factory=dict)
    removing: Mapping[str, Callable[["World", Record], None]] = field(default_factory=dict)
    removed: Mapping[str, Callable[["World", Record], None]] = field(default_factory=dict)
    showing: Mapping[str, Callable[["World", Record, Incoming | None], dict[str, Any]]] = field(default_factory=dict)


class World:
    """Everything behind the API.

    `behaviour` holds the hooks of the domain; `listeners` are called with every event.
    """

    def __init__(self, specification: Specification, behaviour: Behaviour, clock: Clock | None = None) -> None:
        self.specification = specification
        self.behaviour = behaviour
        self.router = Router(specification)
        self.store = Store()
        self.schedule = Schedule()
        self.clock = clock or Clock()
        self.values = Values(self.router.book, self.now, self.some_reference)
        # Filtered listings of late: the question, and with the version of the family what was found.
        self.answers: dict[tuple[Any, ...], tuple[int, list[Record]]] = {}
        self._known_extras: dict[str, dict[str, str]] = {}
        # The name of the defect that is switched on.
        self.defect: str | None = None
        # What charge points and integrations cannot do: answered 501.
        self.unsupported: frozenset[str] = frozenset()
        self.listeners: list[Callable[[str, dict[str, Any]], None]] = []
        # Sends the failed deliveries of a subscription again: its id, the events, and the bounds of time.
        self.resend: Callable[[int, list[str], datetime | None, datetime | None], None] = lambda *_: None

    def now(self) -> datetime:
        """The present moment."""
        return self.clock.now()

    def tick(self) -> None:
        """Bring everything that changes with time up to the present."""
        now = self.now()
        for due, step, family, record_id in self.schedule.due(now):
            record = self.store.peek(family, record_id)
            if record is not None:
                self.behaviour.steps[step](self, record, due)
        for keep_up in self.behaviour.ticks:
            keep_up(self, now)

    def misbehaves(self, defect: str) -> bool:
        """Whether a defect is switched on."""
        return self.defect == defect

    def announce(self, event: str, payload: dict[str, Any]) -> None:
        """Tell the listeners that something has happened."""
        for listener in self.listeners:
            listener(event, payload)

    def some_reference(self, name: str, kind: str) -> Any:
        """The id of some record that a field of this name may refer to."""
        family = family_of_field(name)
        if family is None or kind not in ("integer", "number", "string"):
            return None
        records = self.store.all(family)
        if not records or (kind == "string" and name != "paymentMethodId"):
            return None
        return records[0].fields["id"] if kind == "string" else records[0].id

    def add(self, family: str, fields: Mapping[str, Any], parents: Mapping[str, str] | None = None) -> Record:
        """Add a record; it belongs to the records its `...Id` fields name."""
        moment, fields = written(self.now()), self._kept(fields)
        stored = dict.fromkeys(("createdAt", *_UPDATE_TIMES), moment) | {camel_case(key): fields[key] for key in fields}
        named = {
            family_of_field(key): str(value)
            for key, value in stored.items()
            if key.endswith("Id") and isinstance(value, int)
        }
        belongs = {name: value for name, value in named.items() if name is not None}
        return self.store.add(family, stored, {**belongs, **(parents or {})})

    def change(self, record: Record, fields: Mapping[str, Any]) -> None:
        """Change some fields of a record."""
        fields = self._kept(fields)
        record.fields |= {camel_case(key): value for key, value in fields.items()}
        if not self.misbehaves("stale-update-time"):
            record.fields |= dict.fromkeys(_UPDATE_TIMES, written(self.now()))
        if self.misbehaves("moving-creation") and "createdAt" in record.fields:
            record.fields["createdAt"] = written(self.now())
        if self.misbehaves("touch-siblings"):
            for sibling in self.store.all(record.family):
                sibling.fields |= {camel_case(key): value for key, value in fields.items()}
        for key, value in fields.items():
            family = family_of_field(camel_case(key))
            if family in record.parents and isinstance(value, int) and record.parents[family] != str(value):
                self.store.attach(record, family, str(value))
        self.store.touch(record)

    def _kept(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fields as they are stored: as they are, unless a defect spoils texts."""
        spoil = _SPOILED_TEXTS.get(self.defect or "")
        if spoil is None:
            return fields
        return {name: spoil(value) if isinstance(value, str) else value for name, value in fields.items()}

    def parents(self, endpoint: Endpoint, path_values: Mapping[str, str]) -> dict[str, str]:
        """The records that an endpoint's collection belongs to. Raises RefusedError when one does not exist."""
        found: dict[str, str] = {}
        template = endpoint.collection
        for name in endpoint.names:
            marker = "{" + name + "}"
            if marker not in template:
                continue
            family = family_of(template[: template.index(marker)])
            record = self.store.find(family, path_values[name], found)
            if record is None:
                raise RefusedError(404, "No query results for this id.")
            found[family] = str(record.id)
        return found

    def addressed(self, endpoint: Endpoint, path_values: Mapping[str, str]) -> Record:
        """The record an item path addresses. Raises RefusedError when there is none."""
        parents = self.parents(endpoint, path_values)
        known = {} if self.misbehaves("any-parent") else parents
        record = self.store.find(family_of(endpoint.collection), path_values[endpoint.names[-1]], known)
        if record is None:
            raise RefusedError(404, "No query results for this id.")
        return record

    def named(self, name: str, key: str) -> Record:
        """The record that a path parameter of an action names. Raises RefusedError when there is none."""
        record = self.store.find(family_named(name), key)
        if record is None:
            raise RefusedError(404, "No query results for this id.")
        return record

    def single(self, family: str, parents: Mapping[str, str]) -> dict[str, Any]:
        """What a record, or the operator, has exactly one of; empty until it is written."""
        return self.store.singles.setdefault(f"{family} {sorted(parents.items())}", {})

    def present(self, endpoint: Endpoint, record: Record, incoming: Incoming | None = None) -> Any:
        """A record as the endpoint's answer shows it: in its version's form, with only the extras asked for."""
        schema = endpoint.item_schema
        if schema is None:
            return None
        if self.router.book.deref(schema).get("type") in ("integer", "number"):
            return record.fields.get("value", record.id)
        extras = self._extras(endpoint)
        shown = frozenset(
            name for name, parameter in extras.items() if incoming and _is_asked_for(parameter, name, incoming)
        )
        if self.misbehaves("ignore-include") or self.misbehaves("always-include"):
            shown = frozenset(extras) if self.misbehaves("always-include") else frozenset()
        if self.misbehaves("one-include-only"):
            shown = frozenset(sorted(shown)[:1])
        showing = self.behaviour.showing.get(family_of(endpoint.collection))
        source = showing(self, record, incoming) if showing is not None else dict(record.fields)
        view = (endpoint.operation.label, shown)
        seen = record.shown.get(view)
        if seen is not None and seen[0] == source:
            return seen[1]
        given = dict(source)
        properties = self.values.properties(schema)
        for name in shown:
            if name in properties and name not in source:
                source[name] = self.values.make(properties[name], name=name, full=True)
        result = self.values.shape(schema, source, hidden=frozenset(extras.keys() - shown))
        record.shown[view] = (given, result)
        return result

    def _extras(self, endpoint: Endpoint) -> dict[str, str]:
        """Properties that are shown only on demand, with the parameter that demands each."""
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
        """The fields of a body that refer to records which do not exist."""
        errors: dict[str, list[str]] = {}
        for name, value in fields.items() if isinstance(fields, dict) else ():
            family = family_of_field(camel_case(name))
            label = f"{prefix}{name}"
            if isinstance(value, dict):
                errors |= self.check_references(value, f"{label}.")
                continue
            if family is None or not self.store.all(family):
                continue
            for item in value if isinstance(value, list) else [value]:
                is_number = isinstance(item, int | float) and not isinstance(item, bool)
                if is_number and self.store.find(family, str(int(item))) is None:
                    errors[label] = [f"The selected {label} is invalid."]
        return errors


def _is_asked_for(parameter: str, name: str, incoming: Incoming) -> bool:
    return name in incoming.include if parameter.startswith("include") else bool(incoming.query.get(parameter))
