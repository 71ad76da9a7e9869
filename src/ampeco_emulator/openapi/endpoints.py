"""The operations of the served version: route, parameters, body, responses."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any
from urllib.parse import unquote

from ampeco_conformance.specs import Operation, Specification
from ampeco_emulator.openapi.request_texts import FORM, MULTIPART, separator_of
from ampeco_emulator.openapi.schemas import SchemaBook, SchemaObject
from ampeco_emulator.openapi.values import camel_case

JSON = "application/json"
_PLACEHOLDER = re.compile(r"\{([^}]+)\}")
#: The path of one item, after that of its collection: `/users/{id}` or `/users({id})`.
_ITEM = re.compile(r"(.*)(?:/[^/]*\}|\(\{[^}]+\}\))")
#: A segment that is a parameter, in the tree of paths: no segment of a path is empty.
_ANY = ""
_NO_RESPONSE: SchemaObject = {}


@dataclass(frozen=True)
class Parameter:
    """A query or path parameter; the `separator` stands between values that are one text."""

    name: str
    place: str
    required: bool
    schema: SchemaObject
    deep: bool
    separator: str


@dataclass(frozen=True)
class Endpoint:
    """One operation of the served version."""

    operation: Operation
    book: SchemaBook = field(repr=False)

    @property
    def path(self) -> str:
        """The path template."""
        return self.operation.path

    @cached_property
    def names(self) -> list[str]:
        """The names of the path parameters, in order."""
        return _PLACEHOLDER.findall(self.path)

    @cached_property
    def parameters(self) -> list[Parameter]:
        """Path and query parameters."""
        item = self.book.document["paths"][self.path]
        resolved = [
            self.book.deref(entry)
            for entry in (*item.get("parameters", ()), *self.operation.definition.get("parameters", ()))
        ]
        return [
            Parameter(
                entry["name"],
                entry["in"],
                bool(entry.get("required")),
                entry.get("schema", {}),
                entry.get("style") == "deepObject",
                separator_of(entry),
            )
            for parameter in resolved
            for entry in self._spread(parameter)
            if entry["in"] in ("path", "query")
        ]

    def _spread(self, parameter: SchemaObject) -> Iterator[Mapping[str, Any]]:
        """The parameter; of an object in a query, each field of which is sent under its own name, the fields."""
        schema = self.book.deref(parameter.get("schema", {}))
        is_spread = parameter["in"] == "query" and parameter.get("style", "form") == "form"
        if not is_spread or separator_of(parameter) or not schema.get("properties"):
            yield parameter
            return
        required = schema.get("required", ()) if parameter.get("required") else ()
        for name, field_schema in schema["properties"].items():
            yield {"name": name, "in": "query", "required": name in required, "schema": field_schema}

    def parameter(self, name: str) -> Parameter | None:
        """The query parameter of this name; of a list without its brackets."""
        return self.query.get(name)

    @cached_property
    def query(self) -> Mapping[str, Parameter]:
        """The query parameters by their names, those of lists without brackets."""
        return {item.name.removesuffix("[]"): item for item in self.parameters if item.place == "query"}

    @cached_property
    def body_schema(self) -> SchemaObject | None:
        """The schema of the JSON request body, else of that of a form; None when the operation has neither."""
        forms = (form.get("schema") for form in self.forms.values())
        return _json_schema(self._body) or next(forms, None)

    @cached_property
    def forms(self) -> Mapping[str, Mapping[str, Any]]:
        """The kinds of forms that the request body may be."""
        content = self._body.get("content", {})
        return {name: content[name] for name in (FORM, MULTIPART) if name in content}

    @property
    def _body(self) -> SchemaObject:
        return self.book.deref(self.operation.definition.get("requestBody", {}))

    @cached_property
    def body_required(self) -> bool:
        """Whether the body is required."""
        return bool(self._body.get("required"))

    @cached_property
    def statuses(self) -> frozenset[int]:
        """The documented status codes."""
        return frozenset(int(status) for status in self.operation.definition["responses"] if str(status).isdigit())

    @cached_property
    def success(self) -> int:
        """The documented success status; the lowest, where there are several."""
        return min((status for status in self.statuses if 200 <= status < 300), default=200)

    def response_schema(self, status: int) -> SchemaObject | None:
        """The schema of the JSON body of a response; None when it has no body."""
        return _json_schema(self._response(status))

    def media_type(self, status: int) -> str:
        """The media type of a response: plain JSON where it may be, else a kind of JSON, else the first of all."""
        names: list[str] = list(self._response(status).get("content", {}))
        if not names or any(name.partition(";")[0].strip().lower() in _PLAIN_JSON for name in names):
            return JSON
        return next((name for name in names if is_json(name)), names[0])

    def documents(self, status: int) -> bool:
        """Whether a status is documented; by itself, by its class, or as the default."""
        return self._response(status) is not _NO_RESPONSE

    def _response(self, status: int) -> SchemaObject:
        """The response of a status; documented by itself, by its class, or as the default."""
        documented = self.operation.definition["responses"]
        keys = (str(status), f"{status // 100}XX", "default")
        return self.book.deref(next((documented[key] for key in keys if key in documented), _NO_RESPONSE))

    @cached_property
    def response_properties(self) -> Mapping[str, SchemaObject]:
        """The top-level properties of the success response (`data`, `links`, `meta` in an envelope)."""
        schema = self.response_schema(self.success)
        if schema is None:
            return {}
        properties: Mapping[str, SchemaObject] = self.book.deref(schema).get("properties", {})
        return properties

    @cached_property
    def item_schema(self) -> SchemaObject | None:
        """The schema of one item: of `data`, or of the items of `data`, or of the whole body without an envelope."""
        data = self.response_properties.get("data")
        if data is None:
            return self.response_schema(self.success)
        if self.is_list:
            items: SchemaObject = self.book.deref(data).get("items", {})
            return items
        return data

    @cached_property
    def always_shown(self) -> frozenset[str]:
        """The properties that every item must show with a value, by the names under which they are stored."""
        parts = list(self._parts(self.item_schema or {}))
        properties = {name: schema for part in parts for name, schema in part.get("properties", {}).items()}
        required = (name for part in parts for name in part.get("required", ()) if name in properties)
        return frozenset(camel_case(name) for name in required if not self.book.deref(properties[name]).get("nullable"))

    def _parts(self, schema: SchemaObject) -> Iterator[SchemaObject]:
        """A schema and all that its `allOf` brings together."""
        schema = self.book.deref(schema)
        yield schema
        for part in schema.get("allOf", ()):
            yield from self._parts(part)

    @cached_property
    def is_list(self) -> bool:
        """Whether the success response is a listing."""
        data = self.response_properties.get("data")
        return data is not None and self.book.deref(data).get("type") == "array"

    @cached_property
    def pages_by_cursor(self) -> bool:
        """Whether `meta` of the listing is documented in cursor style only."""
        meta = self.book.deref(self.response_properties.get("meta", {})).get("properties", {})
        return "next_cursor" in meta and "current_page" not in meta

    @cached_property
    def has_plain_envelope(self) -> bool:
        """Whether `data` is the only required property of the success response."""
        schema = self.response_schema(self.success)
        return schema is not None and set(self.book.deref(schema).get("required", ())) <= {"data"}

    @cached_property
    def ends_in_parameter(self) -> bool:
        """Whether the path addresses one item."""
        return _ITEM.fullmatch(self.path) is not None

    @cached_property
    def collection(self) -> str:
        """The path of the collection that the item, or this listing, belongs to."""
        item = _ITEM.fullmatch(self.path)
        return item[1] if item else self.path


@dataclass(slots=True)
class _PathNode:
    """A place in the tree of paths: what follows it, by segment, and the endpoints of the path that ends here.

    `patterned` are the segments of which a part is a parameter, such as `{id}.json`.
    """

    following: "dict[str, _PathNode]" = field(default_factory=dict)
    patterned: "dict[re.Pattern[str], _PathNode]" = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)

    def after(self, segment: str) -> "_PathNode":
        """The place that a segment of a path template leads to."""
        literals = [unquote(literal) for literal in _PLACEHOLDER.split(segment)[::2]]
        if literals == ["", ""]:
            return self.following.setdefault(_ANY, _PathNode())
        if len(literals) == 1:
            return self.following.setdefault(literals[0], _PathNode())
        return self.patterned.setdefault(re.compile("([^/]+)".join(map(re.escape, literals))), _PathNode())

    def matches(self, segments: Sequence[str], values: tuple[str, ...] = (), free: int = 0) -> "Iterator[_Match]":
        """The paths that lead from here over these segments: how many are `free`, the values of their parameters."""
        if not segments:
            yield free, values, self.endpoints
            return
        first, rest = segments[0], segments[1:]
        if first and first in self.following:
            yield from self.following[first].matches(rest, values, free)
        for pattern, place in self.patterned.items():
            if found := pattern.fullmatch(first):
                yield from place.matches(rest, (*values, *found.groups()), free)
        if first and _ANY in self.following:
            yield from self.following[_ANY].matches(rest, (*values, first), free + 1)


_Match = tuple[int, tuple[str, ...], dict[str, Endpoint]]


class Router:
    """Finds the endpoint of a request. Literal path segments take precedence over parameters."""

    def __init__(self, specification: Specification) -> None:
        self.book = SchemaBook(specification.document)
        self.endpoints = [Endpoint(operation, self.book) for operation in specification.operations]
        self._root = _PathNode()
        for endpoint in self.endpoints:
            place = self._root
            for segment in endpoint.path.removesuffix("/").split("/")[1:]:
                place = place.after(segment)
            place.endpoints[endpoint.operation.method] = endpoint

    def find(self, method: str, path: str) -> tuple[Endpoint | None, dict[str, str], frozenset[str]]:
        """The endpoint, its path values, and the methods that the path has: none when there is no such path."""
        known: frozenset[str] = frozenset()
        matches = self._root.matches(path.removesuffix("/").split("/")[1:])
        for _, values, endpoints in sorted(matches, key=itemgetter(0)):
            known = known or frozenset(endpoints)
            if method in endpoints:
                return endpoints[method], dict(zip(endpoints[method].names, values, strict=True)), known
        return None, {}, known

    def get(self, method: str, path: str) -> Endpoint | None:
        """The endpoint of a method and a path template."""
        return next((item for item in self.endpoints if item.operation.method == method and item.path == path), None)

    def listings(self) -> Iterator[Endpoint]:
        """Every endpoint that lists a collection."""
        return (item for item in self.endpoints if item.operation.method == "GET" and item.is_list)


@lru_cache(maxsize=1)
def router_of(specification: Specification) -> Router:
    """The router of a specification, with the schemas that it has compiled."""
    return Router(specification)


def _json_schema(holder: Mapping[str, Any]) -> SchemaObject | None:
    content = holder.get("content", {})
    schema: SchemaObject | None = next(
        (item.get("schema") for name, item in content.items() if is_json(name) or name in _PLAIN_JSON), None
    )
    return schema


#: What plain JSON is described as.
_PLAIN_JSON = frozenset({JSON, "application/*", "*/*"})


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON or a kind of it, such as `application/problem+json`."""
    return "json" in media_type.lower()
