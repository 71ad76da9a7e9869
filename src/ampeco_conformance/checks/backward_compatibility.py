"""The version under test keeps what the target's last tested version promised.

Source: the two specifications, compared under the vendor's policy (docs/guide/compatibility.md).
"""

from ampeco_conformance.core.checks import Reproduction, Severity, declare

BACKWARD_COMPATIBILITY = declare(
    "backward_compatibility",
    title="Clients keep working after the upgrade",
    severity=Severity.CRITICAL,
    claim="The version under test keeps what the target's last tested version promised.",
    source="the two specifications, compared under the vendor's policy (docs/guide/compatibility.md)",
    aspect="compatibility",
    reproduction=Reproduction.COMPARISON,
)
