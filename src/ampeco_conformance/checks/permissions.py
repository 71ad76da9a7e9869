"""A token may do what its role allows, and see only what it is limited to.

Source: tokens have a role and may belong to one partner; a call that is not permitted is answered 403.
"""

from collections.abc import Iterable, Iterator

from ampeco_conformance.core.checks import Severity, Violation, declare
from ampeco_conformance.core.exchanges import Exchange

PERMISSION_REQUIRED = declare(
    "permission_required",
    title="Tokens are limited to their role",
    severity=Severity.BLOCKER,
    claim="A read-only token is answered 403 to a write; the token of a partner sees no other partner.",
    source="the documented 403 of the operation, and that tokens have a role and may belong to one partner",
    aspect="permissions",
)


def write_violations(exchange: Exchange) -> Iterator[Violation]:
    """A write of a read-only token that was accepted."""
    status = exchange.response.status_code if exchange.response is not None else 0
    if 200 <= status < 300:
        message = f"a read-only token was answered {status} instead of 403"
        yield PERMISSION_REQUIRED.violation(message, expected=403, actual=status)


def partner_violations(own: int, seen: Iterable[int]) -> Iterator[Violation]:
    """Partners that the token of the partner `own` sees besides it."""
    seen = set(seen)
    if seen - {own}:
        message = f"the token of partner {own} lists {len(seen)} partners"
        yield PERMISSION_REQUIRED.violation(message, expected=403, actual=sorted(seen)[:5])
