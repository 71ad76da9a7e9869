"""Random pairs of documents, and what a validator that the engine does not use says of a comparison of them."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.compatibility.validation import Reading, Validation
from ampeco_conformance.compatibility.verdicts import Compatibility
from ampeco_conformance.contract.json_schema import Direction
from tests.support.comparison import compared, document
from tests.support.mutations import mutate, value_of

Json = Any
NAMES = ("A", "B", "C")
ROOT: Json = {"$ref": "#/components/schemas/A"}
_VALUES: tuple[Json, ...] = (None, True, False, 0, 1, -1, 0.5, 2.0, "", "a", "b", "ab", [], [1], {}, {"a": 1})
_TEXTS = ("^a", "^[ab]*$", "^[a-z]{1,3}$", "b$", "^x-")
_FORMATS = FormatChecker(("date", "email", "ipv4", "uuid", "regex"))
_FIELDS = ("a", "b", "x-c")


def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or (len(value) > len("2026-01-31") and bool(datetime.fromisoformat(value)))


_FORMATS.checkers = {**_FORMATS.checkers, "date-time": (_is_moment, ValueError)}


def random_schemas(chance: random.Random) -> dict[str, Json]:
    """Components that refer to each other and to themselves."""
    return {name: _schema(chance, 3) for name in NAMES}


def changed_schemas(schemas: dict[str, Json], chance: random.Random) -> dict[str, Json]:
    """The components with one to three changes."""
    changed = dict(schemas)
    for _ in range(chance.randint(1, 3)):
        name = chance.choice([*changed])
        change = chance.choice((mutate, mutate, _replaced, _wrapped))
        changed[name] = change(changed[name], chance)
    return changed


def pair_of(schemas: dict[str, Json], changed: dict[str, Json], root: Json = ROOT, openapi: str = "3.1.0") -> Json:
    """Two documents in which a request and a response are of the same schema."""
    content = {"content": {"application/json": {"schema": root}}}
    operation = {
        "requestBody": {**content, "required": True},
        "responses": {"200": {"description": "", **content}},
    }
    return [document(operation, openapi=openapi, components={"schemas": side}) for side in (schemas, changed)]


def _schema(chance: random.Random, depth: int) -> Json:
    kind = chance.choice(_LEAVES if depth == 0 else _LEAVES + _BRANCHES * 2)
    return kind(chance, depth - 1)


def _reference(chance: random.Random, _depth: int) -> Json:
    beside = {"maxProperties": 2} if chance.random() < 0.1 else {}
    return {"$ref": f"#/components/schemas/{chance.choice(NAMES)}", **beside}


def _text(chance: random.Random, _depth: int) -> Json:
    bounds = {"minLength": chance.randint(0, 3), "maxLength": chance.randint(1, 5), "pattern": chance.choice(_TEXTS)}
    return {"type": "string", **_some(bounds, chance)}


def _number(chance: random.Random, _depth: int) -> Json:
    keys = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    bounds = {key: chance.randint(-3, 3) for key in keys} | {"multipleOf": chance.choice([1, 2, 3, 0.5])}
    return {"type": chance.choice(["integer", "number"]), **_some(bounds, chance)}


def _values(chance: random.Random, _depth: int) -> Json:
    values = chance.sample(_VALUES, chance.randint(1, 4))
    unique = [value for index, value in enumerate(values) if not any(_same(value, one) for one in values[:index])]
    return {"const": unique[0]} if chance.random() < 0.3 else {"enum": unique}


def _same(one: Json, other: Json) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _types(chance: random.Random, _depth: int) -> Json:
    return {"type": sorted(chance.sample(("null", "boolean", "integer", "string", "object", "array"), 2))}


def _object(chance: random.Random, depth: int) -> Json:
    names = chance.sample(_FIELDS, chance.randint(1, 3))
    rest = {
        "required": chance.sample(_FIELDS, chance.randint(1, 2)),
        "additionalProperties": chance.choice([False, True, {"type": "string"}]),
        "patternProperties": {"^x-": _schema(chance, min(depth, 0))},
        "minProperties": chance.randint(0, 2),
        "maxProperties": chance.randint(1, 3),
        "propertyNames": {"maxLength": chance.randint(1, 3)},
        "dependentRequired": {"a": ["b"]},
        "unevaluatedProperties": False,
    }
    return {
        "type": "object",
        "properties": {name: _schema(chance, depth) for name in names},
        **_some(rest, chance, 0.15),
    }


def _array(chance: random.Random, depth: int) -> Json:
    rest = {
        "minItems": chance.randint(0, 2),
        "maxItems": chance.randint(1, 3),
        "uniqueItems": True,
        "contains": _schema(chance, min(depth, 0)),
        "prefixItems": [_schema(chance, min(depth, 0))],
    }
    return {"type": "array", "items": _schema(chance, depth), **_some(rest, chance, 0.2)}


def _union(chance: random.Random, depth: int) -> Json:
    union = chance.choice(["anyOf", "anyOf", "oneOf", "allOf"])
    return {union: [_schema(chance, depth) for _ in range(chance.randint(1, 3))]}


def _condition(chance: random.Random, depth: int) -> Json:
    parts = {"if": _schema(chance, 0), "then": _schema(chance, depth), "else": _schema(chance, depth)}
    return parts if chance.random() < 0.5 else {"type": "object", "not": _schema(chance, 0)}


_LEAVES = (_reference, _reference, _text, _number, _values, _types)
_BRANCHES = (_object, _object, _array, _union, _condition)


def _some(keywords: Json, chance: random.Random, share: float = 0.3) -> Json:
    return {key: value for key, value in keywords.items() if chance.random() < share}


def _replaced(_schema_before: Json, chance: random.Random) -> Json:
    return _schema(chance, 2)


def _wrapped(schema: Json, chance: random.Random) -> Json:
    union = chance.choice(["anyOf", "oneOf", "allOf"])
    return {union: [schema, *(_schema(chance, 1) for _ in range(chance.randint(0, 2)))]}


@dataclass
class RawSide:
    """What one document says of values, as the engine translates it and as a second validator reads it raw."""

    document: Json
    root: Json

    @cached_property
    def is_endless(self) -> bool:
        """Whether a schema applies itself to the same value, which a plain validator follows for ever."""
        return _is_endless(self.document["components"]["schemas"])

    @cached_property
    def _validator(self) -> Draft202012Validator:
        schemas = as_json_schema(self.document["components"], self.document["openapi"])
        return Draft202012Validator({"components": schemas, **self.root}, format_checker=_FORMATS)

    def is_valid(self, value: Json) -> bool | None:
        """What the second validator says; None when it would not end."""
        return None if self.is_endless else bool(self._validator.is_valid(value))

    def documented(self, direction: Direction) -> Json:
        """The complete JSON Schema of values that have no fields but documented ones, as the engine makes it."""
        canonical = Canonical(ContractDocument("", self.document), direction)
        return Validation(canonical).json_schema(self.root, reading=Reading.DOCUMENTED)


def _is_endless(schemas: Json) -> bool:
    left = {name: {*_in_place(schema)} for name, schema in schemas.items()}
    while ended := [name for name, others in left.items() if not others & left.keys()]:
        for name in ended:
            del left[name]
    return bool(left)


def _in_place(schema: Json) -> Iterator[str]:
    """The names of the components that a schema applies to the value itself."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].rpartition("/")[2]
        for keyword in ("anyOf", "oneOf", "allOf"):
            for member in schema.get(keyword, ()):
                yield from _in_place(member)
        for keyword in ("not", "if", "then", "else"):
            yield from _in_place(schema.get(keyword))


