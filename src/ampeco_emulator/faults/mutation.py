"""Mutations: defects that change one field, the same way, in every successful response of one operation.

`mutate:flipped:GET /public-api/resources/users/v1.0:data[].receiveNewsletters` declares one: an operator, an operation
and a place. Operators either leave the schema or keep it; whether a change does is decided for every response by its
validity.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import Specification
from ampeco_emulator.backend.backend import EmulatorResponse
from ampeco_emulator.clock import format_timestamp, parse_timestamp
from ampeco_emulator.faults.corruption import by_endpoint
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.http.strictness import violation_of
from ampeco_emulator.openapi.endpoints import Endpoint, router_of
from ampeco_emulator.openapi.schemas import SchemaBook, SchemaObject

KIND = "mutate"
#: The places of a response besides its body.
_STATUS, _MEDIA_TYPE = "@status", "@content-type"
_OTHER_STATUS = {200: 202, 201: 200, 202: 200, 204: 200}
#: What a change gives in place of a value that it takes away.
_GONE = object()
_DEPTH = 8

FieldChange = Callable[[Any, SchemaObject], Any]


@dataclass(frozen=True)
class Operator:
    """A kind of mutation: which schemas of a field it fits, and the changes it tries, best first."""

    keeps_schema: bool
    fits: Callable[[SchemaObject], bool]
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Mutation:
    """An operator at a place of the responses of an operation."""

    operator: str
    label: str
    place: str

    @property
    def name(self) -> str:
        """The declaration."""
        return f"{KIND}:{self.operator}:{self.label}:{self.place}"

    @property
    def keeps_schema(self) -> bool:
        """Whether a mutated response still is as its schema says."""
        return self.place not in _OF_RESPONSE and OPERATORS[self.operator].keeps_schema


class Mutator:
    """Changes the responses of an operation; `changed` counts those that it could change."""

    def __init__(self, mutation: Mutation) -> None:
        self._mutation = mutation
        self.changed = 0

    def __call__(self, endpoint: Endpoint, response: EmulatorResponse) -> EmulatorResponse:
        """The response, changed where it is successful and has the field."""
        if endpoint.operation.label != self._mutation.label or not 200 <= response.status < 300:
            return response
        of_response = _OF_RESPONSE.get(self._mutation.place)
        changed = of_response(response) if of_response is not None else self._with_other_field(endpoint, response)
        self.changed += changed is not response
        return changed

    def _with_other_field(self, endpoint: Endpoint, response: EmulatorResponse) -> EmulatorResponse:
        operator = OPERATORS[self._mutation.operator]
        schema = response_fields(endpoint)[self._mutation.place]
        steps = self._mutation.place.replace("[]", ".[]").split(".")
        for change in operator.changes:
            changed = replace(response, body=_changed(response.body, steps, change, schema))
            is_valid = violation_of(endpoint, changed) is None
            if changed.body != response.body and is_valid == operator.keeps_schema:
                return changed
        return response


def mutation_defect(name: str, specification: Specification) -> Defect:
    """The defect that a declaration names. Raises ConfigurationError when the specification has no such place."""
    _, operator, rest = (*name.split(":", 2), "", "")[:3]
    label, _, place = rest.rpartition(":")
    endpoint = next((item for item in router_of(specification).endpoints if item.operation.label == label), None)
    mutation = Mutation(operator, label, place)
    if endpoint is None or mutation not in set(_mutations(endpoint)):
        raise ConfigurationError(
            f"{name!r} is no mutation of {specification.api} {specification.version}: "
            f"that is {KIND}:OPERATOR:METHOD /path:PLACE, such as those that --list-mutations 10 prints"
        )
    mutator = Mutator(mutation)
    override = by_endpoint(mutator)
    return Defect(name, "mutation", f"{operator} at {place} of {label}", override, lambda: mutator.changed)


def drawn(specification: Specification, number: int, seed: int) -> list[Mutation]:
    """So many random mutations that leave the schema, then as many that keep it, or all that there are.

    The operators take turns; each draws an operation that has it, and a place of that.
    """
    possible: dict[bool, dict[str, dict[str, list[Mutation]]]] = {False: {}, True: {}}
    for endpoint in router_of(specification).endpoints:
        for mutation in _mutations(endpoint):
            of_operator = possible[mutation.keeps_schema].setdefault(mutation.operator, {})
            of_operator.setdefault(mutation.label, []).append(mutation)
    chance = Random(seed)
    return [mutation for by_operator in possible.values() for mutation in _drawn(by_operator, number, chance)]


def _drawn(by_operator: dict[str, dict[str, list[Mutation]]], number: int, chance: Random) -> Iterator[Mutation]:
    while by_operator:
        for operator, by_label in list(by_operator.items()):
            if number == 0:
                return
            number -= 1
            label = chance.choice(sorted(by_label))
            yield by_label[label].pop(chance.randrange(len(by_label[label])))
            if not by_label[label]:
                del by_label[label]
            if not by_label:
                del by_operator[operator]


def _mutations(endpoint: Endpoint) -> Iterator[Mutation]:
    """The mutations that the schema of an operation's success has a place for."""
    label = endpoint.operation.label
    yield Mutation("other-status", label, _STATUS)
    if endpoint.response_schema(endpoint.success) is not None:
        yield Mutation("other-type", label, _MEDIA_TYPE)
    for place, schema in response_fields(endpoint).items():
        yield from (Mutation(name, label, place) for name, operator in OPERATORS.items() if operator.fits(schema))


