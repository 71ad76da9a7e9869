"""Validation of requests against the specification."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from ampeco_emulator.openapi.endpoints import Endpoint, Parameter
from ampeco_emulator.openapi.request_texts import read_form, read_text
from ampeco_emulator.openapi.schemas import SchemaObject

# One object, since validators are known by the identity of their schema.
_ANYTHING: SchemaObject = {}


@dataclass(frozen=True)
class Problem:
    """A problem of a request: place ("path", "query", "body"), field, message, and the violated keyword (`kind`)."""

    place: str
    field: str
    message: str
    kind: str = ""


@dataclass(frozen=True)
class Incoming:
    """A parsed request; `query` contains the valid values only, `raw_query` all of them."""

    path_values: Mapping[str, str]
    query: Mapping[str, Any]
    include: frozenset[str]
    body: Any
    has_body: bool
    raw_query: Mapping[str, str]


def read_request(
    endpoint: Endpoint, path_values: Mapping[str, str], query: Sequence[tuple[str, str]], content_type: str, raw: bytes
) -> tuple[Incoming, list[Problem]]:
    """Parse a request; gives it with its problems."""
    problems = list(_path_problems(endpoint, path_values))
    values: dict[str, Any] = {}
    include: set[str] = set()
    given: set[str] = set()
    for name, text in query:
        parameter = _parameter_of(endpoint, name)
        if parameter is None:
            continue
        given.add(parameter.name)
        problem = _query_problem(endpoint, parameter, name, text, values)
        if problem is not None:
            problems.append(problem)
        elif parameter.name.startswith("include"):
            include.update(text.split(parameter.separator) if parameter.separator else [text])
    problems += (
        Problem("query", parameter.name, f"The {parameter.name} field is required.")
        for parameter in endpoint.query.values()
        if parameter.required and parameter.name not in given
    )
    body, body_problems = _read_body(endpoint, content_type, raw)
    incoming = Incoming(path_values, values, frozenset(include), body, bool(raw), dict(query))
    return incoming, problems + body_problems


def without(incoming: Incoming, problems: Sequence[Problem]) -> Incoming:
    """The request without the invalid fields of its body."""
    wrong = {problem.field.partition(".")[0] for problem in problems if problem.place == "body"}
    if not wrong:
        return incoming
    known = incoming.body if isinstance(incoming.body, dict) else {}
    return replace(incoming, body={name: value for name, value in known.items() if name not in wrong})


def _path_problems(endpoint: Endpoint, path_values: Mapping[str, str]) -> Iterator[Problem]:
    for parameter in endpoint.parameters if path_values else ():
        if parameter.place == "path":
            value = read_text(endpoint.book, parameter.schema, path_values[parameter.name], parameter.separator)
            if not endpoint.book.validator(parameter.schema, incoming=True).is_valid(value):
                yield Problem("path", parameter.name, "No query results for this id.")


def _parameter_of(endpoint: Endpoint, name: str) -> Parameter | None:
    """The documented parameter that a name of a query is of; a deep one has brackets, `include` may have them.

    So may a list whose documented name has them.
    """
    stem, bracket, rest = name.partition("[")
    parameter = endpoint.query.get(stem)
    if parameter is None or parameter.deep:
        return parameter if rest else None
    return (
        parameter
        if not bracket or name == parameter.name or (stem == "include" and re.fullmatch(r"\d*\]", rest))
        else None
    )


def _query_problem(
    endpoint: Endpoint, parameter: Parameter, name: str, text: str, values: dict[str, Any]
) -> Problem | None:
    schema = parameter.schema
    plain = endpoint.book.deref(schema)
    if parameter.deep:
        field = re.sub(r"\[\d*\]$", "", name).removeprefix(f"{parameter.name}[").removesuffix("]").replace("][", ".")
        schema = _field_schema(endpoint, plain, field)
        plain = endpoint.book.deref(schema)
        if not plain:
            # A filter that does not exist is ignored; a nested one names a part that no record may have.
            if "." in field:
                values[name] = text
            return None
        if plain.get("type") == "array":
            return _list_problem(endpoint, plain, f"{parameter.name}[{field}]", text, values)
    elif plain.get("type") == "array" and not parameter.separator:
        schema = plain.get("items", _ANYTHING)
    if text == "" and parameter.name == "cursor":
        values[name] = ""
        return None
    value = read_text(endpoint.book, schema, text, parameter.separator)
    error = next(iter(endpoint.book.validator(schema, incoming=True).iter_errors(value)), None)
    if error is not None:
        return Problem("query", name, f"The {name} is invalid: {error.message[:200]}")
    values[name] = value
    return None


def _field_schema(endpoint: Endpoint, schema: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    """The schema of a field of a deep parameter, nested ones with a dot; empty when there is none."""
    for part in field.split("."):
        schema = endpoint.book.deref(schema).get("properties", {}).get(part, _ANYTHING)
    return schema


def _list_problem(
    endpoint: Endpoint, schema: Mapping[str, Any], name: str, text: str, values: dict[str, Any]
) -> Problem | None:
    """Add one of several values of a field, of which any matches; an empty text is not a value."""
    if text == "":
        return None
    value = read_text(endpoint.book, schema.get("items", _ANYTHING), text)
    if not endpoint.book.validator(schema.get("items", _ANYTHING), incoming=True).is_valid(value):
        return Problem("query", name, f"The {name} is invalid.")
    values.setdefault(name, []).append(value)
    return None


def _read_body(endpoint: Endpoint, content_type: str, raw: bytes) -> tuple[Any, list[Problem]]:
    schema = endpoint.body_schema
    if schema is None:
        return {}, []
    if not raw:
        # Laravel treats an absent body as an empty object, whose required fields are reported as missing.
        missing = [] if not endpoint.body_required else _body_problems(endpoint, schema, {})
        if endpoint.body_required and not missing:
            missing = [Problem("body", "body", "The request body is required.")]
        return {}, missing
    form = endpoint.forms.get(content_type.partition(";")[0].strip().lower())
    if form is not None:
        body = read_form(endpoint.book, form, content_type, raw)
        return body, _body_problems(endpoint, form.get("schema", schema), body)
    if "json" not in content_type:
        return {}, [Problem("body", "body", "The request body must be JSON.")]
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}, [Problem("body", "body", "The request body is not valid JSON.", "syntax")]
    return body, _body_problems(endpoint, schema, body)


def _body_problems(endpoint: Endpoint, schema: SchemaObject, body: Any) -> list[Problem]:
    problems = []
    for error in endpoint.book.validator(schema, incoming=True).iter_errors(body):
        path = [str(token) for token in error.instance_path]
        kind = error.kind.name
        if kind == "required":
            path.append(str(error.kind.as_dict()["property"]))
        field = ".".join(path) or "body"
        # Without the value, which may be a password.
        message = f"The {field} field is required." if kind == "required" else f"The {field} field breaks {kind}."
        problems.append(Problem("body", field, message, kind))
    return problems
