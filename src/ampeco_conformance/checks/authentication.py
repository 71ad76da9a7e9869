"""A caller without a valid token gets 401 and nothing else.

Source: every operation requires a bearer token and documents 401; a tenant answers {"message": "Unauthenticated."}
to a call without one.
"""

from dataclasses import dataclass, field

from ampeco_conformance.apis import describe
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding, Severity
from ampeco_conformance.specs import Operation


@dataclass(frozen=True, slots=True)
class Credential:
    """Something that is no valid token: its name for the report and the Authorization header it is sent as."""

    name: str
    header: str | None = field(repr=False)


def credentials(token: str) -> tuple[Credential, ...]:
    """What must not open the API; the valid token counts only as a bearer token."""
    return (
        Credential("no token", None),
        Credential("an empty token", "Bearer"),
        Credential("an unknown token", "Bearer 00000000-0000-4000-8000-000000000000"),
        Credential("another scheme", "Basic Y29uZm9ybTpjb25mb3Jt"),
        Credential("the token under another scheme", f"Token {token}"),
        Credential("the token as a password", f"Basic {token}"),
        Credential("half of the token", f"Bearer {token[: len(token) // 2]}"),
        Credential("the token with more behind it", f"Bearer {token}0"),
    )


def authentication_violations(
    contract: ApiContract, operation: Operation, exchange: Exchange, credential: Credential
) -> list[Finding]:
    """A finding when the answer to a caller with this credential is not 401."""
    response = exchange.response
    if response is None or response.status_code == 401:
        return []
    answered = 200 <= response.status_code < 300
    return [
        contract.finding(
            operation,
            exchange,
            "authentication_required",
            f"{credential.name} was answered {response.status_code} instead of 401",
            Severity.BLOCKER if answered else Severity.CRITICAL,
            location="Authorization",
            expected=401,
            actual=response.status_code,
        )
    ]


def refusal_violations(contract: ApiContract, operation: Operation, exchange: Exchange) -> list[Finding]:
    """Findings when a 401 says something else than that, or gives away what it should protect."""
    response = exchange.response
    wording = describe(contract.specification.api).unauthenticated
    if response is None or response.status_code != 401 or wording is None:
        return []
    try:
        body = response.json()
    except ValueError:
        return []
    if not isinstance(body, dict):
        return []
    message = body.get("message")
    findings = []
    if isinstance(message, str) and message.strip(" .!").lower() != wording:
        findings.append(
            contract.finding(
                operation,
                exchange,
                "unauthenticated_message",
                f"a caller without a token is told {message!r} instead of 'Unauthenticated.'",
                Severity.MINOR,
                location="/message",
                expected="Unauthenticated.",
                actual=message,
            )
        )
    if body.get("data"):
        findings.append(
            contract.finding(
                operation,
                exchange,
                "unauthenticated_leak",
                "a caller without a token is answered 401 with data",
                Severity.BLOCKER,
                location="/data",
                expected="absent",
                actual="present",
            )
        )
    return findings
