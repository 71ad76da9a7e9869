"""What an object allows beyond the fields that it names."""

from ampeco_conformance.compatibility.contracts import Json, Schema
from ampeco_conformance.specs.patterns import matcher


def _matches(pattern: str, name: str) -> bool:
    matches = matcher(pattern)
    return matches is not None and matches(name)


def of_unnamed(node: Schema, name: str) -> list[Schema]:
    """The schemas of a field that an object does not name: those of patterns, or else that of all others."""
    patterns = [
        schema
        for pattern, schema in node.get("patternProperties", {}).items()
        if isinstance(schema, dict) and _matches(pattern, name)
    ]
    others = node.get("additionalProperties", node.get("unevaluatedProperties"))
    return patterns or ([others] if isinstance(others, dict) else [])


def is_closed(node: Schema, name: str) -> bool:
    """Whether an object may not have a field that it does not name."""
    closed = False in (node.get("additionalProperties"), node.get("unevaluatedProperties"))
    return closed and not any(_matches(pattern, name) for pattern in node.get("patternProperties", ()))


def openness(additional: Json) -> int:
    """How much additionalProperties allows: nothing, what fits a schema, or anything."""
    return 1 if isinstance(additional, dict) else 2 if additional else 0
