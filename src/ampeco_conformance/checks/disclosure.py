"""What no response may show, whatever it answers: secrets, and the inside of the server.

Source: tokens are bearer tokens and passwords are only written; an error tells the caller what is wrong with the
request (`{"message", "errors"}`), not how the server is built. What an operation documents to show is no secret there.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Reproduction, Severity, Violation, declare
from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.core.secret_forms import SecretForms, is_ordinary
from ampeco_conformance.specs import Operation

SECRET_DISCLOSED = declare(
    "secret_disclosed",
    title="Responses show no secrets",
    severity=Severity.BLOCKER,
    claim="No response has the caller's token, a password that was sent, or a secret that is not documented there.",
    source="bearer tokens and passwords identify whoever has them; the documented fields of the response",
    aspect="disclosure",
    reproduction=Reproduction.SIGHT,
)
INTERNALS_DISCLOSED = declare(
    "internals_disclosed",
    title="Errors do not show how the server is built",
    severity=Severity.NORMAL,
    claim="No error response has a stack trace, a statement of SQL, the path of a file or the version of a framework.",
    source="the documented error responses: a message, and errors by field",
    aspect="disclosure",
    reproduction=Reproduction.SIGHT,
)

#: How many bytes of a body are searched for the token: the first and the last ones of a long listing.
_SEARCHED = 4 * 1024
_SECRET_NAME = re.compile(
    rb"\w*[pP]assword(?:_?[hH]ash)?|\w*[sS]ecret|\w*[aA]pi_?[kK]ey|\w*[pP]rivate_?[kK]ey|pin|cvc|cvv|pan|\w*[cC]ard_?[nN]umber"
    rb"|(?:access|refresh|remember|admin|api|gateway|payment|card)_?[tT]oken"
)
_FIELD = re.compile(rb'"(\w+)"\s*:\s*(?:"([^"\\]+)"|\d)')
#: Parts of those names: a body without any of them is searched no further.
_HINTS = (b"assword", b"ecret", b"oken", b'ey"', b'pin"', b"cvc", b"cvv", b'pan"', b'umber"')
_PASSWORD = re.compile(rb"(?=.{8})[a-zA-Z][^\d]*\d.*", re.DOTALL)
_INTERNALS = re.compile(
    r"Stack trace:|Traceback \(most recent call last\)|\"(?:exception|file|stack)\" ?: ?\"|\"trace\" ?: ?\[|#\d+ /\w"
    r"|\bat [\w.$<>]+\([\w.]+:\d+\)|File \"[^\"]+\", line \d+|\.(?:php|py|js|java|rb|go)[:(]\d+"
    r"|SQLSTATE\[|\b(?:select\b[^.]{1,200}?\bfrom|insert into|update|delete from) \\?[`\"\[]\w+\\?[`\"\]]"
    r"|\b(?-i:SELECT .{1,200}? FROM|INSERT INTO|DELETE FROM) \w"
    r"|(?<![\w.:/])/(?:var|home|usr|opt|srv)/[\w.-]+/[\w./-]+|\b[A-Z]:\\{1,2}\w+\\"
    r"|\b(?:Laravel|Symfony|PHP|Django|Express|Spring Boot|nginx|Apache|MySQL|MariaDB|PostgreSQL)[ /]v?\d+\.\d+"
    r"|\b(?:Illuminate|Symfony)(?:\\{1,2}|\\?/)\w+",
    re.IGNORECASE,
)


class Disclosures:
    """Finds what the responses of one API to the caller with one token, or one after another, disclose."""

    def __init__(self, contract: ApiContract, *tokens: str) -> None:
        self._contract = contract
        self._token = SecretForms((), disguised=True)
        for token in tokens:
            self.learn(token)
        self._was_sent = False
        self._documented: dict[str, frozenset[str]] = {}

    def learn(self, token: str) -> None:
        """Look for another token of the caller too; one that is an ordinary word may be in any response."""
        if not is_ordinary(token):
            self._token.learn(token)

    def violations(self, operation: Operation, exchange: Exchange) -> Iterator[Violation]:
        """What a response discloses."""
        response = exchange.response
        if response is None:
            return
        body = response.body
        yield from self._tokens(exchange.request, response)
        if any(hint in body for hint in _HINTS):
            yield from self._secret_fields(operation, body)
        if exchange.request.body and (sent := _passwords(exchange.request.body)):
            yield from self._echoed(operation, sent, body)
        if response.status_code >= 400:
            yield from _internals(exchange, body)

    def _tokens(self, request: Request, response: Response) -> Iterator[Violation]:
        """The token in a response, unless it was sent as data before: a generated text may be that of an emulator."""
        sent = f"{request.url}\n".encode() + (request.body or b"")
        self._was_sent = self._was_sent or self._token.occur_in_bytes(sent)
        if self._was_sent:
            return
        body = response.body
        shown = body if len(body) <= _SEARCHED else body[: _SEARCHED // 2] + body[-_SEARCHED // 2 :]
        headers = "\n".join(value for _, value in response.headers).encode()
        for place, content in (("body", shown), ("headers", headers)):
            if self._token.occur_in_bytes(content):
                message = f"a {response.status_code} shows the caller's token, or a part of it, in its {place}"
                yield SECRET_DISCLOSED.violation(message, place, expected="absent", actual="present", kind="token")

    def _secret_fields(self, operation: Operation, body: bytes) -> Iterator[Violation]:
        for match in _secret_fields(body):
            name = match[1].decode()
            if name not in self._documented_names(operation):
                message = f"the response has {name}, which the operation does not document to show"
                yield SECRET_DISCLOSED.violation(message, name, expected="absent", actual="present", kind="field")

    def _echoed(self, operation: Operation, sent: dict[bytes, bytes], body: bytes) -> Iterator[Violation]:
        for value, name in sent.items():
            shown = {match.decode() for match in re.findall(rb'"(\w+)"\s*:\s*"' + re.escape(value) + b'"', body)}
            if value in body and not (shown and shown <= self._documented_names(operation)):
                message = f"the response has the {name.decode()} that was sent"
                yield SECRET_DISCLOSED.violation(
                    message, name.decode(), expected="absent", actual="present", kind="sent"
                )

    def _documented_names(self, operation: Operation) -> frozenset[str]:
        """The names of all fields, nested ones too, that the operation documents to show."""
        if operation.label not in self._documented:
            self._documented[operation.label] = frozenset(
                name
                for response in operation.definition["responses"].values()
                for content in self._contract.schemas.resolve(response, "")[0].get("content", {}).values()
                for name in self._names(content.get("schema", {}), frozenset())
            )
        return self._documented[operation.label]

    def _names(self, schema: Any, seen: frozenset[str]) -> Iterator[str]:
        reference = schema.get("$ref", "")
        if reference in seen:
            return
        seen |= {reference} - {""}
        resolved, _ = self._contract.schemas.resolve(schema, "")
        for name, inner in resolved.get("properties", {}).items():
            yield name
            yield from self._names(inner, seen)
        parts = [part for keyword in ("allOf", "anyOf", "oneOf") for part in resolved.get(keyword, ())]
        for inner in (*parts, resolved.get("items", {}), resolved.get("additionalProperties", {})):
            if isinstance(inner, dict) and inner:
                yield from self._names(inner, seen)


def _secret_fields(body: bytes) -> Iterator[re.Match[bytes]]:
    """The fields with a value that are named like a secret. One expression for both is much slower."""
    return (match for match in _FIELD.finditer(body) if _is_secret(match[1]))


@lru_cache(10_000)
def _is_secret(name: bytes) -> bool:
    return _SECRET_NAME.fullmatch(name) is not None


def _passwords(body: bytes) -> dict[bytes, bytes]:
    """The passwords and keys in the body of a request that occur in it once, with the names of their fields.

    Not those that may be a word of any response: a name, an enum member, a moment.
    """
    if not any(hint in body for hint in _HINTS):
        return {}
    return {
        match[2]: match[1]
        for match in _secret_fields(body)
        if match[2] is not None and match[1] != b"pin" and _PASSWORD.fullmatch(match[2]) and body.count(match[2]) == 1
    }


def _internals(exchange: Exchange, body: bytes) -> Iterator[Violation]:
    match = _INTERNALS.search(body[:_SEARCHED].decode("utf-8", "replace"))
    # An error may repeat what the caller sent.
    sent = f"{exchange.request.url} {(exchange.request.body or b'').decode('utf-8', 'replace')}"
    if match is not None and match[0] not in sent:
        message = f"an error response shows how the server is built: {match[0][:60]!r}"
        yield INTERNALS_DISCLOSED.violation(message, "body", expected="absent", actual=match[0][:60])
