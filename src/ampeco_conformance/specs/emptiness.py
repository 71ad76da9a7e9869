"""Schemas that no value satisfies: each such schema is a defect of its document, for which no target is to blame.

Only what is certain is said: a schema that takes null or values of several types is left alone, and so is what a
keyword other than those read here forbids. Values are those of answers: what is `writeOnly` is not required.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.specs.walking import resolve

_BOUNDS = (
    ("minimum", "maximum", {"integer", "number"}),
    ("minLength", "maxLength", {"string"}),
    ("minItems", "maxItems", {"array"}),
    ("minProperties", "maxProperties", {"object"}),
)
"""Keywords that exclude each other, and the types of the values that they are about."""
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": (int, float),
    "number": (int, float),
    "array": list,
    "object": dict,
}


@dataclass(frozen=True, slots=True)
class EmptySchema:
    """The schema that forbids every value, and why."""

    schema: dict[str, Any]
    reason: str


class Emptiness:
    """Finds, in one document, the schemas that no value satisfies."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._satisfiable: set[int] = set()

    def of(self, schema: dict[str, Any]) -> EmptySchema | None:
        """What forbids every value of a schema: itself, or a schema that it requires; None when nothing does."""
        return self._of([schema], ())

    def is_empty_itself(self, schema: dict[str, Any]) -> bool:
        """Whether what forbids every value of a schema is in the schema itself, not in one that it requires."""
        found = self.of(schema)
        return found is not None and found.schema is resolve(self._document, schema)

    def _of(self, schemas: Iterable[Any], above: tuple[frozenset[int], ...]) -> EmptySchema | None:
        parts = [part for schema in schemas for part in self._parts(schema)]
        key = frozenset(map(id, parts))
        if not parts or (len(parts) == 1 and key <= self._satisfiable) or any(_takes_null(part) for part in parts):
            return None
        if key in above:
            return EmptySchema(parts[0], "it requires itself without end")
        if reason := _contradiction(parts):
            return EmptySchema(parts[0], reason)
        found = self._in_fields(parts, (*above, key)) or self._in_alternatives(parts, (*above, key))
        if found is None and len(parts) == 1:
            self._satisfiable |= key
        return found

    def _parts(self, schema: Any) -> Iterator[dict[str, Any]]:
        """A schema and what its `allOf` adds, references resolved."""
        if not isinstance(schema, dict):
            return
        schema = resolve(self._document, schema)
        yield schema
        for part in schema.get("allOf", ()):
            yield from self._parts(part)

    def _in_fields(self, parts: list[dict[str, Any]], above: tuple[frozenset[int], ...]) -> EmptySchema | None:
        if _types(parts) != {"object"}:
            items = [part["items"] for part in parts if "items" in part]
            is_filled = _types(parts) == {"array"} and any(part.get("minItems", 0) > 0 for part in parts)
            return self._of(items, above) if is_filled else None
        for name in dict.fromkeys(name for part in parts for name in part.get("required", ())):
            fields = [part["properties"][name] for part in parts if name in part.get("properties", {})]
            if any(resolve(self._document, field).get("writeOnly") for field in fields if isinstance(field, dict)):
                continue
            if any(_is_closed(part) and name not in part.get("properties", {}) for part in parts):
                reason = f"{name} is required, and `additionalProperties: false` beside it forbids it"
                return EmptySchema(parts[0], reason)
            if found := self._of(fields, above):
                return found
        return None

    def _in_alternatives(self, parts: list[dict[str, Any]], above: tuple[frozenset[int], ...]) -> EmptySchema | None:
        for alternatives in (part[key] for part in parts for key in ("anyOf", "oneOf") if part.get(key)):
            found = [self._of([alternative], above) for alternative in alternatives]
            if all(found):
                return found[0]
        return None


def _takes_null(schema: dict[str, Any]) -> bool:
    return schema.get("nullable") is True or "null" in _listed(schema.get("type"))


def _listed(kind: Any) -> list[Any]:
    return kind if isinstance(kind, list) else [] if kind is None else [kind]


def _types(parts: list[dict[str, Any]]) -> set[str]:
    """The types that all parts allow; empty when they exclude each other, all types when none is named."""
    found = set(_TYPES)
    for part in parts:
        if named := _TYPES.keys() & _listed(part.get("type")):
            found &= named | ({"integer"} if "number" in named else set())
    return found


def _is_closed(schema: dict[str, Any]) -> bool:
    return schema.get("additionalProperties") is False and not schema.get("patternProperties")


def _contradiction(parts: list[dict[str, Any]]) -> str:
    """What excludes itself in the keywords of one schema; empty when nothing does."""
    types = _types(parts)
    if not types:
        return "the types of its parts exclude each other"
    for least, most, bounded in _BOUNDS:
        lower = max((part[least] for part in parts if least in part), default=None)
        upper = min((part[most] for part in parts if most in part), default=None)
        if lower is not None and upper is not None and lower > upper and types <= bounded:
            return f"{least} {lower} is above {most} {upper}"
    enums = [part["enum"] for part in parts if "enum" in part]
    python_types = tuple(kind for name in types for kind in _flat(_TYPES[name]))
    if enums and not any(
        isinstance(value, python_types) and all(value in other for other in enums) for value in enums[0]
    ):
        return "no value of its enum is of its type and in the enums beside it"
    return ""


def _flat(kind: type | tuple[type, ...]) -> tuple[type, ...]:
    return kind if isinstance(kind, tuple) else (kind,)
