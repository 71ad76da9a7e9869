"""JSON Schema validators for the schemas of a contract, from jsonschema-rs: the final check of every witness."""

from collections.abc import Hashable, Iterable, Iterator
from enum import IntEnum

import jsonschema_rs

from ampeco_conformance.compatibility.canonical import Canonical, holds
from ampeco_conformance.compatibility.contracts import UNKNOWN, Json, Schema
from ampeco_conformance.compatibility.keywords import INTEGER_RANGES, is_of, kind_of
from ampeco_conformance.contract.json_schema import COMBINATORS, SCHEMA_MAPS, SINGLE_SCHEMAS

KnownValues = list[Json] | None
ValueShape = Hashable

NOT_UNDERSTOOD = (UNKNOWN, "x-invalid")
"""Keywords of nodes, without a meaning to validators, which say that not all is understood."""

_IN_PLACE = {"not", "if", "then", "else", "contentSchema"}
"""Keywords whose schema applies to the value itself."""
_OF_ITEMS = {"items", "contains", "unevaluatedItems"}
LONGEST_REPEATED = 100_000
"""Characters of a text in a value that the errors about it repeat."""
_MOST_DEFINITIONS = 200
"""Schemas that a complete one may refer to; with more, it has more than 10 kB, and nothing works on it in time."""
_MOST_VALIDATORS = 100
"""Validators that are kept; most are asked about one value, some about thousands."""
_MASK = "a value with a long text"
_PLAIN = {"type", "enum"}
"""Keywords that need no validator to be judged by."""
_REFERRING = {"$ref", *COMBINATORS}
"""Keywords by which a node takes in what its schema refers to, perhaps itself."""
_OPEN_PARTS = ("not", "if", "then", "else", "contains", "propertyNames", "contentSchema")


class Reading(IntEnum):
    """How a schema without additionalProperties treats fields that it does not name."""

    OPEN = 0
    """They are allowed, as in JSON Schema."""
    DOCUMENTED = 1
    """They are not allowed where the schema names any field."""
    EXACT = 2
    """They are not allowed, even where the schema names no fields."""


class SchemaTooLarge(ValueError):
    """A complete JSON Schema refers to too many others."""


