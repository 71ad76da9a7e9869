"""One valid, realistic value for a schema: the body of a request that should succeed.

Random data is rejected by most APIs; for a successful request the suite sends plain values (a well-formed e-mail
address, an end after its start) and takes every foreign key from the resource pool.
"""

import itertools
import re
import string
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from ampeco_conformance.contract.schemas import Schemas
from ampeco_conformance.core.addresses import with_reserved_addresses
from ampeco_conformance.core.moments import Now, real_now
from ampeco_conformance.specs.patterns import matcher

# Returns an id for a field that refers to a resource, by field name and schema; None when there is none.
ReferenceId = Callable[[str, Mapping[str, Any]], Any]

_LATER = ("end", "stop", "until", "expire", "to", "finish")
_MAXIMUM_DEPTH = 8
#: Formats as vendors' documents misspell them.
_MISSPELT = {"datetime": "date-time", "datatime": "date-time"}
#: In place of a value that there is none for.
ABSENT = object()
#: A key of a map: those of the API are by language.
MAP_KEY = "en"


class Sampler:
    """Creates values for the request schemas of one specification; the numbers in names never repeat.

    `owned` replaces or leaves out what refers to things of others, where that is not permitted. Moments are
    after `now`, the time of the target.
    """

    def __init__(
        self,
        schemas: Schemas,
        reference: ReferenceId,
        *,
        prefix: str = "conform",
        owned: Callable[[Any, str], Any] = lambda value, _: value,
        now: Now = real_now,
    ) -> None:
        self._now = now
        self._schemas = schemas
        self._owned = owned
        self._reference = reference
        self._prefix = prefix
        self._numbers = itertools.count(1)

    def sample(self, schema: Mapping[str, Any], *, complete: bool, variant: int = 0, name: str = "") -> Any:
        """A value for a schema. `complete` fills optional properties too; `variant` picks among oneOf/anyOf.

        Optional properties that refer to an unknown resource are omitted.
        """
        value = self._value(schema, name, complete, variant, depth=0)
        value = self.permitted(value, name)
        return None if value is ABSENT else value

    def permitted(self, value: Any, name: str) -> Any:
        """The value for a field, without addresses of others and, at own-data, references to what others have.

        ABSENT when nothing else is in it.
        """
        return value if value is ABSENT else self._owned(with_reserved_addresses(value, name=name), name)

    def _value(self, schema: Mapping[str, Any], name: str, complete: bool, variant: int, depth: int) -> Any:
        schema = self.flattened(schema, variant)
        kind = type_of(schema)
        if kind not in ("object", "array"):
            known = self._reference(name, schema)
            if known is not None:
                return known
        if "const" in schema:
            return schema["const"]
        if enum := [item for item in schema.get("enum", ()) if item is not None]:
            return enum[variant % len(enum)] if depth == 0 else enum[0]
        if schema.get("default") is not None and kind not in ("object", "array"):
            return schema["default"]
        if kind == "object":
            return self._object(schema, complete, variant, depth)
        if kind == "array":
            return self._array(schema, name, complete, variant, depth)
        return self._scalar(kind, schema, name, variant)

    def flattened(self, schema: Mapping[str, Any], variant: int = 0) -> Mapping[str, Any]:
        """The schema without combinators: all of allOf, one of oneOf and anyOf, with properties merged."""
        schema, _ = self._schemas.resolve(schema, "")
        alternatives = [schema[keyword] for keyword in ("oneOf", "anyOf") if schema.get(keyword)]
        chosen = [(part, variant) for part in schema.get("allOf", ())]
        # Each of the alternatives has its own ones inside.
        chosen += [(options[variant % len(options)], variant // len(options)) for options in alternatives]
        if not chosen:
            return schema
        merged = {key: value for key, value in schema.items() if key not in ("allOf", "oneOf", "anyOf")}
        for part, inner in chosen:
            flat = self.flattened(part, inner)
            properties = {**merged.get("properties", {}), **flat.get("properties", {})}
            required = [*merged.get("required", ()), *flat.get("required", ())]
            merged = {**merged, **flat}
            if properties:
                merged |= {"properties": properties, "required": required}
        return merged

    def _object(self, schema: Mapping[str, Any], complete: bool, variant: int, depth: int) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        value: dict[str, Any] = {}
        if complete and is_map(schema):
            value[MAP_KEY] = self._value(schema["additionalProperties"], "", complete, variant, depth + 1)
        for name, definition in schema.get("properties", {}).items():
            resolved, _ = self._schemas.resolve(definition, "")
            wanted = name in required or (complete and depth < _MAXIMUM_DEPTH and not resolved.get("deprecated"))
            if not wanted or resolved.get("readOnly"):
                continue
            if name not in required and self._is_unknown_reference(name, resolved):
                continue
            item = self._value(definition, name, complete, variant, depth + 1)
            if item is ABSENT:
                continue
            value[name] = item
        return value

    def _is_unknown_reference(self, name: str, schema: Mapping[str, Any]) -> bool:
        """Whether the id in an optional field would be invented, which the target would reject."""
        is_id = name.endswith(("Id", "Ids", "ID")) and name != "externalId"
        if not is_id or type_of(schema) not in ("integer", "number", "array"):
            return False
        items, _ = self._schemas.resolve(schema.get("items", schema), "")
        return self._reference(name, items) is None

    def _array(self, schema: Mapping[str, Any], name: str, complete: bool, variant: int, depth: int) -> list[Any]:
        if depth >= _MAXIMUM_DEPTH:
            return []
        items = schema.get("items", {})
        count = max(schema.get("minItems", 1), 1)
        values = [self._value(items, name, complete, variant, depth + 1) for _ in range(count)]
        return [value for value in values if value is not ABSENT]

    def _scalar(self, kind: str, schema: Mapping[str, Any], name: str, variant: int) -> Any:
        if kind == "boolean":
            return False
        if kind in ("integer", "number"):
            return _number(kind, schema)
        return self._string(schema, name, variant)

    def _string(self, schema: Mapping[str, Any], name: str, variant: int) -> str:
        if pattern := schema.get("pattern"):
            return matching(pattern)
        number = next(self._numbers)
        later = any(word in name.lower() for word in _LATER)
        moment = self._now().replace(microsecond=0) + timedelta(days=2 if later else 1)
        text = {
            "date-time": moment.isoformat().replace("+00:00", "Z"),
            "date": moment.date().isoformat(),
            # Vendors write a time of day as 08:00; RFC 3339, which defines the format, requires seconds and a zone.
            "time": ("18:00" if later else "08:00") + (":00Z" if variant % 2 else ""),
            "email": f"{self._prefix}-{number}@example.com",
            "uri": f"https://example.com/{self._prefix}/{number}",
            "url": f"https://example.com/{self._prefix}/{number}",
            "uuid": f"00000000-0000-4000-8000-{number:012d}",
            "ipv4": "192.0.2.1",
            "hostname": "example.com",
            "byte": "Y29uZm9ybQ==",
        }.get(format_of(schema), f"{self._prefix}-{number}")
        if "email" in name.lower() and "format" not in schema:
            text = f"{self._prefix}-{number}@example.com"
        return _fitted(text, schema.get("minLength", 0), schema.get("maxLength"))


_SIMPLE_TEXTS = ("0", "1", "a", "b", "A", "12", "ab", "AB", "A1", "B2", "1234", "abcd")


@cache
def matching(pattern: str, *, other_than: str | None = None) -> str:
    """The simplest string that matches a regular expression, other than the given one; "0" when none is found."""
    quick = settings(
        database=None,
        max_examples=200,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    matches = matcher(pattern) or (lambda _: True)

    def fits(text: str) -> bool:
        return text != other_than and matches(text)

    try:
        alphabet = st.characters(codec="ascii", categories=("L", "N", "P"))
        return find(st.from_regex(pattern, fullmatch=True, alphabet=alphabet), fits, settings=quick)
    except (HypothesisException, re.error):  # too hard to find, or not in Python's dialect
        return next(filter(fits, _SIMPLE_TEXTS), "0")


def is_map(schema: Mapping[str, Any]) -> bool:
    """Whether the values of a schema are objects with any keys."""
    return not schema.get("properties") and isinstance(schema.get("additionalProperties"), dict)


def format_of(schema: Mapping[str, Any]) -> str:
    """The format of a schema, by its usual name; empty without one."""
    name = str(schema.get("format", ""))
    return _MISSPELT.get(name, name)


def type_of(schema: Mapping[str, Any]) -> str:
    """The JSON type of the values of a schema without combinators, besides null."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((item for item in kind if item != "null"), "null")
    if kind is None:
        kind = "object" if "properties" in schema else "array" if "items" in schema else "string"
    return str(kind)


def _number(kind: str, schema: Mapping[str, Any]) -> int | float:
    low, high = schema.get("minimum"), schema.get("maximum")
    if schema.get("exclusiveMinimum") is True and low is not None:
        low += 1 if kind == "integer" else 0.01
    value = 1 if low is None else max(low, 1)
    if high is not None:
        value = min(value, high)
    return int(value) if kind == "integer" else value


def _fitted(text: str, shortest: int, longest: int | None) -> str:
    if longest is not None and len(text) > longest:
        # The number at the end makes the value unique.
        text = text[-longest:].lstrip("-") if longest > 3 else string.ascii_uppercase[:longest]
    return text.ljust(shortest, "0")
