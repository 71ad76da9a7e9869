"""Does an answer keep the contract of its operation? Judged by jsonschema-rs, independently of Schemathesis.

Scenarios rely on it for every exchange; property tests use it as the second opinion that confirms a finding.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema_rs

from ampeco_conformance.contract.json_body import json_trouble
from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.schemas import Schemas
from ampeco_conformance.core.exchanges import Exchange, Response, header
from ampeco_conformance.core.findings import Finding, Severity
from ampeco_conformance.specs import Operation, Specification
from ampeco_conformance.specs.walking import escape_pointer

_PARAMETER = re.compile(r"\{[^}]+\}")
_INDEX = re.compile(r"/\d+(?=/|$)")
_SHOWN_VIOLATIONS = 5


class ApiContract:
    """The rules of one specification, ready to be applied to exchanges."""

    def __init__(self, specification: Specification) -> None:
        self.specification = specification
        self.schemas = Schemas(specification)

    def operation_of(self, method: str, url: str) -> Operation | None:
        """The operation a request addresses: literal path segments win over parameters; None when there is none.

        A prefix before the specification's paths (a proxy's, say) is ignored.
        """
        path = unquote(urlsplit(url).path, encoding="utf-8", errors="replace")
        matches = (
            operation
            for pattern, operation in self._routes
            if operation.method == method.upper() and pattern.search(path)
        )
        return next(matches, None)

    @cached_property
    def _routes(self) -> list[tuple[re.Pattern[str], Operation]]:
        def pattern(operation: Operation) -> re.Pattern[str]:
            parts = [re.escape(part) for part in _PARAMETER.split(operation.path)]
            return re.compile("[^/]+".join(parts) + "/?$")

        by_specificity = sorted(self.specification.operations, key=lambda item: item.path.count("{"))
        return [(pattern(operation), operation) for operation in by_specificity]

    def check_response(self, exchange: Exchange, operation: Operation | None = None) -> list[Finding]:
        """Every way in which the answer breaks the specification; empty when it conforms.

        An exchange without an answer, or of an operation the specification does not have, yields nothing:
        the caller decides what that means.
        """
        operation = operation or self.operation_of(exchange.request.method, exchange.request.url)
        if operation is None or exchange.response is None:
            return []
        return list(self._violations(operation, exchange, exchange.response))

    def finding(
        self,
        operation: Operation,
        exchange: Exchange,
        check: str,
        message: str,
        severity: Severity = Severity.NORMAL,
        **details: Any,
    ) -> Finding:
        """A finding on an operation of this specification; `details` are the other fields of `Finding`."""
        return Finding(
            check=check,
            operation=operation.label,
            api_version=self.specification.version,
            message=message,
            severity=severity,
            exchange=exchange,
            **details,
        )

    def documented_statuses(self, operation: Operation) -> frozenset[str]:
        """The status codes the specification gives the operation, as written ("200", "4XX", "default")."""
        return frozenset(str(status) for status in operation.definition.get("responses", {}))

    def _violations(self, operation: Operation, exchange: Exchange, response: Response) -> Iterator[Finding]:
        responses_pointer = f"/paths/{escape_pointer(operation.path)}/{operation.method.lower()}/responses"
        if response.status_code >= 500 and str(response.status_code) not in operation.definition["responses"]:
            yield self.finding(
                operation,
                exchange,
                "not_a_server_error",
                f"server error {response.status_code}",
                Severity.BLOCKER,
                expected="an answer below 500",
                actual=response.status_code,
                source=responses_pointer,
            )
            return
        key = _response_key(operation, response.status_code)
        if key is None and response.status_code == 404 and "{" in operation.path:
            yield self.finding(
                operation,
                exchange,
                "undocumented_not_found",
                "what a path names is not found, which is not documented",
                Severity.TRIVIAL,
                expected=", ".join(sorted(self.documented_statuses(operation))),
                actual=404,
                source=responses_pointer,
            )
            return
        if key is None:
            documented = ", ".join(sorted(self.documented_statuses(operation)))
            yield self.finding(
                operation,
                exchange,
                "status_code_conformance",
                f"status {response.status_code} is not documented (documented: {documented})",
                Severity.CRITICAL,
                expected=documented,
                actual=response.status_code,
                source=responses_pointer,
            )
            return
        definition, pointer = self.schemas.resolve(operation.definition["responses"][key], f"{responses_pointer}/{key}")
        content = definition.get("content") or {}
        if not content:
            return
        media_type = media_type_of(response)
        documented_type = next((item for item in content if _matches(item, media_type)), None)
        if documented_type is None:
            yield self.finding(
                operation,
                exchange,
                "content_type_conformance",
                f"content type {media_type or 'missing'} instead of {', '.join(content)} at {response.status_code}",
                Severity.CRITICAL,
                location="Content-Type",
                expected=", ".join(content),
                actual=media_type,
                source=pointer,
            )
            return
        if "schema" not in content[documented_type] or "json" not in documented_type:
            return
        if (trouble := json_trouble(response.body)) is not None:
            yield self.finding(
                operation,
                exchange,
                "response_schema_conformance",
                f"the body of {response.status_code} {trouble}",
                Severity.CRITICAL,
                expected="a JSON document",
                actual=response.body[:200].decode("utf-8", "replace"),
                source=pointer,
            )
            return
        body = response.json()
        schema_pointer = f"{pointer}/content/{escape_pointer(documented_type)}/schema"
        yield from (
            self.finding(operation, exchange, "response_schema_conformance", message, Severity.CRITICAL, **details)
            for message, details in self.schema_violations(
                schema_pointer, body, Direction.RESPONSE, where=f"at {response.status_code}"
            )
        )

    def schema_violations(
        self, pointer: str, value: Any, direction: Direction, where: str
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Violations of the schema at `pointer`: a sentence; location, expected, actual and source for a finding.

        The same violation in several items of a list is given once, at its first place.
        """
        seen: set[tuple[str, str]] = set()
        for error in self.schemas.validator(pointer, direction).iter_errors(value):
            violation = _describe(error)
            key = (_INDEX.sub("/*", violation["location"]), error.kind.name)
            if key in seen:
                continue
            seen.add(key)
            sentence = violation.pop("sentence")
            yield f"{violation['location'] or 'the body'} {sentence} {where}".strip(), violation
            if len(seen) == _SHOWN_VIOLATIONS:
                return