class Validation:
    """Validators of one contract in one direction.

    How a schema is read (`reading`) decides on fields that it does not name. A validator has only the parts of a schema
    that apply to values of one shape, so that it stays as small as the value, however much the schema refers to.
    """

    def __init__(self, canonical: Canonical) -> None:
        self._canonical = canonical
        self._validators: dict[
            tuple[int, Reading, str | None, ValueShape], tuple[Json, jsonschema_rs.Draft202012Validator | None]
        ] = {}
        self._numbers: dict[int, tuple[int, Json]] = {}

    def accepts(self, schema: Json, value: Json, *, reading: Reading) -> bool:
        """Whether the schema accepts the value; no when the schema itself is broken."""
        return self._verdict(schema, value, reading) is True

    def refuses(self, schema: Json, value: Json, *, reading: Reading) -> bool:
        """Whether the schema refuses the value; no when the schema itself is broken."""
        return self._verdict(schema, value, reading) is False

    def _verdict(self, schema: Json, value: Json, reading: Reading) -> bool | None:
        if self._plainly_refuses(schema, value):
            return False
        if not isinstance(value, dict) and self._canonical.node(schema).keys() <= _PLAIN:
            return True
        validator = self._validator(schema, value, reading)
        return None if validator is None else validator.is_valid(value)

    def errors(self, schema: Json, value: Json, *, reading: Reading) -> Iterator[jsonschema_rs.ValidationError]:
        """Why the schema refuses the value; none when the schema itself is broken. A very long text is not repeated."""
        mask = _MASK if longest_text(value) > LONGEST_REPEATED else None
        validator = self._validator(schema, value, reading, mask)
        return iter(()) if validator is None else iter(validator.iter_errors(value))

    def json_schema(self, schema: Json, *, reading: Reading) -> Schema:
        """The schema as a complete JSON Schema 2020-12 document. Raises SchemaTooLarge."""
        definitions: dict[str, Schema] = {}
        root = self._inline(schema, reading, definitions)
        return {**root, "$defs": definitions} if definitions else root

    def _plainly_refuses(self, schema: Json, value: Json, *, whatever_it_says: bool = False) -> bool:
        """Whether a type, a required field or a list of values refuses a value, so that it needs no validator.

        `whatever_it_says`: whether any other value of its shape is refused too; lists of values do not count.
        """
        node = self._canonical.node(schema)
        if "type" in node and not is_of(value, node["type"]):
            return True
        if "enum" in node and not whatever_it_says and not holds(node["enum"], value):
            return True
        if isinstance(value, list):
            items = node.get("items", True)
            inner = [] if "prefixItems" in node else [(items, item) for item in value]
        elif isinstance(value, dict):
            if any(name not in value for name in node.get("required", ())):
                return True
            fields = node.get("properties", {})
            inner = [(fields[name], part) for name, part in value.items() if name in fields]
        else:
            return False
        return any(self._plainly_refuses(part, item, whatever_it_says=whatever_it_says) for part, item in inner)

    def _validator(
        self, schema: Json, value: Json, reading: Reading, mask: str | None = None
    ) -> jsonschema_rs.Draft202012Validator | None:
        """The validator for values of this shape; its errors show a mask in place of the value when there is one."""
        key = id(schema), reading, mask, _shape(value)
        if key not in self._validators:
            try:
                needed = self._inline(schema, reading, {}, [value])
                made = jsonschema_rs.Draft202012Validator(needed, validate_formats=True, mask=mask)
            except (ValueError, RecursionError, jsonschema_rs.ReferencingError):
                made = None
            self._validators[key] = schema, made
            if len(self._validators) > _MOST_VALIDATORS:
                del self._validators[next(iter(self._validators))]
        return self._validators[key][1]

    def _part(self, schema: Json, reading: Reading, definitions: dict[str, Schema], values: KnownValues) -> Json:
        """A schema as a child of another: without values, references are kept, so that cycles end."""
        if values is not None:
            return self._inline(schema, reading, definitions, values) if values else True
        if not isinstance(schema, dict) or not schema.keys() & _REFERRING:
            return self._inline(schema, reading, definitions)
        # What stands beside a reference belongs to it.
        known = schema["$ref"] if self._is_reference(schema) else f"part {self._number(schema)}"
        name = _definition_name(f"{known} {reading.name}")
        if name not in definitions:
            if len(definitions) >= _MOST_DEFINITIONS:
                raise SchemaTooLarge
            definitions[name] = {}
            definitions[name] = self._inline(schema, reading, definitions)
        return {"$ref": f"#/$defs/{name}"}

    def _inline(
        self, schema: Json, reading: Reading, definitions: dict[str, Schema], values: KnownValues = None
    ) -> Schema:
        """The schema as JSON Schema; with `values`, what applies to one of them only."""
        node = self._canonical.node(schema)
        made = {key: value for key, value in node.items() if not key.startswith("x-") or key in NOT_UNDERSTOOD}
        for keyword, value in node.items():
            if keyword in SCHEMA_MAPS:
                inner = Reading.OPEN if keyword == "dependentSchemas" else reading
                made[keyword] = {
                    name: self._part(value[name], inner, definitions, _reached(values, keyword, name))
                    for name in _applying(value, keyword, values)
                }
            elif keyword in COMBINATORS:
                made[keyword] = [self._member(child, keyword, reading, definitions, values) for child in value]
            elif keyword == "prefixItems":
                items = _reached(values, "items")
                made[keyword] = [self._part(child, reading, definitions, items) for child in value]
            elif keyword in SINGLE_SCHEMAS and isinstance(value, dict):
                inner = Reading.OPEN if keyword in _OPEN_PARTS else reading
                made[keyword] = self._part(value, inner, definitions, _reached(values, keyword))
        if node.get("format") in INTEGER_RANGES and set(node.get("type", ())) & {"integer", "number"}:
            low, high = INTEGER_RANGES[node["format"]]
            made["allOf"] = [*made.get("allOf", ()), {"minimum": low, "maximum": high}]
        if self._is_closed(node, reading) and not {"additionalProperties", "unevaluatedProperties"} & node.keys():
            made["unevaluatedProperties"] = False
            made["properties"] = {**{name: {} for name in node.get("required", ())}, **made.get("properties", {})}
        return made

    def _member(
        self, schema: Json, keyword: str, reading: Reading, definitions: dict[str, Schema], values: KnownValues
    ) -> Json:
        """A variant: it is not closed itself, or it would refuse the fields that stand beside it; its fields are."""
        if (
            keyword != "allOf"
            and values
            and all(self._plainly_refuses(schema, value, whatever_it_says=True) for value in values)
        ):
            return False
        if reading is Reading.OPEN:
            return self._part(schema, reading, definitions, values)
        if values is not None or not self._is_reference(schema):
            return self._opened(schema, self._inline(schema, reading, definitions, values))
        name = _definition_name(f"{schema['$ref']} member {reading.name}")
        if name not in definitions:
            definitions[name] = {}
            definitions[name] = self._opened(schema, self._inline(schema, reading, definitions))
        return {"$ref": f"#/$defs/{name}"}

    def _number(self, schema: Json) -> int:
        """Names a schema of the document, or one that stands for two of it, from run to run."""
        return self._numbers.setdefault(id(schema), (len(self._numbers), schema))[0]

    def _opened(self, schema: Json, made: Schema) -> Schema:
        own = self._canonical.node(schema)
        return (
            made if "unevaluatedProperties" in own else {k: v for k, v in made.items() if k != "unevaluatedProperties"}
        )

    @staticmethod
    def _is_reference(schema: Json) -> bool:
        return isinstance(schema, dict) and set(schema) == {"$ref"}

    def _is_closed(self, node: Schema, reading: Reading) -> bool:
        if reading is Reading.EXACT and node.get("type") in (["object"], ["null", "object"]):
            return True
        return reading is not Reading.OPEN and self._names_fields(node)

    def _names_fields(self, node: Schema) -> bool:
        if node.get("properties"):
            return True
        members = (member for union in ("anyOf", "oneOf", "allOf") for member in node.get(union, ()))
        return any(self._canonical.node(member).get("properties") for member in members)


