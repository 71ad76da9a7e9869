"""A caller without a valid token gets 401 and no data.

Source: every operation requires a bearer token and documents 401; a tenant responds {"message": "Unauthenticated."}
to a call without one.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field

from ampeco_conformance.apis import describe
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Reproduction, Severity, Violation, declare
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.specs import Operation

AUTHENTICATION_REQUIRED = declare(
    "authentication_required",
    title="A valid token is required",
    severity=Severity.BLOCKER,
    claim="A caller without a valid bearer token gets 401.",
    source="the security requirement of the operation and its documented 401",
    aspect="authentication",
    reproduction=Reproduction.STATUS,
    is_one_fault=True,
)
UNAUTHENTICATED_MESSAGE = declare(
    "unauthenticated_message",
    title="A 401 has the documented message",
    severity=Severity.MINOR,
    claim="A 401 has the message `Unauthenticated.`.",
    source="the response of a tenant to a call without a token",
    aspect="authentication",
    reproduction=Reproduction.STATUS,
)
UNAUTHENTICATED_LEAK = declare(
    "unauthenticated_leak",
    title="401 responses contain no data",
    severity=Severity.BLOCKER,
    claim="The body of a 401 has no data.",
    source="the documented 401 response",
    aspect="authentication",
    reproduction=Reproduction.STATUS,
)


#: The kinds that are the valid token, altered: a server that takes one of them compares tokens loosely, everywhere.
ALTERED = frozenset({"case", "prefix", "suffix"})


@dataclass(frozen=True, slots=True)
class Credential:
    """An invalid credential: the fixed term for it, its name in reports, and the Authorization header it is sent as."""

    kind: str
    name: str
    header: str | None = field(repr=False)


def requires_a_token(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation is not public, and documents the response to a caller without a token."""
    return "401" in operation.definition["responses"] and not contract.specification.is_public(operation)


def protected_operations(contract: ApiContract, tag: str) -> list[Operation]:
    """The operations of a tag that require a token."""
    operations = contract.specification.operations
    return [other for other in operations if other.tag == tag and requires_a_token(other, contract)]


def credentials(token: str) -> tuple[Credential, ...]:
    """Credentials that must be rejected, none at all first; the token counts only as a bearer token, as spelled."""
    # Accepted where any Basic credentials are, and where the token may be their user or password.
    basic = b64encode(f"{token}:{token}".encode()).decode()
    known = (
        Credential("none", "no token", None),
        Credential("empty", "an empty token", "Bearer"),
        Credential("unknown", "an unknown token", "Bearer 00000000-0000-4000-8000-000000000000"),
        Credential("scheme", "the token under another scheme", f"Token {token}"),
        Credential("basic", "the token as Basic credentials", f"Basic {basic}"),
        Credential("case", "the token in other letters", f"Bearer {token.swapcase()}"),
        Credential("prefix", "half of the token", f"Bearer {token[: len(token) // 2]}".rstrip()),
        Credential("suffix", "the token with a character appended", f"Bearer {token}0"),
    )
    # A token without letters is the same in other letters.
    return tuple(credential for credential in known if credential.header != f"Bearer {token}")


def authentication_violations(exchange: Exchange, credential: Credential) -> Iterator[Violation]:
    """A violation when the response to a caller with this credential is not 401."""
    response = exchange.response
    if response is not None and response.status_code != 401:
        message = f"{credential.name} was answered {response.status_code} instead of 401"
        yield AUTHENTICATION_REQUIRED.violation(
            message, "Authorization", expected=401, actual=response.status_code, kind=credential.kind
        )


def unauthenticated_violations(api: str, exchange: Exchange) -> Iterator[Violation]:
    """Violations in a 401: another message than the documented one, or data that it should protect."""
    response = exchange.response
    wording = describe(api).unauthenticated
    if response is None or response.status_code != 401 or wording is None:
        return
    try:
        body = response.json()
    except ValueError:
        return
    if not isinstance(body, dict):
        return
    text = body.get("message")
    if isinstance(text, str) and text.strip(" .!").lower() != wording:
        message = f"the message of a 401 is {text!r} instead of 'Unauthenticated.'"
        yield UNAUTHENTICATED_MESSAGE.violation(message, "/message", expected="Unauthenticated.", actual=text)
    if body.get("data"):
        message = "a caller without a token is answered 401 with data"
        yield UNAUTHENTICATED_LEAK.violation(message, "/data", expected="absent", actual="present")
