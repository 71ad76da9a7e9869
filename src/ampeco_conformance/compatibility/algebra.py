"""A second engine: containment of schemas as jsonschema-rs decides it, for what our own proofs leave open.

It is experimental there. So a yes counts only where no search has found a witness, and a no only proposes values, which
the validators of both contracts have to confirm.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import jsonschema_rs
import orjson

from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.contracts import ContractDocument, Json
from ampeco_conformance.compatibility.instances import Instances, around
from ampeco_conformance.compatibility.texts import Unbuildable
from ampeco_conformance.compatibility.validation import NOT_UNDERSTOOD, Reading, Validation
from ampeco_conformance.contract.json_schema import Direction

_LARGEST = 10_000
"""Bytes of a schema that is given to the engine."""

_HEAVIEST = 20_000
"""Bytes of a schema times the variants of its unions; time and memory of the engine grow with the power of these."""

_MOST_SCHEMAS = 100
"""Schemas of one contract in one direction that are given to the engine."""

_BEYOND = (*NOT_UNDERSTOOD, "contentSchema", "contentEncoding", "contentMediaType")
"""Keywords that say something to us and nothing to the engine."""

_REFERENCE = re.compile(r'"#/\$defs/([^"]+)"')
_OPTIONS: dict[str, Any] = {"draft": jsonschema_rs.Draft202012, "validate_formats": True}
_ENGINE_ERRORS = (ValueError, RecursionError, OverflowError, jsonschema_rs.ReferencingError)


class SchemaAlgebra:
    """Whether what contract `giver` allows is allowed by contract `taker`, in one direction."""

    def __init__(self, giver: Validation, taker: Validation) -> None:
        self._sides = (giver, Reading.DOCUMENTED), (taker, Reading.OPEN)
        self._canonical: dict[tuple[int, Reading], tuple[Json, Any]] = {}

    def contains(self, given: Json, taken: Json, only: Json = None) -> bool | None:
        """Whether the taker's schema allows all that the giver's allows; None when the engine does not decide it.

        With `only`, a complete JSON Schema, as far as values of that are concerned.
        """
        one, other = self._both(given, taken)
        if one is None or other is None:
            return None
        try:
            if only is not None:
                one = one.intersect(jsonschema_rs.canonicalize(only, **_OPTIONS))
            return _ANSWERS[str(other.covers(one))]
        except _ENGINE_ERRORS:
            return None

    def difference(self, given: Json, taken: Json) -> Json:
        """A complete JSON Schema of what only the giver's schema allows; None when the engine has none."""
        one, other = self._both(given, taken)
        if one is None or other is None:
            return None
        try:
            return one.subtract(other).to_json_schema()
        except _ENGINE_ERRORS:
            return None

    def counterexamples(self, given: Json, taken: Json) -> Iterator[Json]:
        """Values that only the giver's schema should allow; each is a proposal."""
        left = self.difference(given, taken)
        if left is None:
            return
        document = {"openapi": "3.1.0", "paths": {}, **(left if isinstance(left, dict) else {})}
        canonical = Canonical(ContractDocument("", document), Direction.REQUEST)
        instances = Instances(canonical)
        for schema in (left, *(left.get("anyOf", ()) if isinstance(left, dict) else ())):
            with suppress(Unbuildable, StopIteration, KeyError, IndexError, TypeError):
                yield instances.minimal(schema)
            yield from around(canonical.node(schema))

    def _both(self, given: Json, taken: Json) -> tuple[Any, Any]:
        made = [self._made(side, *of) for side, of in zip((given, taken), self._sides, strict=True)]
        return made[0], made[1]

    def _made(self, schema: Json, validation: Validation, reading: Reading) -> Any:
        """The schema in the form of the engine; None when it is too large, or not understood."""
        key = id(schema), reading
        if key not in self._canonical:
            made = _canonicalized(schema, validation, reading) if len(self._canonical) < _MOST_SCHEMAS else None
            self._canonical[key] = schema, made
        return self._canonical[key][1]


def _canonicalized(schema: Json, validation: Validation, reading: Reading) -> Any:
    try:
        complete = validation.json_schema(schema, reading=reading)
        text = orjson.dumps(complete)
        if len(text) > _LARGEST or len(text) * _variants(complete) > _HEAVIEST:
            return None
        if any(b'"%s"' % keyword.encode() in text for keyword in _BEYOND):
            return None
        # Circular ones are seldom decided, and some overflow the stack of the engine, which ends the process.
        if _is_circular(complete):
            return None
        return jsonschema_rs.canonicalize(complete, **_OPTIONS)
    except _ENGINE_ERRORS:
        return None


def _is_circular(schema: Json) -> bool:
    """Whether a definition of a JSON Schema refers to itself, directly or by others."""
    definitions = schema.get("$defs", {})
    open_ones = {name: {*_REFERENCE.findall(orjson.dumps(part).decode())} for name, part in definitions.items()}
    while ended := [name for name, others in open_ones.items() if not others & open_ones.keys()]:
        for name in ended:
            del open_ones[name]
    return bool(open_ones)


def _variants(schema: Json) -> int:
    """The number of variants of all unions in a JSON Schema."""
    if isinstance(schema, list):
        return sum(map(_variants, schema))
    if not isinstance(schema, dict):
        return 0
    unions = (schema.get(union) for union in ("anyOf", "oneOf"))
    return sum(len(union) for union in unions if isinstance(union, list)) + sum(map(_variants, schema.values()))


_ANSWERS = {"yes": True, "no": False, "unknown": None}
