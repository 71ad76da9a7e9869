"""Fields and headers of a response that its specification does not document.

The vendor promises to add fields without notice, so none of this is a violation by default: it is drift, which is
collected over a run. Where the specification leaves an object open (no properties, `additionalProperties`), every
field is documented; of alternatives, the fields of all count. A field that is required is documented.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.contract.responses import ApiContract, documented_response, media_type_of
from ampeco_conformance.core.checks import Check, Reproduction, Severity, Strictness, declare
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.specs import Operation
from ampeco_conformance.specs.walking import escape_pointer

_COMBINATORS = ("allOf", "anyOf", "oneOf")
_ITEMS_LOOKED_AT = 50

UNDOCUMENTED_FIELD = declare(
    "undocumented_field",
    title="Undocumented response fields",
    severity=Severity.TRIVIAL,
    claim="The fields of a response are those of its schema; the vendor may add some, so others are drift.",
    source="the schema of the documented response",
    aspect="drift",
    reproduction=Reproduction.ANSWER,
    strictness=Strictness.TOLERANT,
)
UNDOCUMENTED_HEADER = declare(
    "undocumented_header",
    title="Undocumented response headers",
    severity=Severity.TRIVIAL,
    claim="The headers of a response are documented or standard; others are drift.",
    source="the headers of the documented response, and the registered HTTP headers",
    aspect="drift",
    reproduction=Reproduction.ANSWER,
    strictness=Strictness.TOLERANT,
)
#: Headers that HTTP, browsers' security and the usual proxies and servers have (IANA's registry, and what is common),
#: and those that the vendor's guides and tenants show: the rate limit's, the version of the application, a trace id.
_STANDARD_HEADER = re.compile(
    r"(accept|access-control|cf|content|cross-origin|proxy|ratelimit|reporting|sec|timing|www|x-amzn?|x-b3|x-cache"
    r"|x-cloud|x-content|x-dns|x-download|x-envoy|x-forwarded|x-frame|x-permitted|x-ratelimit|x-ua|x-xss)-[\w-]+"
    r"|age|allow|alt-svc|cache-control|connection|date|deprecation|etag|expect-ct|expires|feature-policy|keep-alive"
    r"|last-modified|link|location|nel|origin-agent-cluster|p3p|permissions-policy|pragma|ratelimit|referrer-policy"
    r"|report-to|retry-after|server|server-timing|set-cookie|status|strict-transport-security|sunset|traceparent"
    r"|tracestate|trailer|transfer-encoding|upgrade|vary|via|warning|x-app-version|x-cache|x-powered-by|x-req-trace-id"
    r"|x-request-id"
    r"|x-response-time|x-runtime",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Undocumented:
    """Something that is not documented: where it is in the response (`*` for the items of a list), and its value.

    `place` is the pointer, in the specification, of the object that would document it.
    """

    check: Check
    location: str
    value: Any
    place: str


@dataclass(frozen=True, slots=True)
class _DocumentedShape:
    """What schemas document of an object and a list; `owner` is the pointer of the schema that lists the fields."""

    fields: Mapping[str, Sequence[str]]
    items: Sequence[str]
    is_open: bool
    owner: str


class UndocumentedFinder:
    """Finds what is not documented in the answers of one specification; what it learns of schemas is kept."""

    def __init__(self, contract: ApiContract) -> None:
        self._contract = contract
        self._shapes: dict[tuple[str, ...], _DocumentedShape] = {}

    def found_in(self, operation: Operation, exchange: Exchange) -> Iterator[Undocumented]:
        """Fields and headers of an answer that its operation does not document for the status.

        Answers that are not documented at all, or that are not JSON, have no fields to be compared.
        """
        response = exchange.response
        if response is None:
            return
        documented = documented_response(self._contract, operation, response.status_code)
        if documented is None:
            return
        definition, pointer = documented
        known = {name.lower() for name in definition.get("headers", {})}
        for name, value in response.headers:
            if not _STANDARD_HEADER.fullmatch(name) and name.lower() not in known:
                yield Undocumented(UNDOCUMENTED_HEADER, name, value, f"{pointer}/headers")
        content, received = definition.get("content") or {}, media_type_of(response)
        media_type = next((kind for kind in content if kind.partition(";")[0].strip().lower() == received), None)
        if media_type is None or "schema" not in content[media_type] or "json" not in received:
            return
        try:
            body = response.json()
        except ValueError:
            return
        yield from self._fields((f"{pointer}/content/{escape_pointer(media_type)}/schema",), body, "")

    def documents(self, label: str, status: int, location: str) -> bool:
        """Whether a field of an operation's answer is documented; `location` has `*` for the items of a list."""
        operation = next((known for known in self._contract.specification.operations if known.label == label), None)
        return operation is not None and any(self._documented_at(operation, status, location))

    def _documented_at(self, operation: Operation, status: int, location: str) -> Iterator[Sequence[str]]:
        """The pointers of the schemas of a field, for each media type of the answer that documents it."""
        documented = documented_response(self._contract, operation, status)
        definition, pointer = documented if documented else ({}, "")
        for media_type, content in (definition.get("content") or {}).items():
            pointers: Sequence[str] = (f"{pointer}/content/{escape_pointer(media_type)}/schema",)
            for token in location.split("/")[1:] if "schema" in content else ():
                shape = self._shape(tuple(pointers))
                pointers = shape.items if token == "*" else shape.fields.get(token, ())
            if pointers and "schema" in content:
                yield pointers

    def fields_beyond(self, pointer: str, value: Any) -> Iterator[tuple[str, frozenset[str]]]:
        """The fields of a JSON value that the schema at a pointer does not document, each with those beside it."""
        for found in self._fields((pointer,), value, ""):
            yield found.location, frozenset(self._read((found.place,)).fields)

    def read_only_fields(self, pointer: str, value: Any) -> Iterator[str]:
        """Where a JSON value has fields that the schema at a pointer calls read-only, in each of its alternatives."""
        yield from self._read_only((pointer,), value, "")

    def _read_only(self, pointers: tuple[str, ...], value: Any, location: str) -> Iterator[str]:
        shape = self._shape(pointers)
        if isinstance(value, list):
            for item in value[:_ITEMS_LOOKED_AT] if shape.items else ():
                yield from self._read_only(tuple(shape.items), item, f"{location}/*")
        elif isinstance(value, dict):
            for name, inner in value.items():
                below, found = f"{location}/{escape_pointer(name)}", tuple(shape.fields.get(name, ()))
                schemas = [self._contract.schemas.resolve(self._contract.schemas.at(at), at)[0] for at in found]
                if schemas and all(schema.get("readOnly") for schema in schemas):
                    yield below
                elif schemas:
                    yield from self._read_only(found, inner, below)

    def names_at(self, operation: Operation, status: int, location: str) -> frozenset[str]:
        """The names of the fields that an operation's answer documents below a location."""
        names: set[str] = set()
        for pointers in self._documented_at(operation, status, location):
            names |= self._shape(tuple(pointers)).fields.keys()
        return frozenset(names)

    def findings(self, operation: Operation, exchange: Exchange) -> list[Finding]:
        """Everything undocumented in a response, as findings."""
        return [self.finding(operation, exchange, found) for found in self.found_in(operation, exchange)]

    def finding(self, operation: Operation, exchange: Exchange, found: Undocumented) -> Finding:
        """A finding of something that is not documented."""
        status = exchange.response.status_code if exchange.response else None
        what = "field" if found.check is UNDOCUMENTED_FIELD else "header"
        message = f"the {what} {found.location} at {status} is not documented"
        violation = found.check.violation(message, found.location, source=found.place)
        return self._contract.findings(operation, exchange, [violation])[0]

    def _fields(self, pointers: tuple[str, ...], value: Any, location: str) -> Iterator[Undocumented]:
        if isinstance(value, list):
            items = tuple(self._shape(pointers).items)
            for item in value[:_ITEMS_LOOKED_AT] if items else ():
                yield from self._fields(items, item, f"{location}/*")
        elif isinstance(value, dict):
            shape = self._shape(pointers)
            for name, inner in value.items():
                if name in shape.fields:
                    if isinstance(inner, dict | list):
                        yield from self._fields(tuple(shape.fields[name]), inner, f"{location}/{escape_pointer(name)}")
                elif shape.fields and not shape.is_open:
                    below = f"{location}/{escape_pointer(name)}"
                    yield Undocumented(UNDOCUMENTED_FIELD, below, inner, shape.owner)

    def _shape(self, pointers: tuple[str, ...]) -> _DocumentedShape:
        if pointers not in self._shapes:
            self._shapes[pointers] = self._read(pointers)
        return self._shapes[pointers]

    def _read(self, pointers: Sequence[str]) -> _DocumentedShape:
        fields: dict[str, list[str]] = {}
        items: list[str] = []
        is_open, owner = False, ""
        for schema, pointer in self._leaves(pointers, frozenset()):
            properties = schema.get("properties", {})
            for name in properties:
                fields.setdefault(name, []).append(f"{pointer}/properties/{escape_pointer(name)}")
            for name in schema.get("required", ()):
                # Required is documented, though nothing is said of what is in it.
                fields.setdefault(name, [])
            if properties and not owner:
                owner = pointer
            if "items" in schema:
                items.append(f"{pointer}/items")
            has_more = schema.get("additionalProperties", False) is not False or "patternProperties" in schema
            is_free = not properties and not any(combinator in schema for combinator in _COMBINATORS)
            is_open |= has_more or (is_free and schema.get("type", "object") == "object")
        return _DocumentedShape(fields, items, is_open, owner)

    def _leaves(self, pointers: Sequence[str], seen: frozenset[str]) -> Iterator[tuple[Mapping[str, Any], str]]:
        """The schemas at some pointers, references followed, with all of their alternatives and parts."""
        for given in pointers:
            schema, pointer = self._contract.schemas.resolve(self._contract.schemas.at(given), given)
            if pointer in seen:
                continue
            yield schema, pointer
            for combinator in _COMBINATORS:
                parts = [f"{pointer}/{combinator}/{index}" for index in range(len(schema.get(combinator, ())))]
                yield from self._leaves(parts, seen | {pointer})
