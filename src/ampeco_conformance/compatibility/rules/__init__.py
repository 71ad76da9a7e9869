"""The one table of all that a comparison knows."""

from ampeco_conformance.compatibility.rules import existence, operations, schemas
from ampeco_conformance.compatibility.rules.model import Rule, Severity, table

RULES = table([*operations.DOCUMENT_RULES, *operations.OPERATION_RULES, *existence.RULES, *schemas.RULES])

__all__ = ["RULES", "Rule", "Severity"]