def as_json_schema(node: Json, openapi: str) -> Json:
    """The Schema Objects of a document as JSON Schema, for documents without fields of one direction."""
    if isinstance(node, list):
        return [as_json_schema(item, openapi) for item in node]
    if not isinstance(node, dict) or not openapi.startswith("3.0"):
        return node
    if isinstance(node.get("$ref"), str):
        return {"$ref": node["$ref"]}
    made = {key: as_json_schema(value, openapi) for key, value in node.items()}
    for bound in ("minimum", "maximum"):
        exclusive = f"exclusive{bound.capitalize()}"
        if isinstance(made.get(exclusive), bool) and made.pop(exclusive):
            made[exclusive] = made.pop(bound)
    if made.pop("nullable", False) is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made


def contradictions(
    documents: Json, chance: random.Random, root: Json = ROOT, samples: int = 12
) -> tuple[ComparisonReport, list[str]]:
    """The comparison of two documents, and what another validator refutes of it."""
    report = compared(*documents)
    old, new = (RawSide(side, root) for side in documents)
    found = [*_refuted_witnesses(report, old, new)]
    for verdict in report.verdicts:
        if verdict.verdict is Compatibility.COMPATIBLE:
            direction = Direction(verdict.direction)
            giver, taker = (old, new) if direction is Direction.REQUEST else (new, old)
            found += _refuted_compatibility(verdict.proof, direction, giver, taker, chance, samples)
    return report, found


def _refuted_witnesses(report: ComparisonReport, old: RawSide, new: RawSide) -> Iterator[str]:
    for change in report.changes:
        if change.witness is None or "application/json" not in change.witness.value.get("body", {}):
            continue
        value = change.witness.value["body"]["application/json"]
        giver, taker = (old, new) if change.witness.accepted_by == "old" else (new, old)
        if giver.is_valid(value) is False:
            yield f"{change.rule}: the giver refuses the witness {value}"
        if taker.is_valid(value) is True and not change.definition.retires:
            yield f"{change.rule}: the taker accepts the witness {value}"


def _refuted_compatibility(
    proof: str, direction: Direction, giver: RawSide, taker: RawSide, chance: random.Random, samples: int
) -> Iterator[str]:
    if giver.is_endless:
        return
    complete = giver.documented(direction)
    closed = Draft202012Validator(complete)
    for _ in range(samples):
        try:
            value = value_of(complete, complete.get("$defs", {}), chance)
            if not closed.is_valid(value):
                continue
        except IndexError:
            continue
        if giver.is_valid(value) and taker.is_valid(value) is False:
            yield f"{direction} is compatible ({proof}), but {value} is refused"
            return


def has_one_direction(schemas: dict[str, Json], name: str) -> bool:
    """Whether a component has, or refers to what has, fields of requests or of responses only."""
    seen, waiting = {name}, [name]
    while waiting:
        text = json.dumps(schemas[waiting.pop()])
        if '"readOnly"' in text or '"writeOnly"' in text:
            return True
        new = {*re.findall(r'"#/components/schemas/([^"]+)"', text)} - seen
        seen |= new
        waiting += new
    return False