def response_fields(endpoint: Endpoint) -> dict[str, SchemaObject]:
    """The fields of a successful response, with their schemas: `data.id`, `data[].connectors[].format`."""
    schema = endpoint.response_schema(endpoint.success)
    return {} if schema is None else dict(_fields(endpoint.book, schema, "", _DEPTH))


def _fields(book: SchemaBook, schema: SchemaObject, place: str, depth: int) -> Iterator[tuple[str, SchemaObject]]:
    schema = book.deref(schema)
    if depth == 0:
        return
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            yield from _fields(book, part, place, depth - 1)
    if "items" in schema:
        yield from _fields(book, schema["items"], f"{place}[]", depth - 1)
    for name, definition in schema.get("properties", {}).items():
        field = book.deref(definition)
        inner = f"{place}.{name}" if place else name
        if not field.get("writeOnly"):
            yield inner, {**field, "isRequired": name in schema.get("required", ())}
            yield from _fields(book, field, inner, depth - 1)


def _changed(value: Any, steps: list[str], change: FieldChange, schema: SchemaObject) -> Any:
    """A body with a change of every value at a place."""
    if not steps:
        return change(value, schema)
    step, rest = steps[0], steps[1:]
    if step == "[]":
        return [_changed(item, rest, change, schema) for item in value] if isinstance(value, list) else value
    if not isinstance(value, Mapping) or step not in value:
        return value
    changed = _changed(value[step], rest, change, schema)
    others = {name: item for name, item in value.items() if name != step}
    return others if changed is _GONE else {**value, step: changed}


def _retyped(value: Any, _schema: SchemaObject) -> Any:
    match value:
        case bool():
            return str(value)
        case int() | float():
            return f"{value} of text"
        case str():
            return 7
        case list():
            return {"items": value}
        case Mapping():
            return [value]
    return value


def _other_member(value: Any, schema: SchemaObject) -> Any:
    members = [member for member in schema.get("enum", ()) if member is not None]
    return members[(members.index(value) + 1) % len(members)] if value in members else value


def _days_later(days: int) -> FieldChange:
    def change(value: Any, schema: SchemaObject) -> Any:
        if not isinstance(value, str):
            return value
        try:
            if schema.get("format") == "date":
                return (date.fromisoformat(value) + timedelta(days)).isoformat()
            return format_timestamp(parse_timestamp(value) + timedelta(days))
        except ValueError:
            return value

    return change


def _text(change: Callable[[str], str]) -> FieldChange:
    return lambda value, _schema: change(value) if isinstance(value, str) and value else value


def _number(step: int) -> FieldChange:
    return lambda value, _: value + step if isinstance(value, int | float) and not isinstance(value, bool) else value


def _in_format(schema: SchemaObject) -> bool:
    return schema.get("format") in _FORMATS


def _is_free_text(schema: SchemaObject) -> bool:
    return schema.get("type") == "string" and "enum" not in schema and not _in_format(schema)


_FORMATS = ("date-time", "date", "time", "email", "uri", "url", "uuid", "ipv4")
_NUMBERS = ("integer", "number")

OPERATORS = {
    "dropped": Operator(False, lambda schema: schema["isRequired"], (lambda _value, _schema: _GONE,)),
    "retyped": Operator(False, lambda schema: "type" in schema, (_retyped,)),
    "nulled": Operator(False, lambda schema: not schema.get("nullable"), (lambda _value, _schema: None,)),
    "outside-enum": Operator(
        False,
        lambda schema: "enum" in schema,
        (lambda value, _: value if value is None else "no-member" if isinstance(value, str) else 987_654,),
    ),
    "bad-format": Operator(False, _in_format, (_text(lambda value: f"no {value}"),)),
    "other-member": Operator(True, lambda schema: len(schema.get("enum", ())) > 1, (_other_member,)),
    "day-later": Operator(
        True, lambda schema: schema.get("format") in ("date-time", "date"), (_days_later(1), _days_later(-1))
    ),
    "altered": Operator(
        True,
        _is_free_text,
        (
            _text(lambda value: f"{value} altered"),
            _text(lambda value: f"{value}a"),
            _text(lambda value: value[:-1] + ("b" if value[-1] == "a" else "a")),
            _text(lambda value: value[:-1] + ("1" if value[-1] == "0" else "0")),
        ),
    ),
    "one-more": Operator(
        True, lambda schema: schema.get("type") in _NUMBERS and "enum" not in schema, (_number(1), _number(-1))
    ),
    "flipped": Operator(
        True,
        lambda schema: schema.get("type") == "boolean",
        (lambda value, _: not value if isinstance(value, bool) else value,),
    ),
    "first-lost": Operator(
        True,
        lambda schema: schema.get("type") == "array",
        (lambda value, _: value[1:] if isinstance(value, list) else value,),
    ),
}
_OF_RESPONSE: dict[str, Callable[[EmulatorResponse], EmulatorResponse]] = {
    _STATUS: lambda response: replace(response, status=_OTHER_STATUS[response.status]),
    _MEDIA_TYPE: lambda response: replace(response, media_type="text/html") if response.body is not None else response,
}
