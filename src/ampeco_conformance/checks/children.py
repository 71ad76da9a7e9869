"""A child belongs to its parent: what is listed below a parent can be read there, and below no other.

Source: the path of a child names its parent; a resource that does not exist is answered 404.
"""

from ampeco_conformance.core.checks import Severity, Violation, declare

CHILD_OF_ITS_PARENT = declare(
    "child_of_its_parent",
    title="Children belong to their parent",
    severity=Severity.CRITICAL,
    claim="A child listed below a parent is read there, and neither read nor written below one that does not list it.",
    source="the path of a child, which names its parent, and the documented 404",
    aspect="children",
)

_EXPECTED = "200 below the parent that lists it, 404 below others"


def missing_violation(child: str | int, outcome: str) -> Violation:
    """The violation of a child that is listed below a parent and not read there; `outcome` says what is instead."""
    message = f"item {child} is listed below a parent and its read there is {outcome}, without that item"
    return CHILD_OF_ITS_PARENT.violation(message, expected=_EXPECTED, actual=outcome, kind="missing")


def foreign_violation(child: str | int, what: str) -> Violation:
    """The violation of a child that can be read, or written, below a parent that does not list it."""
    message = f"item {child} can be {what} below a parent that does not list it"
    return CHILD_OF_ITS_PARENT.violation(message, expected=_EXPECTED, actual="another answer", kind="foreign")
