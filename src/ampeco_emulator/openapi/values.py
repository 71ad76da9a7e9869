"""Values of a schema: generated samples, and stored values brought into the form of a schema."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain, count, islice
from typing import Any

from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.openapi.casting import cast, respelled
from ampeco_emulator.openapi.samples import TEXTS_BY_FORMAT, number_of, text_matching
from ampeco_emulator.openapi.schemas import SchemaBook, SchemaObject
from ampeco_emulator.openapi.texts import Subject, knows, text_of

# Gives the value of a field that refers to a record, or None.
SampleReference = Callable[[str, str], Any]

_ALTERNATIVES = ("oneOf", "anyOf")
_TIME_FORMATS = frozenset({"date-time", "date", "time"})
_DEPTH = 7
#: Where what requires itself ends; no value of such a schema is valid.
_DEEPEST = 30
_REPAIRS = 60


@dataclass(frozen=True, slots=True)
class _SchemaLayout:
    """What a schema says about the values that are brought into its form."""

    kind: str | None
    takes_null: bool
    choices: Sequence[Any]
    items: SchemaObject
    properties: Mapping[str, SchemaObject]
    #: Of each property that is shown: its name, the name under which it is stored, its schema, if it is required.
    fields: Sequence[tuple[str, str, SchemaObject, bool]]
    #: Properties that are required without being described.
    undescribed: Set[str]
    is_open: bool


class _LayoutsOfSchema:
    """What a schema says, by the keyword and the number of the alternative; each is read off it once."""

    def __init__(self, schema: SchemaObject, plain: SchemaObject) -> None:
        # Kept, so that no other schema gets its identity.
        self.schema = schema
        self.plain = plain
        self.has_alternatives = any(plain.get(key) for key in _ALTERNATIVES)
        self.by_choice: dict[tuple[str, int], _SchemaLayout] = {}


class Values:
    """Generates and shapes values for the schemas of one version."""

    def __init__(self, book: SchemaBook, now: Callable[[], datetime], reference: SampleReference) -> None:
        self._book = book
        self._now = now
        self._reference = reference
        # By identity; with the schema, so that no other one gets its identity.
        self._merged_schemas: dict[int, tuple[SchemaObject, SchemaObject]] = {}
        self._layouts: dict[int, _LayoutsOfSchema] = {}
        self._subject = Subject()
        # The fields for which samples were shown, with the resource types: strict mode names them.
        self.samples: set[tuple[str, str]] = set()

    @contextmanager
    def about(self, subject: Subject, moment: datetime | None = None) -> Iterator[None]:
        """Generate texts about a record, and times of another moment than the present."""
        before = self._subject, self._now
        self._subject, self._now = subject, self._now if moment is None else lambda: moment
        try:
            yield
        finally:
            self._subject, self._now = before

    def make(self, schema: SchemaObject, *, name: str = "", full: bool = False, depth: int = 0) -> Any:
        """Generate a valid value; `full` includes optional properties."""
        if depth > _DEPTH and (depth > _DEEPEST or self._is_valid(schema, None)):
            return None
        schema = self._plain(schema)
        kind = schema.get("type") or ("object" if "properties" in schema else "string")
        if "const" in schema:
            return schema["const"]
        if kind == "object":
            return self._make_object(schema, full, depth)
        if kind == "array":
            length = max(int(schema.get("minItems", 0)), 1 if full and depth < _DEPTH else 0)
            return [self.make(schema.get("items", {}), name=name, full=full, depth=depth + 1) for _ in range(length)]
        known = self._reference(name, kind)
        if known is not None:
            return known
        choices = [item for item in schema.get("enum", ()) if item is not None]
        if kind == "null" or schema.get("enum") == [None]:
            return None
        if choices:
            named = text_of(name, self._subject) if knows(name) else None
            return named if named in choices else choices[0]
        if schema.get("default") is not None:
            return schema["default"]
        if kind == "boolean":
            return name == "success"
        if kind in ("integer", "number"):
            return number_of(schema)
        return self._text(schema, name)

    def shape(self, schema: SchemaObject, source: Any, *, hidden: Set[str] = frozenset()) -> Any:
        """Bring a stored value into the form of a schema: unknown properties are omitted, required ones generated.

        `hidden` are the top-level properties to omit.
        """
        shaped = self._shaped(schema, source)
        if isinstance(shaped, dict):
            shaped = {key: value for key, value in shaped.items() if key not in hidden}
        return self._repaired(schema, shaped)

    def required(self, schema: SchemaObject) -> frozenset[str]:
        """The properties that an object schema requires in a request."""
        plain = self._plain(schema)
        properties = plain.get("properties", {})
        names = plain.get("required", ())
        return frozenset(name for name in names if not self._book.deref(properties.get(name, {})).get("readOnly"))

    def properties(self, schema: SchemaObject) -> Mapping[str, SchemaObject]:
        """The properties of an object schema, with combinators merged."""
        properties: Mapping[str, SchemaObject] = self._plain(schema).get("properties", {})
        return properties

    def names(self, schema: SchemaObject) -> frozenset[str]:
        """The names of the properties of an object schema, in every alternative."""
        plain = self._book.deref(schema)
        parts = [part for key in ("allOf", "oneOf", "anyOf") for part in plain.get(key, ())]
        return frozenset(plain.get("properties", {})).union(*map(self.names, parts))

    def _make_object(self, schema: SchemaObject, full: bool, depth: int) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        properties: Mapping[str, SchemaObject] = schema.get("properties", {})
        # A property can be required without being described: then any value is valid.
        made = {name: text_of(name, self._subject) for name in sorted(required - properties.keys())} | {
            name: self.make(definition, name=name, full=full, depth=depth + 1)
            for name, definition in properties.items()
            if name in required or (full and depth < _DEPTH and not self._is_left_out(definition))
        }
        others = ((name, properties[name]) for name in properties if name not in made)
        more = ((f"key{number}", schema.get("additionalProperties", {})) for number in count(1))
        for name, definition in islice(chain(others, more), max(0, int(schema.get("minProperties", 0)) - len(made))):
            made[name] = self.make(definition, name=name, depth=depth + 1)
        return made

    def _is_left_out(self, schema: SchemaObject) -> bool:
        plain = self._plain(schema)
        return bool(plain.get("deprecated") or plain.get("writeOnly"))

    def _plain(self, schema: SchemaObject) -> SchemaObject:
        """A schema of the specification with its combinators merged; of alternatives the first is used."""
        schema = self._book.deref(schema)
        known = self._merged_schemas.get(id(schema))
        if known is None:
            known = self._merged_schemas[id(schema)] = (schema, self._merged(schema))
        return known[1]

    def _merged(self, schema: SchemaObject) -> SchemaObject:
        parts = [*schema.get("allOf", ()), *(schema[key][0] for key in ("oneOf", "anyOf") if schema.get(key))]
        if not parts:
            return schema
        joined = {key: value for key, value in schema.items() if key not in ("allOf", "oneOf", "anyOf")}
        for part in map(self._plain, parts):
            known, others = joined.get("properties", {}), part.get("properties", {})
            properties = (
                known | others | {name: self._both(known[name], others[name]) for name in known if name in others}
            )
            items = [one["items"] for one in (joined, part) if "items" in one]
            required = [*joined.get("required", ()), *part.get("required", ())]
            joined |= part
            joined |= {"properties": properties, "required": required} if properties else {}
            joined |= {"items": self._both(*items)} if len(items) > 1 else {}
        return joined

    def _both(self, first: SchemaObject, second: SchemaObject) -> SchemaObject:
        """The schema of what two schemas describe."""
        return first if first == second else self._merged({"allOf": [first, second]})

    def _shaped(self, schema: SchemaObject, source: Any) -> Any:
        layout = self._layout_of(schema, source)
        if source is None and layout.takes_null:
            return None
        source = cast(source, layout.kind)
        if layout.kind == "array" and isinstance(source, dict) and "locale" in self.properties(layout.items):
            source = [{"locale": locale, "translation": text} for locale, text in source.items()]
        if layout.kind == "object" and isinstance(source, dict):
            return self._shaped_object(layout, source)
        if layout.kind == "array" and isinstance(source, list):
            return [self._shaped(layout.items, item) for item in source]
        return respelled(source, layout.choices)

    def _shaped_object(self, layout: "_SchemaLayout", source: Mapping[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, stored_name, definition, is_required in layout.fields:
            stored = name if name in source else stored_name
            if stored in source:
                result[name] = self._shaped(definition, source[stored])
            elif is_required:
                result[name] = None if self._plain(definition).get("nullable") else self._sample(definition, name)
        for name in layout.undescribed:
            result[name] = source[name] if name in source else text_of(name, self._subject)
        if layout.is_open:
            result |= {key: value for key, value in source.items() if key not in layout.properties}
        return result

    def _sample(self, definition: SchemaObject, name: str) -> Any:
        """A value of a field that must be shown and was never set."""
        self.samples.add((self._subject.kind, name))
        return self.make(definition, name=name)

    def _layout_of(self, schema: SchemaObject, source: Any) -> "_SchemaLayout":
        """What a schema says, with the alternative for the value if it has some."""
        known = self._layouts.get(id(schema))
        if known is None:
            known = self._layouts[id(schema)] = _LayoutsOfSchema(schema, self._book.deref(schema))
        key, number = self._chosen(known.plain, source) if known.has_alternatives else ("", 0)
        layout = known.by_choice.get((key, number))
        if layout is None:
            layout = known.by_choice[key, number] = self._read_layout(self._with(known.plain, key, number))
        return layout

    def _chosen(self, schema: SchemaObject, source: Any) -> tuple[str, int]:
        """The keyword and the number of the alternative that the value satisfies, or has most fields of; else none."""
        for key in _ALTERNATIVES:
            alternatives = schema.get(key) or ()
            for number, part in enumerate(alternatives):
                if self._is_valid(part, source):
                    return key, number
            if alternatives and isinstance(source, Mapping):
                shared = [len(self.names(part) & source.keys()) for part in alternatives]
                return key, shared.index(max(shared))
        return "", 0

    def _with(self, schema: SchemaObject, key: str, number: int) -> SchemaObject:
        """Like `_plain`, with this alternative."""
        if not key:
            return self._plain(schema)
        rest = {name: value for name, value in schema.items() if name != key}
        return self._merged({**rest, "allOf": [*schema.get("allOf", ()), schema[key][number]]})

    def _read_layout(self, schema: SchemaObject) -> "_SchemaLayout":
        properties: Mapping[str, SchemaObject] = schema.get("properties", {})
        required = set(schema.get("required", ()))
        fields = [
            (name, camel_case(name), definition, name in required)
            for name, definition in properties.items()
            if not self._book.deref(definition).get("writeOnly")
        ]
        return _SchemaLayout(
            kind=schema.get("type") or ("object" if "properties" in schema else None),
            takes_null=bool(schema.get("nullable") or not schema),
            choices=schema.get("enum") or (),
            items=schema.get("items", {}),
            properties=properties,
            fields=fields,
            undescribed=required - properties.keys(),
            is_open=bool(schema.get("additionalProperties") or not properties),
        )

    def _is_valid(self, schema: SchemaObject, value: Any) -> bool:
        return self._book.validator(schema, incoming=False).is_valid(value)

    def _repaired(self, schema: SchemaObject, value: Any) -> Any:
        """The value made valid: invalid parts are omitted, or generated where they are required."""
        validator = self._book.validator(schema, incoming=False)
        for _ in range(_REPAIRS):
            error = next(iter(validator.iter_errors(value)), None)
            if error is None:
                return value
            path = list(error.instance_path)
            if len(path) > _DEEPEST:
                return value
            if not path:
                return self._remade(schema, value)
            parent = value
            for token in path[:-1]:
                parent = parent[token]
            self._repair(schema, parent, path)
        return value

    def _remade(self, schema: SchemaObject, value: Any) -> Any:
        """A new value that keeps as much of an invalid one as is valid in it, such as its id."""
        made = self.make(schema)
        parts = [name for name in made if name in value] if isinstance(made, dict) and isinstance(value, dict) else []
        for name in parts:
            kept = {**made, name: value[name]}
            made = kept if self._is_valid(schema, kept) else made
        return made

    def _repair(self, schema: SchemaObject, parent: Any, path: list[Any]) -> None:
        definition, is_required = self._definition(schema, path)
        if isinstance(parent, dict) and not is_required:
            del parent[path[-1]]
        elif definition is not None:
            name = next((token for token in reversed(path) if isinstance(token, str)), "")
            parent[path[-1]] = None if self._plain(definition).get("nullable") else self.make(definition, name=name)
        elif isinstance(parent, list):
            del parent[path[-1]]

    def _definition(self, schema: SchemaObject, path: list[Any]) -> tuple[SchemaObject | None, bool]:
        """The schema of a place in a value, and whether the place is required."""
        is_required = False
        for token in path:
            plain = self._plain(schema)
            if isinstance(token, int):
                schema, is_required = plain.get("items", {}), True
            else:
                is_required = token in plain.get("required", ())
                schema = plain.get("properties", {}).get(token, {})
        return (schema or None), is_required

    def _text(self, schema: SchemaObject, name: str) -> str:
        if pattern := schema.get("pattern"):
            return text_matching(
                str(pattern), schema.get("minLength", 0), schema.get("maxLength"), text_of(name, self._subject)
            )
        # Security events have timestamps without a format.
        form = str(schema.get("format", "date-time" if name == "timestamp" else ""))
        text = self._point_in_time(form, name) if form in _TIME_FORMATS else self._said(form, name)
        longest = schema.get("maxLength")
        return text.ljust(int(schema.get("minLength", 0)), "x")[: longest if longest is not None else None]

    def _said(self, form: str, name: str) -> str:
        sample = TEXTS_BY_FORMAT.get(form)
        return sample(self._subject) if sample is not None else text_of(name, self._subject)

    def _point_in_time(self, form: str, name: str) -> str:
        """The current time; two hours later when the name refers to an end."""
        is_end = bool(re.search("end|stop|until|expire|finish", name, re.IGNORECASE))
        moment = self._now() + timedelta(hours=2 if is_end else 0)
        if form == "date-time":
            return format_timestamp(moment)
        return moment.date().isoformat() if form == "date" else "18:00:00Z" if is_end else "08:00:00Z"


# Bounded: callers choose the names of the fields that they send.
@lru_cache(maxsize=4096)
def camel_case(name: str) -> str:
    """The stored name of a field that older versions write with underscores."""
    return re.sub(r"_([a-z0-9])", lambda match: match.group(1).upper(), name)