def _applying(children: Iterable[str], keyword: str, values: KnownValues) -> Iterable[str]:
    """The names under a keyword whose schemas may apply to the values; of many properties, a value has a few."""
    if values is None or keyword != "properties":
        return children
    present = {name for value in values if isinstance(value, dict) for name in value}
    return [name for name in children if name in present]


def _reached(values: KnownValues, keyword: str, name: str = "") -> KnownValues:
    """The parts of the values to which the schema under a keyword (and name) applies."""
    if values is None or keyword in _IN_PLACE:
        return values
    if keyword == "dependentSchemas":
        return [value for value in values if isinstance(value, dict) and name in value]
    if keyword == "properties":
        return [value[name] for value in values if isinstance(value, dict) and name in value]
    if keyword == "propertyNames":
        return [key for value in values if isinstance(value, dict) for key in value]
    if keyword in _OF_ITEMS:
        return [item for value in values if isinstance(value, list) for item in value]
    return [item for value in values if isinstance(value, dict) for item in value.values()]


def longest_text(value: Json) -> int:
    """The characters of the longest text in a value."""
    if isinstance(value, str):
        return len(value)
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max(map(longest_text, parts), default=0)


def _shape(value: Json) -> ValueShape:
    """The names, the nesting and the types of a value, which decide on the parts of a schema that apply to it."""
    if isinstance(value, dict):
        return tuple(sorted((name, _shape(child)) for name, child in value.items()))
    if isinstance(value, list):
        return frozenset(map(_shape, value))
    return kind_of(value)


def _definition_name(text: str) -> str:
    return text.replace("/", ".").replace("#", "").replace("~", "-").replace("%", "-").replace(" ", "_")
