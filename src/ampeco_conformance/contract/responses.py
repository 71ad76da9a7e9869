"""Judges responses by the specification with jsonschema-rs, independently of Schemathesis.

Scenarios use it for every exchange; property tests use it as the second opinion that confirms a finding.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from ampeco_conformance.contract.addresses import address_fields
from ampeco_conformance.contract.envelope import envelope_violations
from ampeco_conformance.contract.json_body import json_trouble
from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.path_templates import path_pattern, sendable
from ampeco_conformance.contract.schema_errors import SchemaError, schema_error_of
from ampeco_conformance.contract.schemas import Schemas
from ampeco_conformance.core.checks import Reproduction, Severity, Strictness, Violation, declare
from ampeco_conformance.core.exchanges import Exchange, Response, header
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.fingerprints import json_type
from ampeco_conformance.specs import KEPT_IN_MEMORY, Operation, Specification
from ampeco_conformance.specs.emptiness import Emptiness
from ampeco_conformance.specs.walking import escape_pointer, resolve

#: Keywords below which the keys are names.
_NAMES = ("properties", "patternProperties", "dependentSchemas")
_SHOWN_ERRORS = 20
_RESPONSES = "the documented responses of the operation"

NOT_A_SERVER_ERROR = declare(
    "not_a_server_error",
    title="No server error",
    severity=Severity.BLOCKER,
    claim="No request, valid or not, makes the server fail with a 5xx that is not documented.",
    source=_RESPONSES,
    aspect="operation",
    reproduction=Reproduction.ANSWER,
)
STATUS_CODE_CONFORMANCE = declare(
    "status_code_conformance",
    title="Only documented statuses",
    severity=Severity.CRITICAL,
    claim="Every response has a status that the operation documents.",
    source=_RESPONSES,
    aspect="operation",
    reproduction=Reproduction.ANSWER,
)
UNDOCUMENTED_NOT_FOUND = declare(
    "undocumented_not_found",
    title="Undocumented 404",
    severity=Severity.TRIVIAL,
    claim="A resource that does not exist is answered 404, also where an operation does not document that status.",
    source="the responses that reading, changing and removing share; an operation that leaves 404 out is drift",
    aspect="drift",
    reproduction=Reproduction.ANSWER,
    strictness=Strictness.TOLERANT,
)
CONTENT_TYPE_CONFORMANCE = declare(
    "content_type_conformance",
    title="Only documented content types",
    severity=Severity.CRITICAL,
    claim="A response with documented content has one of its media types.",
    source="the content of the documented response",
    aspect="operation",
    reproduction=Reproduction.ANSWER,
)
RESPONSE_SCHEMA_CONFORMANCE = declare(
    "response_schema_conformance",
    title="Response bodies match their schema",
    severity=Severity.CRITICAL,
    claim="The body of a response is valid under the schema documented for its status.",
    source="the schema of the documented response",
    aspect="operation",
    reproduction=Reproduction.ANSWER,
)


@lru_cache(maxsize=KEPT_IN_MEMORY)
def contract_of(specification: Specification) -> "ApiContract":
    """The rules of a specification, which all sessions of a process share."""
    return ApiContract(specification)


NO_CONTENT_HAS_NO_BODY = declare(
    "no_content_has_no_body",
    title="A 204 has no body",
    severity=Severity.CRITICAL,
    claim="A response with status 204 ends with its headers: what follows is taken for the next response.",
    source="RFC 9110, section 15.3.5",
    aspect="operation",
    reproduction=Reproduction.ANSWER,
)


class ApiContract:
    """The rules of one specification, ready to be applied to exchanges."""

    def __init__(self, specification: Specification) -> None:
        self.specification = specification
        self.schemas = Schemas(specification)
        # Guard, recorder and checks ask about the same request one after the other.
        self._operation_of = lru_cache(maxsize=64)(self._find_operation)
        self._emptiness = Emptiness(specification.document)

    def prepare(self) -> None:
        """Read now what is otherwise read on first use, so that forks of this process share it."""
        _ = self.address_fields
        self.schemas.prepare()

    @cached_property
    def address_fields(self) -> frozenset[str]:
        """The names of the fields and parameters that hold addresses."""
        return address_fields(self.specification, self.schemas)

    def operation_of(self, method: str, url: str) -> Operation | None:
        """The operation a request addresses: literal path segments win over parameters; None when there is none.

        A prefix before the specification's paths (a proxy's, say) is ignored.
        """
        return self._operation_of(method.upper(), url)

    def _find_operation(self, method: str, url: str) -> Operation | None:
        path = unquote(urlsplit(sendable(url)).path, encoding="utf-8", errors="replace")
        routes = self._routes.get(method, ())
        return next((operation for pattern, operation in routes if pattern.search(path)), None)

    @cached_property
    def _routes(self) -> dict[str, list[tuple[re.Pattern[str], Operation]]]:
        """The operations of each method with the pattern of their paths, the most literal paths first."""

        by_specificity = sorted(self.specification.operations, key=lambda item: item.path.count("{"))
        routes: dict[str, list[tuple[re.Pattern[str], Operation]]] = {}
        for operation in by_specificity:
            routes.setdefault(operation.method, []).append((path_pattern(operation.path), operation))
        return routes

    def check_response(self, exchange: Exchange, operation: Operation | None = None) -> list[Finding]:
        """Every way in which the response breaks the specification; empty when it conforms.

        An exchange without a response, or of an operation the specification does not have, yields nothing:
        the caller decides what that means.
        """
        operation = operation or self.operation_of(exchange.request.method, exchange.request.url)
        if operation is None or exchange.response is None:
            return []
        return self.findings(operation, exchange, self._violations(operation, exchange.response))

    def findings(self, operation: Operation, exchange: Exchange, violations: Iterable[Violation]) -> list[Finding]:
        """The findings that an exchange of an operation of this specification shows."""
        version = self.specification.version
        return [Finding(violation, operation.label, version, exchange) for violation in violations]

    def documented_statuses(self, operation: Operation) -> frozenset[str]:
        """The status codes the specification gives the operation, as written ("200", "4XX", "default")."""
        return frozenset(str(status) for status in operation.definition.get("responses", {}))

    def _documents_success(self, operation: Operation) -> bool:
        return any(response_key(operation, status) is not None for status in range(200, 300))

    def _violations(self, operation: Operation, response: Response) -> Iterator[Violation]:
        status = response.status_code
        pointer = f"/paths/{escape_pointer(operation.path)}/{operation.method.lower()}/responses"
        key = response_key(operation, status)
        if status == 204 and response.body:
            message = f"a body of {len(response.body)} bytes or more follows the 204"
            yield NO_CONTENT_HAS_NO_BODY.violation(message, "body", expected="absent", actual="present")
        if status >= 500 and str(status) not in self.documented_statuses(operation):
            message = f"server error {status}"
            yield NOT_A_SERVER_ERROR.violation(message, expected="a status below 500", actual=status, source=pointer)
        elif key is None and status == 404 and "{" in operation.path:
            message = "the resource named by the path does not exist, and 404 is not documented"
            documented = ", ".join(sorted(self.documented_statuses(operation)))
            yield UNDOCUMENTED_NOT_FOUND.violation(message, expected=documented, actual=status, source=pointer)
        elif key is None and status < 300 and not self._documents_success(operation):
            return  # a defect of the document, which `specs lint` names
        elif key is None:
            documented = ", ".join(sorted(self.documented_statuses(operation)))
            message = f"status {status} is not documented (documented: {documented})"
            # A client takes any unknown refusal for one; another success, or a redirection, it does not understand.
            is_growth = 400 <= status < 500
            yield STATUS_CODE_CONFORMANCE.violation(
                message, expected=documented, actual=status, source=pointer, is_growth=is_growth
            )
        else:
            yield from self._content_violations(
                *self.schemas.resolve(operation.definition["responses"][key], f"{pointer}/{key}"), response
            )

    def _content_violations(
        self, definition: Mapping[str, Any], pointer: str, response: Response
    ) -> Iterator[Violation]:
        content = definition.get("content") or {}
        media_type = media_type_of(response)
        documented_type = next((item for item in content if _matches(item, media_type)), None)
        if documented_type is None:
            if content:
                documented = ", ".join(content)
                yield CONTENT_TYPE_CONFORMANCE.violation(
                    f"content type {media_type or 'missing'} instead of {documented} at {response.status_code}",
                    "Content-Type",
                    expected=documented,
                    actual=media_type,
                    kind=media_type,
                    source=pointer,
                )
            return
        if "schema" not in content[documented_type] or "json" not in documented_type:
            return
        if (trouble := json_trouble(response.body)) is not None:
            yield RESPONSE_SCHEMA_CONFORMANCE.violation(
                f"the body of {response.status_code} {trouble}",
                expected="a JSON document",
                actual=response.body[:200].decode("utf-8", "replace"),
                kind="json",
                source=pointer,
            )
            return
        schema_pointer = f"{pointer}/content/{escape_pointer(documented_type)}/schema"
        body = response.json()
        schema, _ = self.schemas.resolve(content[documented_type]["schema"], schema_pointer)
        yield from envelope_violations(self.specification.api, response.status_code, schema, body, schema_pointer)
        for error in self.schema_errors(schema_pointer, body, Direction.RESPONSE):
            yield RESPONSE_SCHEMA_CONFORMANCE.violation(
                f"{error.message} at {response.status_code}",
                error.location,
                expected=_demanded(error.expected),
                actual=error.actual,
                kind=error.keyword,
                source=error.source,
                place=error.place,
                is_growth=error.is_growth,
                nearest=_in_nearest_alternative(error),
            )

    def schema_errors(self, pointer: str, value: Any, direction: Direction) -> Iterator[SchemaError]:
        """How a value breaks the schema at `pointer`.

        The same error in several items of a list or a map is given once, at its first place; that of a value of another
        type, or of another value outside an enum, is another error. What a schema says that no value satisfies is a
        defect of the document, which `specs lint` names, and no error.
        """
        seen: set[tuple[str, ...]] = set()
        for found in self.schemas.validator(pointer, direction).iter_errors(value):
            if self._is_unsatisfiable(pointer, found.evaluation_path):
                continue
            error = schema_error_of(found)
            outside = str(error.actual) if error.keyword == "enum" else ""
            key = (error.place, error.keyword, json_type(error.actual), outside)
            if key in seen:
                continue
            seen.add(key)
            yield error
            if len(seen) == _SHOWN_ERRORS:
                return

    def _is_unsatisfiable(self, pointer: str, path: Sequence[str | int]) -> bool:
        """Whether a schema that forbids every value is on the path of keywords from the one at `pointer`."""
        node, keyword, has_names = self.schemas.at(pointer), iter(path), False
        while isinstance(node, dict | list):
            if isinstance(node, dict) and not has_names and self._emptiness.is_empty_itself(node):
                return True
            name = next(keyword, None)
            # The keys below `properties` are no keywords, though a field may be named as one.
            has_names = name in _NAMES and not has_names
            if name == "$ref":
                continue  # `is_empty_itself` follows references, and so does the next step
            if isinstance(node, dict):
                node = resolve(self.specification.document, node)
                # The validators read `oneOf` as `anyOf`.
                node = node.get(str(name), node.get("oneOf") if name == "anyOf" else None)
            else:
                node = node[name] if isinstance(name, int) and name < len(node) else None
        return False


def documented_response(contract: ApiContract, operation: Operation, status: int) -> tuple[dict[str, Any], str] | None:
    """What an operation documents for a status, with its pointer; None when it documents nothing."""
    key = response_key(operation, status)
    if key is None:
        return None
    pointer = f"/paths/{escape_pointer(operation.path)}/{operation.method.lower()}/responses/{key}"
    return contract.schemas.resolve(operation.definition["responses"][key], pointer)


def _demanded(expected: Any) -> Any:
    """What a keyword demands: the only value of its parameters, if it has one."""
    while isinstance(expected, dict | list) and len(expected) == 1:
        (expected,) = expected.values() if isinstance(expected, dict) else expected
    return expected


def _in_nearest_alternative(error: SchemaError) -> Violation | None:
    """The innermost error of nearest alternatives; None when there were none, or errors of several kinds."""
    inner = error.nearest
    while inner is not None and inner.nearest is not None:
        inner = inner.nearest
    if inner is None:
        return None
    return RESPONSE_SCHEMA_CONFORMANCE.violation(inner.message, inner.location, actual=inner.actual, kind=inner.keyword)


def response_key(operation: Operation, status: int) -> str | None:
    """The key under which a status is documented: exact, then its class (4XX), then default."""
    documented = {str(key).upper(): str(key) for key in operation.definition.get("responses", {})}
    candidates = (str(status), f"{status // 100}XX", "DEFAULT")
    return next((documented[key] for key in candidates if key in documented), None)


def media_type_of(response: Response) -> str:
    """The media type of an answer, without its parameters; empty when it says none."""
    return (header(response.headers, "Content-Type") or "").partition(";")[0].strip().lower()


def _matches(documented: str, received: str) -> bool:
    documented = documented.partition(";")[0].strip().lower()
    return documented in ("*/*", received) or (
        documented.endswith("/*") and received.startswith(documented.removesuffix("*"))
    )
