"""The table of all rules of a comparison."""

from ampeco_conformance.compatibility.rules import existence, operations, schemas
from ampeco_conformance.compatibility.rules.metadata import METADATA_RULES
from ampeco_conformance.compatibility.rules.model import ChangeSeverity, ComparisonRule, table

RULES = table(
    [*operations.DOCUMENT_RULES, *METADATA_RULES, *operations.OPERATION_RULES, *existence.RULES, *schemas.RULES]
)

__all__ = ["RULES", "ChangeSeverity", "ComparisonRule"]
