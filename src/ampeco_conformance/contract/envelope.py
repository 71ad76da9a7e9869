"""What every answer of an API holds, although no schema requires it: `data`, or why a request is refused.

The vendor's documents list these fields and require them hardly anywhere; so do ours. That they are always there is
the rule of the suite, and `response_schema_conformance` says what a document itself requires.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ampeco_conformance.apis import describe
from ampeco_conformance.core.checks import Reproduction, Severity, Violation, declare

ENVELOPE = declare(
    "envelope",
    title="Responses have their envelope",
    severity=Severity.CRITICAL,
    claim="A success has what was asked for in `data`, a refusal its reason in `message`, where they are documented.",
    source="the documented responses, which list these fields without requiring them",
    aspect="operation",
    reproduction=Reproduction.ANSWER,
)


def envelope_violations(
    api: str, status: int, schema: Mapping[str, Any], body: Any, source: str
) -> Iterator[Violation]:
    """The field of the envelope that a body lacks, when its schema lists it and does not require it."""
    name = _awaited(api, status, schema.get("properties") or {})
    if name and isinstance(body, dict) and name not in body and name not in (schema.get("required") or ()):
        yield ENVELOPE.violation(
            f"/{name} is missing at {status}", f"/{name}", expected="present", actual="absent", source=source
        )


def _awaited(api: str, status: int, properties: Mapping[str, Any]) -> str | None:
    """The field of the envelope that a response of this status and these properties has."""
    described = describe(api)
    if not described.envelope:
        return None
    names = (described.error_key, "errors") if status >= 400 else described.envelope
    return names[0] if names[0] in properties and properties.keys() <= {*names} else None
