"""The operations of the served version: route, parameters, body, responses."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ampeco_conformance.specs import Operation, Specification
from ampeco_emulator.openapi.schemas import SchemaBook, SchemaObject

_PLACEHOLDER = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True)
class Parameter:
    """A query or path parameter."""

    name: str
    place: str
    required: bool
    schema: SchemaObject
    deep: bool


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
            )
            for entry in resolved
            if entry["in"] in ("path", "query")
        ]

    def parameter(self, name: str) -> Parameter | None:
        """The query parameter of this name."""
        return next((item for item in self.parameters if item.name == name and item.place == "query"), None)

    @cached_property
    def body_schema(self) -> SchemaObject | None:
        """The schema of the JSON request body; None when the operation has none."""
        return _json_schema(self.book.deref(self.operation.definition.get("requestBody", {})))

    @cached_property
    def body_required(self) -> bool:
        """Whether the body is required."""
        return bool(self.book.deref(self.operation.definition.get("requestBody", {})).get("required"))

    @cached_property
    def statuses(self) -> frozenset[int]:
        """The documented status codes."""
        return frozenset(int(status) for status in self.operation.definition["responses"] if str(status).isdigit())

    @cached_property
    def success(self) -> int:
        """The documented success status; the lowest, where there are several."""
        return min(status for status in self.statuses if 200 <= status < 300)

    def response_schema(self, status: int) -> SchemaObject | None:
        """The schema of the JSON body of a response; None when it has no body."""
        return _json_schema(self.book.deref(self.operation.definition["responses"].get(str(status), {})))

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
    def is_list(self) -> bool:
        """Whether the success response is a listing."""
        data = self.response_properties.get("data")
        return data is not None and self.book.deref(data).get("type") == "array"

    @cached_property
    def has_plain_envelope(self) -> bool:
        """Whether `data` is the only required property of the success response."""
        schema = self.response_schema(self.success)
        return schema is not None and set(self.book.deref(schema).get("required", ())) <= {"data"}

    @property
    def ends_in_parameter(self) -> bool:
        """Whether the path addresses one item."""
        return self.path.endswith("}")

    @property
    def collection(self) -> str:
        """The path of the collection that the item, or this listing, belongs to."""
        return self.path.rpartition("/")[0] if self.ends_in_parameter else self.path


class Router:
    """Finds the endpoint of a request. Literal path segments take precedence over parameters."""

    def __init__(self, specification: Specification) -> None:
        self.book = SchemaBook(specification.document)
        self.endpoints = [Endpoint(operation, self.book) for operation in specification.operations]
        by_path: dict[str, dict[str, Endpoint]] = {}
        for endpoint in self.endpoints:
            by_path.setdefault(endpoint.path, {})[endpoint.operation.method] = endpoint
        self._routes: dict[int, list[tuple[re.Pattern[str], dict[str, Endpoint]]]] = {}
        for template, methods in sorted(by_path.items(), key=_specificity):
            self._routes.setdefault(template.count("/"), []).append((_pattern(template), methods))

    def find(self, method: str, path: str) -> tuple[Endpoint | None, dict[str, str], frozenset[str]]:
        """The endpoint, its path values, and the methods that the path has: none when there is no such path."""
        known: frozenset[str] = frozenset()
        for pattern, methods in self._routes.get(path.rstrip("/").count("/"), ()):
            match = pattern.fullmatch(path)
            if match is None:
                continue
            known = known or frozenset(methods)
            if method in methods:
                endpoint = methods[method]
                return endpoint, dict(zip(endpoint.names, match.groups(), strict=True)), known
        return None, {}, known

    def get(self, method: str, path: str) -> Endpoint | None:
        """The endpoint of a method and a path template."""
        return next((item for item in self.endpoints if item.operation.method == method and item.path == path), None)

    def listings(self) -> Iterator[Endpoint]:
        """Every endpoint that lists a collection."""
        return (item for item in self.endpoints if item.operation.method == "GET" and item.is_list)


def _pattern(path: str) -> re.Pattern[str]:
    literals = [re.escape(part) for part in re.split(r"\{[^}]+\}", path)]
    return re.compile("([^/]+)".join(literals) + "/?", re.DOTALL)


def _specificity(entry: tuple[str, Any]) -> tuple[int, str]:
    return entry[0].count("{"), entry[0]


def _json_schema(holder: Mapping[str, Any]) -> SchemaObject | None:
    content = holder.get("content", {})
    schema: SchemaObject | None = next((item.get("schema") for name, item in content.items() if "json" in name), None)
    return schema
