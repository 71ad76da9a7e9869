"""What is wrong with the path and the query of a call."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from ampeco_conformance.client_check.faults import FaultText
from ampeco_conformance.client_check.model import HOLE, ClientCall
from ampeco_conformance.client_check.naming import nearest, reason
from ampeco_conformance.contract.requests import parameters, text_error
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import Operation
from ampeco_conformance.specs.walking import escape_pointer

_BRACKET = re.compile(r"\[([^\]]*)\]")
_CACHE_BUSTER = re.compile(r"_|_t|_ts|_dc|cb|no_?cache|cache_?bust(er)?", re.IGNORECASE)
"""Names under which browsers' libraries (jQuery, Ext JS) send a moment or a random number, so that no cache answers."""

_LEFTOVER = re.compile(
    r"(undefined|null|none|nan|nil|\[object Object\]|.*(\$?\{.*\}|%7B|<\w+>).*|:[a-zA-Z]\w*)", re.IGNORECASE
)
"""A path parameter that a client forgot to fill in, or filled in with nothing."""

_FORMATS = {
    "integer": re.compile(r"[+-]?\d+"),
    "number": re.compile(r"[+-]?\d+(\.\d+)?"),
    "boolean": re.compile("true|false|0|1"),
}
"""Formats of texts that stand for another type."""
_SCALARS = ("string", "integer", "number", "boolean")


def path_faults(contract: ApiContract, operation: Operation, parts: Sequence[str]) -> Iterator[FaultText]:
    """Path parameters that were not filled in, or with a wrong value."""
    template = operation.path.strip("/").split("/")
    values = {own[1:-1]: part for own, part in zip(template, parts, strict=True) if own.startswith("{")}
    for definition, pointer in parameters(contract, operation):
        name = definition["name"]
        if definition["in"] != "path" or name not in values or HOLE in values[name]:
            continue
        if _LEFTOVER.fullmatch(values[name]):
            yield "unfilled-path", name, f"the path parameter {name} is not filled in"
        elif "schema" in definition and (error := text_error(contract, f"{pointer}/schema", values[name])):
            yield "invalid-path", name, f"the path parameter {name} {reason(error)}"


def query_faults(contract: ApiContract, operation: Operation, call: ClientCall) -> Iterator[FaultText]:
    """Query parameters and filters that do not exist, have a wrong value, or are missing."""
    documented = {item["name"]: (item, at) for item, at in parameters(contract, operation) if item["in"] == "query"}
    sent = set()
    for raw, value in call.query:
        name = _plain(raw)
        base = name if name in documented else f"{name.partition('[')[0]}"
        sent.add(base)
        if HOLE in raw:
            continue
        yield from _of_parameter(contract, documented, raw, value)
    if not call.is_certain or any(HOLE in raw for raw, _ in call.query):
        return
    for name, (item, _) in documented.items():
        if item.get("required") and name not in sent and not call.reads:
            yield "missing-parameter", name, f"the required query parameter {name} is missing"


def _of_parameter(
    contract: ApiContract, documented: dict[str, tuple[Any, str]], raw: str, value: str
) -> Iterator[FaultText]:
    name = _plain(raw)
    parts = _BRACKET.findall(raw)
    base = raw.partition("[")[0]
    if name not in documented and base not in documented:
        if _CACHE_BUSTER.fullmatch(name) and (HOLE in value or _FORMATS["number"].fullmatch(value)):
            return
        yield "unknown-parameter", name, f"there is no query parameter {name}{nearest(name, documented)}"
        return
    item, pointer = documented[name if name in documented else base]
    if "schema" not in item:
        return
    known = _properties(contract, f"{pointer}/schema")
    if name in documented and known:
        yield "unknown-parameter", name, f"the query parameter {base} takes fields; write {base}[{min(known)}]=..."
        return
    if name in documented:
        yield from _value(contract, f"{pointer}/schema", raw, value)
        return
    schema, _ = contract.schemas.resolve(contract.schemas.at(f"{pointer}/schema"), f"{pointer}/schema")
    if schema.get("type") in _SCALARS:
        yield "unknown-parameter", name, f"the query parameter {base} takes one value; write {base}=..."
        return
    found = _below(contract, f"{pointer}/schema", parts)
    if isinstance(found, str):
        yield from _value(contract, found, raw, value)
    elif found is not None:
        wrong, beside = found
        yield "unknown-filter", name, f"there is no {base} {wrong}{nearest(wrong, beside)}"


def _below(contract: ApiContract, pointer: str, parts: Sequence[str]) -> str | tuple[str, set[str]] | None:
    """The pointer of the schema of a nested value; the name that does not exist and those that do; None if any may."""
    for index, part in enumerate(parts):
        schema, pointer = contract.schemas.resolve(contract.schemas.at(pointer), pointer)
        if part == "" or part.isdigit():
            if "items" in schema:
                pointer = f"{pointer}/items"
            elif "properties" in schema:
                return part or "[]", set(schema["properties"])
            continue
        known = _properties(contract, pointer)
        if part in known:
            pointer = known[part]
        elif part.partition(".")[0] in known and index == len(parts) - 1 and "." in part:
            return _below(contract, pointer, part.split("."))
        elif schema.get("additionalProperties") or not known:
            return None
        else:
            return part, set(known)
    return pointer


def _properties(contract: ApiContract, pointer: str) -> dict[str, str]:
    """The properties of an object schema, also of its parts, each with its pointer."""
    schema, pointer = contract.schemas.resolve(contract.schemas.at(pointer), pointer)
    found = {name: f"{pointer}/properties/{escape_pointer(name)}" for name in schema.get("properties", {})}
    for combinator in ("allOf", "anyOf", "oneOf"):
        for index in range(len(schema.get(combinator, ()))):
            found = {**_properties(contract, f"{pointer}/{combinator}/{index}"), **found}
    return found


def _value(contract: ApiContract, pointer: str, raw: str, value: str) -> Iterator[FaultText]:
    """A value that the schema of its parameter refuses; an empty one means that none is given."""
    if not value or HOLE in value:
        return
    schema, pointer = contract.schemas.resolve(contract.schemas.at(pointer), pointer)
    if schema.get("type") == "array" and "items" in schema:
        yield from _value(contract, f"{pointer}/items", raw, value)
        return
    form = schema.get("format")
    name = _plain(raw)
    if form in _FORMATS and not _FORMATS[form].fullmatch(value):
        yield "invalid-parameter", name, f"the query parameter {name} is not a valid {form}"
    elif form in ("date-time", "date") and _is_moment(value):
        return
    elif error := text_error(contract, pointer, value):
        yield "invalid-parameter", name, f"the query parameter {name} {reason(error)}"


def _is_moment(text: str) -> bool:
    """Whether a text is a moment or a day, also without a time zone, which servers accept."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _plain(raw: str) -> str:
    """The name of a parameter, lists without indexes: `include[0]` is `include[]`."""
    return re.sub(r"\[\d+\]", "[]", raw)
