"""What the version has is there: its operations have a route, and what a listing shows can be read by its id.

Source: the paths of the specification. The message is that of the vendor's framework for a path without a route.
"""

from ampeco_conformance.core.checks import Reproduction, Severity, Strictness, Violation, declare

ROUTE_EXISTS = declare(
    "route_exists",
    title="Every operation has a route",
    severity=Severity.CRITICAL,
    claim="No valid request to an operation of the version is answered that there is no such route.",
    source="the paths of the specification",
    aspect="operation",
    reproduction=Reproduction.STATUS,
)
OPERATION_SUCCEEDS = declare(
    "operation_succeeds",
    title="Every operation can succeed",
    severity=Severity.CRITICAL,
    claim="Not every valid request to an operation is refused, whatever its object and its body.",
    source="the documented success of the operation; a tenant may lack what it needs, so there it is not proven",
    aspect="operation",
    reproduction=Reproduction.STATUS,
    on_tenants=Strictness.OFF,
)
FEATURE_ENABLED = declare(
    "feature_enabled",
    title="Features that must be on are enabled",
    severity=Severity.CRITICAL,
    claim="An operation of a feature that tenants.yaml names as switched on is not refused as not enabled.",
    source="`features` in tenants.yaml",
    aspect="operation",
    reproduction=Reproduction.STATUS,
)
NO_LONGER_SEEN = declare(
    "no_longer_seen",
    title="What was always shown is still shown",
    severity=Severity.NORMAL,
    claim="A field, enum value or status that successful answers showed for three nights is not missing for three.",
    source="the answers of the target in earlier runs, as the history keeps them",
    aspect="drift",
    strictness=Strictness.ADVISORY,
)
LISTED_IS_READ = declare(
    "listed_is_read",
    title="What is listed can be read",
    severity=Severity.CRITICAL,
    claim="An item of a listing is read by its id: neither missing, refused as invalid nor empty, nor forbidden alone.",
    source="the paths of the specification: a read of an item takes the ids of its listing",
    aspect="reads",
)


def missing_route_violation(message: str) -> Violation:
    """The violation of an operation that has no route; `message` is what the target says."""
    return ROUTE_EXISTS.violation(f"has no route: {message}", expected="a response of the operation", actual=message)


def always_refused_violation(status: int, objects: int) -> Violation:
    """The violation of an operation that no valid request got a success of; `objects` were tried."""
    tried = f"{objects} objects" if objects > 1 else "one object" if objects else "every body"
    message = f"every valid request is refused, at last with {status} ({tried} tried)"
    return OPERATION_SUCCEEDS.violation(message, expected="a documented success", actual=status)


def feature_violation(feature: str) -> Violation:
    """The violation of an operation whose feature must be enabled and is not."""
    return FEATURE_ENABLED.violation(f"the feature {feature} must be on, and is not enabled", actual="not enabled")


def unread_violation(identifier: object, outcome: str) -> Violation:
    """The violation of an item that is listed and cannot be read; `outcome` says what its read is."""
    message = f"item {identifier} is listed, and its read is {outcome}"
    return LISTED_IS_READ.violation(message, expected="the item", actual=outcome)
