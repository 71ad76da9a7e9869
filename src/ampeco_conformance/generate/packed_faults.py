"""Bodies with many faults each: everything that the body may get wrong at any depth, in few requests.

A server that checks nested values at all refuses such a body. Which of the faults it saw remains open: `invalid_bodies`
tries them alone, the nested ones over several seeds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product, zip_longest
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
#: What a server may treat as an annotation; it may have forgotten a deprecated field, too.
_LENIENT = frozenset({"format"})
#: How many variants of a body are worth a complete one.
MOST_VARIANTS = 16
#: How many levels of lists and objects are built where a body has none.
_DEEPEST_ABSENT = 3
#: Before the keyword of a fault in the parts of what a body does not have.
_OF_PARTS = ("items ", "properties ")


@dataclass(frozen=True, slots=True)
class PackedBody:
    """A body with faults; `is_refused` means that a server has to refuse it."""

    request: InvalidRequest
    body: Any
    is_refused: bool


@dataclass(frozen=True, slots=True)
class _PackedFault:
    """A wrong value at a place; where nothing was, it `is_absent`. A server may let what `is_lenient` pass."""

    place: BodyPlace
    keyword: str
    value: Any
    is_absent: bool = False
    is_lenient: bool = False


@dataclass(slots=True)
class _Pack:
    """Faults at places that do not contain each other."""

    faults: list[_PackedFault] = field(default_factory=list)

    def takes(self, fault: _PackedFault) -> bool:
        """Whether there is room for a fault."""
        return not any(_overlap(fault.place, other.place) for other in self.faults)

    def fill(self, fault: _PackedFault) -> None:
        """Take a fault if there is room for it."""
        if self.takes(fault):
            self.faults.append(fault)

    def body(self, whole: Any, *, is_sure: bool = False) -> Any:
        """A body with these faults; if it has to be `is_sure`, without those that a server may let pass."""
        for fault in self.faults:
            if not (is_sure and fault.is_lenient):
                whole = replaced(whole, fault.place, fault.value)
        return whole


def packed_bodies(
    contract: ApiContract, operation: Operation, wholes: Sequence[Any], alone: Iterable[str]
) -> Iterator[PackedBody]:
    """Bodies with the faults of all values in `wholes`, which are complete bodies of several variants.

    Last come those of the parts that no such body has, such as deprecated fields.
    `alone` are the kinds of faults that are tried alone, as `invalid_bodies` has them: `address.city type`.
    """
    pointer = body_schema_pointer(contract, operation)
    if pointer is None:
        return
    validator = contract.schemas.validator(pointer, Direction.REQUEST)
    schema = contract.schemas.at(pointer)
    known = set(alone)
    for absent, (number, whole) in product((False, True), enumerate(wholes)):
        every = [*_faults(contract.schemas, [schema], whole, ())]
        new = [fault for fault in every if fault.is_absent == absent and _is_new(fault, known)]
        # What only this variant has is valid in half of its bodies: no other request may have it.
        groups = [new] if number == 0 or absent else _halves(new)
        for pack in (pack for group in groups for pack in _packs(group)):
            # Another variant of the body may let its faults pass: then it takes more of them.
            more = iter(every)
            while validator.is_valid(body := pack.body(whole)) and (fault := next(more, None)) is not None:
                pack.fill(fault)
            if validator.is_valid(body):
                continue
            names = {next((part for part in fault.place if isinstance(part, str)), "items") for fault in pack.faults}
            request = InvalidRequest(f"a body with faults in {', '.join(sorted(names))}", "packed faults")
            yield PackedBody(request, body, not validator.is_valid(pack.body(whole, is_sure=True)))


def _is_new(fault: _PackedFault, known: set[str]) -> bool:
    """Whether the same fault is not known yet; items of a list are alike."""
    name = ".".join(part for part in fault.place if isinstance(part, str))
    inner = next((depth for depth, part in enumerate(reversed(fault.place)) if isinstance(part, str)), 0)
    kind = f"{name}{'[]' * inner} {fault.keyword}"
    is_new = kind not in known
    if fault.keyword.startswith(_OF_PARTS):
        # A body that has the parts has their faults too.
        is_new &= not any(other.startswith((f"{name}.", f"{name}[]")) for other in known)
    known.add(kind)
    return is_new


def _halves(faults: Sequence[_PackedFault]) -> list[list[_PackedFault]]:
    """The faults of every other place, and those of the others."""
    places = list(dict.fromkeys(fault.place for fault in faults))
    return [[fault for fault in faults if fault.place in places[start::2]] for start in range(2)]


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
    """Every fault of a value and its parts, by all of the schemas that it may have; None is a value that is absent."""
    flat = [part for schema in given for part in _flattened(schemas, schema)]
    for schema in flat if place else ():
        parts = _wrong_parts(schemas, schema, _DEEPEST_ABSENT) if value is None else ()
        for keyword, wrong in (*_wrong_values(schema, value), *parts):
            is_lenient = keyword in _LENIENT or bool(schema.get("deprecated"))
            yield _PackedFault(place, keyword, wrong, is_absent=value is None, is_lenient=is_lenient)
    if isinstance(value, dict):
        for name in {name for schema in flat for name in schema.get("required", ()) if name in value}:
            yield _PackedFault((*place, name), "required", ABSENT)
        for name in dict.fromkeys((*value, *(name for schema in flat for name in schema.get("properties", ())))):
            inner = [found for schema in flat if (found := _property(schema, name)) is not None]
            yield from _faults(schemas, inner, value.get(name), (*place, name))
    elif isinstance(value, list) and value:
        inner = [schema["items"] for schema in flat if isinstance(schema.get("items"), Mapping)]
        yield from _faults(schemas, inner, value[0], (*place, 0))


def _wrong_parts(schemas: Schemas, schema: Mapping[str, Any], depth: int) -> Iterator[tuple[str, Any]]:
    """Values in place of one that is not there, whose parts are wrong: one item, or all properties at once."""

    def wrong(inner: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for part in _flattened(schemas, inner):
            yield from _wrong_values(part, None)
            yield from _wrong_parts(schemas, part, depth - 1) if depth else ()

    if isinstance(items := schema.get("items"), Mapping):
        yield from ((f"items {keyword}", [value]) for keyword, value in wrong(items))
    properties = {name: [value for _, value in wrong(inner)] for name, inner in schema.get("properties", {}).items()}
    for number, values in enumerate(zip_longest(*properties.values(), fillvalue=ABSENT)):
        given = zip(properties, values, strict=True)
        yield f"properties {number}", {name: value for name, value in given if value is not ABSENT}


def _property(schema: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """The schema of a property of an object, or of any value of a map."""
    named: Mapping[str, Any] | None = schema.get("properties", {}).get(name)
    rest = schema.get("additionalProperties")
    return rest if named is None and isinstance(rest, Mapping) else named


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
