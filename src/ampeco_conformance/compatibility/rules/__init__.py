"""The one table of all that a comparison knows."""

from ampeco_conformance.compatibility.rules import existence, operations, schemas
from ampeco_conformance.compatibility.rules.model import ChangeSeverity, ComparisonRule, table

RULES = table([*operations.DOCUMENT_RULES, *operations.OPERATION_RULES, *existence.RULES, *schemas.RULES])

__all__ = ["RULES", "ChangeSeverity", "ComparisonRule"]