def documented_response(contract: ApiContract, operation: Operation, status: int) -> tuple[dict[str, Any], str] | None:
    """What an operation documents for a status, with its pointer; None when it documents nothing."""
    key = _response_key(operation, status)
    if key is None:
        return None
    pointer = f"/paths/{escape_pointer(operation.path)}/{operation.method.lower()}/responses/{key}"
    return contract.schemas.resolve(operation.definition["responses"][key], pointer)


def _describe(error: jsonschema_rs.ValidationError) -> dict[str, Any]:
    location = "".join(f"/{escape_pointer(str(token))}" for token in error.instance_path)
    source = "".join(f"/{escape_pointer(str(token))}" for token in error.schema_path)
    if error.kind.name == "required":
        name = escape_pointer(error.kind.as_dict()["property"])
        return {
            "location": f"{location}/{name}",
            "sentence": "is missing",
            "expected": "present",
            "actual": "absent",
            "source": source,
        }
    return {
        "location": location,
        "sentence": f"breaks `{error.kind.name}`: {_shorten(error.message)}",
        "expected": {key: value for key, value in error.kind.as_dict().items() if key != "context"},
        "actual": error.instance,
        "source": source,
    }


def _shorten(text: str) -> str:
    """Long instances stand at the start of a validator's message, the reason at its end: keep both."""
    return text if len(text) <= 160 else f"{text[:60]} ... {text[-90:]}"


def _response_key(operation: Operation, status: int) -> str | None:
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
