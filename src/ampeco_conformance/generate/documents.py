"""The document of a specification as Schemathesis reads it."""

from functools import lru_cache
from typing import Any

from ampeco_conformance.specs import KEPT_IN_MEMORY, Specification
from ampeco_conformance.specs.patterns import is_generable, without_patterns


@lru_cache(maxsize=KEPT_IN_MEMORY)
def generable_document(specification: Specification) -> dict[str, Any]:
    """The document without the patterns that no text can be made for; shared by all callers: do not change it."""
    document: dict[str, Any] = without_patterns(specification.document, is_generable)
    return document
