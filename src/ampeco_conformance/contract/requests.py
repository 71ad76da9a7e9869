"""Whether a request is really invalid: a second opinion, read off the wire and independent of what generated it.

Schemathesis may call a request invalid that became valid on its way (`null` in a query is a string, an empty path
segment addresses another operation). Only what is confirmed here is held against the target. Where the
specification leaves room (how an array is written, what counts as a boolean), the request is called valid.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.path_templates import path_values
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.contract.schema_errors import SchemaError
from ampeco_conformance.core.exchanges import Exchange, header
from ampeco_conformance.specs import Operation
from ampeco_conformance.specs.walking import escape_pointer

_INTEGER = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_BOOLEANS = frozenset({"true", "false", "1", "0"})


@dataclass(frozen=True, slots=True)
class InvalidInput:
    """A part of a request that breaks the specification: where (`query page`, `body /name`), why, by which keyword."""

    location: str
    reason: str
    keyword: str


def invalid_inputs(contract: ApiContract, operation: Operation, exchange: Exchange) -> list[InvalidInput]:
    """The parts of a request that break the specification; empty when it may be valid."""
    return [*_invalid_parameters(contract, operation, exchange), *_invalid_body(contract, operation, exchange)]


def _invalid_parameters(contract: ApiContract, operation: Operation, exchange: Exchange) -> Iterator[InvalidInput]:
    in_path = path_values(operation, exchange.request.url)
    query = dict(parse_qsl(urlsplit(exchange.request.url).query, keep_blank_values=True))
    for definition, pointer in parameters(contract, operation):
        name, location = definition["name"], definition["in"]
        if location == "path":
            values = {name: in_path[name]} if name in in_path else {}
        elif location == "query":
            values = _query_values(definition, query)
        else:
            continue
        if not values and definition.get("required") and location == "query" and "schema" in definition:
            yield InvalidInput(f"query {name}", "is required and missing", "required")
        for label, value in values.items():
            schema_pointer = _schema_of(contract, definition, pointer, label)
            if schema_pointer is None:
                continue
            error = text_error(contract, schema_pointer, value)
            if error is not None:
                reason = error.message.removeprefix("the body ").strip()
                yield InvalidInput(f"{location} {label}", reason, error.keyword)


def parameters(contract: ApiContract, operation: Operation) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The parameters of an operation, references resolved, each with its pointer in the document.

    Those of the path item hold too, unless the operation has its own of that name and place.
    """
    path = f"/paths/{escape_pointer(operation.path)}"
    own = f"{path}/{operation.method.lower()}/parameters"
    found: dict[tuple[str, str], tuple[Mapping[str, Any], str]] = {}
    for base, definitions in (
        (f"{path}/parameters", contract.specification.document["paths"][operation.path].get("parameters", ())),
        (own, operation.definition.get("parameters", ())),
    ):
        for index, definition in enumerate(definitions):
            resolved, pointer = contract.schemas.resolve(definition, f"{base}/{index}")
            found[resolved["name"], resolved["in"]] = (resolved, pointer)
    yield from found.values()


def body_schema_pointer(contract: ApiContract, operation: Operation) -> str | None:
    """The pointer of the schema of the JSON request body; None when the operation takes none."""
    if "requestBody" not in operation.definition:
        return None
    base = f"/paths/{escape_pointer(operation.path)}/{operation.method.lower()}/requestBody"
    definition, pointer = contract.schemas.resolve(operation.definition["requestBody"], base)
    media_type = next((item for item in definition.get("content", {}) if "json" in item), None)
    return None if media_type is None else f"{pointer}/content/{escape_pointer(media_type)}/schema"


def takes_query(contract: ApiContract, operation: Operation, name: str) -> bool:
    """Whether the operation documents a query parameter of this name."""
    return any(item["name"] == name and item["in"] == "query" for item, _ in parameters(contract, operation))


