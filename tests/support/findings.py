"""Findings made without a target."""

from typing import Any

from ampeco_conformance.checks.registry import check_of
from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.core.findings import Finding


def finding_of(
    check: str = "not_a_server_error",
    message: str = "server error 500",
    location: str = "",
    *,
    operation: str = "GET /users",
    api_version: str = "3.90.0",
    response: Response | None = None,
    issue: str | None = None,
    **details: Any,
) -> Finding:
    """A finding of the check of that id; `details` are those of its violation."""
    exchange = Exchange(Request("GET", "https://api.test/users"), response, 0.0, 0.1) if response else None
    violation = check_of(check).violation(message, location, **details)
    return Finding(violation, operation, api_version, exchange, issue=issue)
