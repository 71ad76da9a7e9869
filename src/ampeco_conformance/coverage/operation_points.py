"""What one operation documents that requests and responses can reach, and what of it they reach."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.path_templates import path_values
from ampeco_conformance.contract.requests import body_schema_pointer, parameters, read_text
from ampeco_conformance.contract.responses import ApiContract, response_key
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.coverage.parameters import QueryParameter, QueryUse, plain_name, query_parameters
from ampeco_conformance.coverage.schema_tree import Point, Reach, SchemaTree, Watch, schema_tree
from ampeco_conformance.coverage.watchers import fields_and_values, keywords
from ampeco_conformance.specs import Operation

_STATUSES = {"403": CoverageKind.FORBIDDEN, "404": CoverageKind.NOT_FOUND}
_BODY = fields_and_values(CoverageKind.REQUEST_FIELDS, CoverageKind.REQUEST_ENUMS)
_RESPONSE = fields_and_values(CoverageKind.RESPONSE_FIELDS, CoverageKind.RESPONSE_ENUMS)
_QUERY = fields_and_values(None, CoverageKind.REQUEST_ENUMS)
_FILTERS = fields_and_values(None, CoverageKind.FILTER_ENUMS)


@dataclass(slots=True)
class _RequestPart:
    """A part of requests, read from an exchange, with its tree; `needs_success` where only successful ones count."""

    tree: SchemaTree
    read: Callable[[Exchange], Any]
    needs_success: bool


class OperationPoints:
    """What is left to reach in one operation. Values that are not there are read as None, and reach nothing."""

    def __init__(self, contract: ApiContract, operation: Operation) -> None:
        self._contract = contract
        self._operation = operation
        self._query = query_parameters(contract, operation)
        self._use = QueryUse(self._query)
        self._statuses = {str(status) for status in operation.definition["responses"]}
        self._parts = [part for part in self._requests() if not part.tree.is_done]
        self._responses = {
            status: tree for status in self._statuses if not (tree := self._response_tree(status)).is_done
        }

    def points(self) -> Iterator[Point]:
        """What is left to reach."""
        for status in self._statuses:
            yield CoverageKind.STATUSES, status
            if status in _STATUSES:
                yield _STATUSES[status], status
        yield from self._use.points()
        for part in self._parts:
            yield from part.tree.points()
        for tree in self._responses.values():
            yield from tree.points()

    def see(self, exchange: Exchange, reach: Reach) -> None:
        """Report what an exchange reaches for the first time."""
        response = exchange.response
        if response is None:
            return
        status = response_key(self._operation, response.status_code)
        is_success = 200 <= response.status_code < 300
        if status in self._statuses:
            self._statuses.discard(status)
            reach(CoverageKind.STATUSES, status)
            if status in _STATUSES:
                reach(_STATUSES[status], status)
        if is_success and not self._use.is_done:
            self._use.see(self._query_of(exchange), reach)
        for part in self._parts:
            if (is_success or not part.needs_success) and (value := part.read(exchange)) is not None:
                part.tree.see(value, reach)
        self._parts = [part for part in self._parts if not part.tree.is_done]
        if status in self._responses and (content := _content(response.body)) is not None:
            self._responses[status].see(content, reach)
            if self._responses[status].is_done:
                del self._responses[status]

    def _requests(self) -> Iterator[_RequestPart]:
        contract, operation = self._contract, self._operation
        if (pointer := body_schema_pointer(contract, operation)) is not None:
            schema = contract.schemas.at(pointer)
            yield _RequestPart(self._request_tree(schema, "body", _BODY), _body, needs_success=True)
            yield _RequestPart(self._request_tree(schema, "body", keywords(in_text=False)), _body, needs_success=False)
        for watch, is_filter in ((_QUERY, False), (_FILTERS, True)):
            chosen = {name: known for name, known in self._query.items() if known.is_filter == is_filter}
            yield _RequestPart(self._request_tree(_object(chosen), "query", watch), self._query_of, needs_success=True)
        query = self._request_tree(_object(self._query), "query", keywords(in_text=True))
        yield _RequestPart(query, self._query_of, needs_success=False)
        in_path = {
            definition["name"]: definition.get("schema", {})
            for definition, _ in parameters(contract, operation)
            if definition["in"] == "path"
        }
        tree = self._request_tree({"properties": in_path}, "path", keywords(in_text=True))
        yield _RequestPart(tree, lambda exchange: _path(contract, operation, in_path, exchange), needs_success=False)

    def _request_tree(self, schema: Mapping[str, Any], place: str, watch: Watch) -> SchemaTree:
        return schema_tree(self._contract.schemas, schema, Direction.REQUEST, place, watch)

    def _response_tree(self, status: str) -> SchemaTree:
        definition, _ = self._contract.schemas.resolve(self._operation.definition["responses"][status], "")
        content = definition.get("content") or {}
        schema: Mapping[str, Any] = next(
            (media.get("schema", {}) for kind, media in content.items() if "json" in kind), {}
        )
        return schema_tree(self._contract.schemas, schema, Direction.RESPONSE, status, _RESPONSE)

    def _query_of(self, exchange: Exchange) -> dict[str, Any]:
        """The values of the documented query parameters, read as their schemas say."""
        found: dict[str, Any] = {}
        for name, text in parse_qsl(urlsplit(exchange.request.url).query, keep_blank_values=True):
            known = self._query.get(plain_name(name))
            if known is not None and known.is_list:
                found.setdefault(known.name, []).append(read_text(known.schema["items"], text))
            elif known is not None:
                found[known.name] = read_text(known.schema, text)
        return found


def _object(query: Mapping[str, QueryParameter]) -> dict[str, Any]:
    """The schema of a query as that of an object."""
    required = [name for name, parameter in query.items() if parameter.is_required]
    return {"properties": {name: parameter.schema for name, parameter in query.items()}, "required": required}


def _path(
    contract: ApiContract, operation: Operation, schemas: Mapping[str, Any], exchange: Exchange
) -> dict[str, Any]:
    """The values of the path parameters, read as their schemas say."""
    texts = path_values(operation, exchange.request.url)
    return {
        name: read_text(contract.schemas.resolve(schemas[name], "")[0], text)
        for name, text in texts.items()
        if name in schemas
    }


def _body(exchange: Exchange) -> Any:
    return _content(exchange.request.body)


def _content(body: bytes | None) -> Any:
    """A JSON body; None when it is not one."""
    try:
        return orjson.loads(body or b"null")
    except orjson.JSONDecodeError:
        return None