def filter_names(contract: ApiContract, operation: Operation) -> set[str]:
    """The fields that a listing can be filtered by."""
    names: set[str] = set()
    for definition, pointer in parameters(contract, operation):
        if definition["name"] == "filter" and definition["in"] == "query":
            schema, _ = contract.schemas.resolve(definition.get("schema", {}), pointer)
            names |= set(schema.get("properties", {}))
    return names


def _query_values(definition: Mapping[str, Any], query: Mapping[str, str]) -> dict[str, str]:
    """The values given for a parameter: by its name, or by `name[field]` for a deepObject."""
    name = definition["name"]
    if definition.get("style") == "deepObject":
        return {key: value for key, value in query.items() if key.startswith(f"{name}[") and key.endswith("]")}
    if definition.get("schema", {}).get("type") == "array":
        return {}
    return {name: query[name]} if name in query else {}


def _schema_of(contract: ApiContract, definition: Mapping[str, Any], pointer: str, label: str) -> str | None:
    """The pointer of the schema that judges one value; None when the specification has none for it."""
    if "schema" not in definition:
        return None
    schema, schema_pointer = contract.schemas.resolve(definition["schema"], f"{pointer}/schema")
    if label == definition["name"]:
        return schema_pointer
    field = label[len(definition["name"]) + 1 : -1]
    if field not in schema.get("properties", {}):
        return None
    return f"{schema_pointer}/properties/{escape_pointer(field)}"


def text_error(contract: ApiContract, pointer: str, text: str) -> SchemaError | None:
    """Why no reading of a text of a URL is valid; None when one is, or when the text may be a list."""
    schema, _ = contract.schemas.resolve(contract.schemas.at(pointer), pointer)
    if "array" in schema.get("type", ()):
        return None

    def error(reading: Any) -> SchemaError | None:
        return next(contract.schema_errors(pointer, reading, Direction.REQUEST), None)

    found = error(read_text(schema, text))
    return found if found is not None and all(error(reading) is not None for reading in _readings(text)) else None


def _readings(text: str) -> Iterator[Any]:
    """Everything that a text of a URL can stand for: what the schema names may be one of several."""
    yield text
    if _NUMBER.fullmatch(text):
        yield float(text)
    if _INTEGER.fullmatch(text):
        yield int(text)
    if text.lower() in _BOOLEANS:
        yield text.lower() in ("true", "1")


def read_text(schema: Mapping[str, Any], text: str) -> Any:
    """Text of a URL as the type its schema names; text that cannot be read so stays text, and fails as such."""
    kind = schema.get("type")
    if text == "" and schema.get("nullable"):
        return None
    if kind == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "number" and _NUMBER.fullmatch(text):
        return float(text)
    if kind == "boolean" and text.lower() in _BOOLEANS:
        return text.lower() in ("true", "1")
    return text


def _invalid_body(contract: ApiContract, operation: Operation, exchange: Exchange) -> Iterator[InvalidInput]:
    if "requestBody" not in operation.definition:
        return
    base = f"/paths/{escape_pointer(operation.path)}/{operation.method.lower()}/requestBody"
    definition, pointer = contract.schemas.resolve(operation.definition["requestBody"], base)
    body = exchange.request.body
    if not body:
        if definition.get("required"):
            yield InvalidInput("body", "is required and missing", "required")
        return
    content_type = (header(exchange.request.headers, "Content-Type") or "").partition(";")[0].strip().lower()
    media_type = next((item for item in definition.get("content", {}) if item.lower() == content_type), None)
    if media_type is None or "json" not in media_type:
        return
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        yield InvalidInput("body", "is not JSON", "json")
        return
    schema_pointer = f"{pointer}/content/{escape_pointer(media_type)}/schema"
    for error in contract.schema_errors(schema_pointer, value, Direction.REQUEST):
        yield InvalidInput(f"body {error.location}".strip(), error.message, error.keyword)
