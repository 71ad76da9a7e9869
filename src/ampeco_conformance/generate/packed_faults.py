"""Bodies with many faults each: everything that the body may get wrong at any depth, in few requests.

A server that checks nested values at all refuses such a body. Which of the faults it saw remains open: `invalid_bodies`
tries them alone, the nested ones over several seeds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ampeco_conformance.checks.errors import InvalidRequest
from ampeco_conformance.contract.json_schema import COMBINATORS, Direction
from ampeco_conformance.contract.requests import body_schema_pointer
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.contract.schemas import Schemas
from ampeco_conformance.generate.places import ABSENT, BodyPlace, replaced
from ampeco_conformance.specs import Operation

_TEXT = "conform-none"
_OBJECT = {"conform": "none"}
_NUMBER = -987654321
_OF_ANOTHER_TYPE = {"string": _OBJECT, **dict.fromkeys(("integer", "number", "boolean", "array", "object"), _TEXT)}
#: What a server may treat as an annotation.
_LENIENT = frozenset({"format"})
_MOST_VARIANTS = 8


@dataclass(frozen=True, slots=True)
class PackedBody:
    """A body with faults; `is_refused` means that a server has to refuse it."""

    request: InvalidRequest
    body: Mapping[str, Any]
    is_refused: bool


@dataclass(frozen=True, slots=True)
class _PackedFault:
    place: BodyPlace
    keyword: str
    value: Any


@dataclass(slots=True)
class _Pack:
    """Faults at places that do not contain each other."""

    faults: list[_PackedFault] = field(default_factory=list)

    def takes(self, fault: _PackedFault) -> bool:
        """Whether there is room for a fault."""
        return not any(_overlap(fault.place, other.place) for other in self.faults)

    def body(self, whole: Any, *, without: frozenset[str] = frozenset()) -> Any:
        """A body with these faults, but for those of some keywords."""
        for fault in self.faults:
            if fault.keyword not in without:
                whole = replaced(whole, fault.place, fault.value)
        return whole


def packed_bodies(
    contract: ApiContract, operation: Operation, wholes: Sequence[Mapping[str, Any]], alone: Iterable[str]
) -> Iterator[PackedBody]:
    """Bodies with the faults of all values in `wholes`, which are complete bodies of several variants.

    `alone` are the kinds of faults that are tried alone, as `invalid_bodies` has them: `address.city type`.
    """
    pointer = body_schema_pointer(contract, operation)
    if pointer is None:
        return
    validator = contract.schemas.validator(pointer, Direction.REQUEST)
    schema = contract.schemas.at(pointer)
    known = set(alone)
    for whole in wholes[:_MOST_VARIANTS]:
        faults = [fault for fault in _faults(contract.schemas, [schema], whole, ()) if _is_new(fault, known)]
        for pack in _packs(faults):
            body = pack.body(whole)
            if validator.is_valid(body):
                continue
            places = ", ".join(sorted({str(fault.place[0]) for fault in pack.faults}))
            request = InvalidRequest(f"a body with faults in {places}", "packed faults")
            yield PackedBody(request, body, not validator.is_valid(pack.body(whole, without=_LENIENT)))


def _is_new(fault: _PackedFault, known: set[str]) -> bool:
    """Whether the same fault is not known yet; items of a list are alike."""
    name = ".".join(part for part in fault.place if isinstance(part, str))
    inner = next((depth for depth, part in enumerate(reversed(fault.place)) if isinstance(part, str)), 0)
    kind = f"{name}{'[]' * inner} {fault.keyword}"
    is_new = kind not in known
    known.add(kind)
    return is_new


def _packs(faults: Sequence[_PackedFault]) -> list[_Pack]:
    """The faults in few packs, the deepest first."""
    packs: list[_Pack] = []
    for fault in sorted(faults, key=lambda fault: -len(fault.place)):
        pack = next((pack for pack in packs if pack.takes(fault)), None)
        if pack is None:
            pack = _Pack()
            packs.append(pack)
        pack.faults.append(fault)
    return packs


def _overlap(one: BodyPlace, other: BodyPlace) -> bool:
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


def _faults(
    schemas: Schemas, given: Sequence[Mapping[str, Any]], value: Any, place: BodyPlace
) -> Iterator[_PackedFault]:
    """Every fault of a value and its parts, by all of the schemas that it may have."""
    flat = [part for schema in given for part in _flattened(schemas, schema)]
    if place:
        for schema in flat:
            yield from (_PackedFault(place, keyword, wrong) for keyword, wrong in _wrong_values(schema, value))
    if isinstance(value, dict):
        for name in {name for schema in flat for name in schema.get("required", ()) if name in value}:
            yield _PackedFault((*place, name), "required", ABSENT)
        for name, item in value.items():
            inner = [schema["properties"][name] for schema in flat if name in schema.get("properties", {})]
            yield from _faults(schemas, inner, item, (*place, name))
    elif isinstance(value, list) and value:
        inner = [schema["items"] for schema in flat if isinstance(schema.get("items"), Mapping)]
        yield from _faults(schemas, inner, value[0], (*place, 0))


def _flattened(schemas: Schemas, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    resolved, _ = schemas.resolve(schema, "")
    if not resolved.get("readOnly"):
        yield resolved
        for keyword in COMBINATORS:
            for part in resolved.get(keyword, ()):
                yield from _flattened(schemas, part)


def _wrong_values(schema: Mapping[str, Any], value: Any) -> Iterator[tuple[str, Any]]:
    """A value that violates it, for each keyword of a schema."""
    kind = schema.get("type")
    if kind in _OF_ANOTHER_TYPE:
        yield "type", _OF_ANOTHER_TYPE[kind]
    if "enum" in schema:
        yield "enum", _TEXT if kind == "string" else _NUMBER
    if kind == "string":
        yield from ((keyword, _TEXT) for keyword in ("format", "pattern") if keyword in schema)
        if schema.get("minLength", 0) > 0:
            yield "minLength", "c" * (schema["minLength"] - 1)
        if "maxLength" in schema:
            yield "maxLength", "c" * (schema["maxLength"] + 1)
    elif kind in ("integer", "number"):
        yield from ((keyword, schema[keyword] - 1) for keyword in ("minimum",) if keyword in schema)
        yield from ((keyword, schema[keyword] + 1) for keyword in ("maximum",) if keyword in schema)
        if "multipleOf" in schema and isinstance(value, int | float):
            yield "multipleOf", value + schema["multipleOf"] / 2
    elif kind == "array" and isinstance(value, list):
        if schema.get("minItems", 0) > 0:
            yield "minItems", value[: schema["minItems"] - 1]
        if "maxItems" in schema and value:
            yield "maxItems", value[:1] * (schema["maxItems"] + 1)
        if schema.get("uniqueItems") and value:
            yield "uniqueItems", value[:1] * 2
