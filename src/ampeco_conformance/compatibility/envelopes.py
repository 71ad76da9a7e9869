"""All requests or responses of an operation as one schema, so that one walk compares them.

A request is `{path, query, headers, cookies, body: {media type: value}}`, a response `{headers, body: {media type:
value}}`. Locations and witnesses use the same names of parts.
"""

from collections.abc import Mapping
from typing import Any

from ampeco_conformance.compatibility.contracts import (
    UNKNOWN,
    ContractDocument,
    ContractOperation,
    Json,
    Schema,
    listing,
    section,
)

PARTS = {"path": "path", "query": "query", "header": "headers", "cookie": "cookies", "querystring": "query"}
"""`in` of a parameter -> its part of the envelope; a whole query string (OpenAPI 3.2) is one value of the query."""

SCALARS = ("string", "integer", "number", "boolean")
"""The types of values that are plain text outside JSON."""

_NOT_PARAMETERS = {"accept", "content-type", "authorization"}
"""Header parameters that OpenAPI ignores (OpenAPI 3.0.3, Parameter Object, name)."""


def parameters(contract: ContractDocument, operation: ContractOperation) -> dict[tuple[str, str], dict[str, Any]]:
    """The parameters of an operation by `in` and name; those of the operation win over those of its path."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for raw in (*operation.shared, *listing(operation.definition, "parameters")):
        parameter = contract.resolve(raw)
        if not isinstance(parameter, dict):
            continue
        place, name = str(parameter.get("in", "")), str(parameter.get("name", ""))
        name = name.lower() if place == "header" else name
        if place in PARTS and not (place == "header" and name in _NOT_PARAMETERS):
            found[place, name] = parameter
    return found


def request_envelope(contract: ContractDocument, operation: ContractOperation, path_names: tuple[str, ...]) -> Schema:
    """The schema of all requests; path parameters are called as in `path_names`, by their place in the path."""
    renamed = dict(zip(operation.path_names, path_names, strict=True))
    parts: dict[str, dict[str, Any]] = {
        part: {"type": "object", "properties": {}, "required": []} for part in PARTS.values()
    }
    for (place, name), parameter in parameters(contract, operation).items():
        part = parts[PARTS[place]]
        name = renamed.get(name, name) if place == "path" else name
        part["properties"][name] = _marked(parameter, _parameter_schema(parameter))
        if parameter.get("required", False) or place == "path":
            part["required"].append(name)
    for name in path_names:
        if name not in parts["path"]["properties"]:
            parts["path"]["properties"][name] = {"type": "string"}
            parts["path"]["required"].append(name)
    envelope: Schema = {"type": "object", "properties": {**parts}, "required": list(parts)}
    body = contract.resolve(operation.definition.get("requestBody"))
    if isinstance(body, dict) and body:
        envelope["properties"]["body"] = _content(contract, body)
        if body.get("required") is True:
            envelope["required"].append("body")
    return envelope


def response_envelope(contract: ContractDocument, response: Json) -> Schema:
    """The schema of all responses of one status; a response with content always has a body."""
    response = contract.resolve(response)
    response = response if isinstance(response, dict) else {}
    headers: Schema = {"type": "object", "properties": {}, "required": []}
    for name, raw in section(response, "headers").items():
        header = contract.resolve(raw)
        if not isinstance(header, dict) or UNKNOWN in header:
            continue
        headers["properties"][name.lower()] = _marked(header, _parameter_schema(header))
        if header.get("required") is True:
            headers["required"].append(name.lower())
    envelope: Schema = {"type": "object", "properties": {"headers": headers}, "required": ["headers"]}
    if UNKNOWN in response:
        envelope["properties"]["body"] = response
    elif section(response, "content"):
        envelope["properties"]["body"] = _content(contract, response)
        envelope["required"].append("body")
    return envelope


def align_media_types(old: Schema, new: Schema, *, narrows: bool) -> None:
    """Say in two envelopes what a range of media types says of those that the other one names.

    With `narrows` one may name what the old one has a range for, as an answer may.
    """
    before, after = (section(envelope["properties"].get("body"), "properties") for envelope in (old, new))
    for one, other in ((before, after), (after, before)):
        for name in [name for name in one if name not in other]:
            found = next(
                (media_range for media_range in (f"{name.partition('/')[0]}/*", "*/*") if media_range in other), None
            )
            if found is not None:
                other[name] = other[found]
    ranges = [name for name in before if name.endswith("/*") and name not in after]
    for name in ranges:
        if narrows and any(name == "*/*" or media_type.startswith(name[:-1]) for media_type in after):
            del before[name]


def responses(operation: ContractOperation) -> dict[str, Json]:
    """The responses of an operation by status: `200`, `4XX`, `default`."""
    found = section(operation.definition, "responses").items()
    return {
        name if name == "default" else name.upper(): response for name, response in found if not name.startswith("x-")
    }


def covering(status: str, known: Mapping[str, Json]) -> str | None:
    """The documented status that applies to `status`: itself, its range, or the default."""
    return next((candidate for candidate in (status, f"{status[0]}XX", "default") if candidate in known), None)


def _content(contract: ContractDocument, holder: dict[str, Any]) -> Schema:
    if UNKNOWN in holder:
        return holder
    media_types = {
        _media_type(name): _schema_of(contract.resolve(media)) for name, media in section(holder, "content").items()
    }
    return {
        "type": "object",
        "properties": media_types,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _media_type(name: str) -> str:
    """A media type as one can compare it: with its parameters, but without the charset, which JSON does not have."""
    kind, *more = (part.strip().lower() for part in name.split(";"))
    return "; ".join(
        [kind, *sorted(parameter for parameter in more if parameter and not parameter.startswith("charset"))]
    )


def _parameter_schema(parameter: dict[str, Any]) -> Json:
    if content := section(parameter, "content"):
        return _schema_of(next(iter(content.values())))
    return _schema_of(parameter)


def _schema_of(holder: Json) -> Json:
    """The schema of a media type, a parameter or a header; any value where there is none.

    What has a schema of its items (OpenAPI 3.2) is a list of them.
    """
    if not isinstance(holder, dict):
        return {}
    if UNKNOWN in holder:
        return holder
    schemas = [holder["schema"]] if holder.get("schema") is not None else []
    if holder.get("itemSchema") is not None:
        schemas.append({"type": "array", "items": holder["itemSchema"]})
    return {"allOf": schemas} if len(schemas) > 1 else schemas[0] if schemas else {}


def _marked(parameter: dict[str, Any], schema: Json) -> Json:
    """The schema, marked as deprecated when the parameter is."""
    if parameter.get("deprecated") and isinstance(schema, dict):
        return {"allOf": [schema], "deprecated": True}
    return schema
