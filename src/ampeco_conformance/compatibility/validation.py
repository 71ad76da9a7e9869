"""JSON Schema validators for the schemas of a contract, from jsonschema-rs: the final check of every witness."""

from enum import IntEnum

import jsonschema_rs

from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.contracts import Json, Schema
from ampeco_conformance.contract.json_schema import COMBINATORS, SCHEMA_MAPS, SINGLE_SCHEMAS

_OPEN_PARTS = ("not", "if", "then", "else", "contains", "propertyNames", "contentSchema")


class Reading(IntEnum):
    """How a schema without additionalProperties treats fields that it does not name."""

    OPEN = 0
    """They are allowed, as in JSON Schema."""
    DOCUMENTED = 1
    """They are not allowed where the schema names any field."""
    EXACT = 2
    """They are not allowed, even where the schema names no fields."""


class Validation:
    """Validators of one contract in one direction.

    How a schema is read (`reading`) decides on fields that it does not name.
    """

    def __init__(self, canonical: Canonical) -> None:
        self._canonical = canonical
        self._validators: dict[tuple[int, Reading], jsonschema_rs.Draft202012Validator | None] = {}

    def accepts(self, schema: Json, value: Json, *, reading: Reading) -> bool:
        """Whether the schema accepts the value; no when the schema itself is broken."""
        validator = self._validator(schema, reading)
        return validator is not None and validator.is_valid(value)

    def errors(self, schema: Json, value: Json, *, reading: Reading) -> list[jsonschema_rs.ValidationError]:
        """Why the schema refuses the value; none when the schema itself is broken."""
        validator = self._validator(schema, reading)
        return [] if validator is None else list(validator.iter_errors(value))

    def json_schema(self, schema: Json, *, reading: Reading) -> Schema:
        """The schema as a complete JSON Schema 2020-12 document."""
        definitions: dict[str, Schema] = {}
        root = self._inline(schema, reading, definitions)
        return {**root, "$defs": definitions} if definitions else root

    def _validator(self, schema: Json, reading: Reading) -> jsonschema_rs.Draft202012Validator | None:
        key = id(schema), reading
        if key not in self._validators:
            try:
                complete = self.json_schema(schema, reading=reading)
                self._validators[key] = jsonschema_rs.Draft202012Validator(complete, validate_formats=True)
            except (ValueError, jsonschema_rs.ReferencingError):
                self._validators[key] = None
        return self._validators[key]

    def _part(self, schema: Json, reading: Reading, definitions: dict[str, Schema]) -> Json:
        """A schema as a child of another: references are kept, so that cycles end."""
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if self._canonical.is_made(schema):
            reference = f"made {id(schema)}"
        if reference is None:
            return self._inline(schema, reading, definitions)
        name = f"{reference} {reading.name}".replace("/", ".").replace("#", "").replace("~", "-").replace("%", "-")
        if len(schema) > 1:
            # What stands beside a reference belongs to it.
            name += f" {id(schema)}"
        name = name.replace(" ", "_")
        if name not in definitions:
            definitions[name] = {}
            definitions[name] = self._inline(schema, reading, definitions)
        return {"$ref": f"#/$defs/{name}"}

    def _inline(self, schema: Json, reading: Reading, definitions: dict[str, Schema]) -> Schema:
        node = self._canonical.node(schema)
        made = {key: value for key, value in node.items() if not key.startswith("x-")}
        for keyword in SCHEMA_MAPS:
            if keyword in node:
                inner = Reading.OPEN if keyword == "dependentSchemas" else reading
                made[keyword] = {name: self._part(child, inner, definitions) for name, child in node[keyword].items()}
        for keyword in COMBINATORS:
            if keyword in node:
                made[keyword] = [self._member(child, reading, definitions) for child in node[keyword]]
        if "prefixItems" in node:
            made["prefixItems"] = [self._part(child, reading, definitions) for child in node["prefixItems"]]
        for keyword in SINGLE_SCHEMAS:
            if isinstance(node.get(keyword), dict):
                inner = Reading.OPEN if keyword in _OPEN_PARTS else reading
                made[keyword] = self._part(node[keyword], inner, definitions)
        if self._is_closed(node, reading) and not {"additionalProperties", "unevaluatedProperties"} & node.keys():
            made["unevaluatedProperties"] = False
        return made

    def _member(self, schema: Json, reading: Reading, definitions: dict[str, Schema]) -> Json:
        """A variant: it is not closed itself, or it would refuse the fields that stand beside it; its fields are."""
        if reading is Reading.OPEN:
            return self._part(schema, reading, definitions)
        node = self._inline(schema, reading, definitions) if not self._is_reference(schema) else None
        if node is None:
            reference = (
                f"{schema['$ref']}_member_{reading.name}".replace("/", ".")
                .replace("#", "")
                .replace("~", "-")
                .replace("%", "-")
            )
            if reference not in definitions:
                definitions[reference] = {}
                definitions[reference] = self._opened(schema, self._inline(schema, reading, definitions))
            return {"$ref": f"#/$defs/{reference}"}
        return self._opened(schema, node)

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
