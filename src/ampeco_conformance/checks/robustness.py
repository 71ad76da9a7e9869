"""Requests that no client should send and every server must survive, with an HTTP error or a documented response.

Source: RFC 8259 (names within an object SHOULD be unique, NaN is not a number, text is UTF-8), RFC 9110 (the errors of
HTTP itself); the pagination guide (`per_page` is at most 100, where no other maximum is documented). An error of HTTP
itself, for a text that is too long say, needs no documentation; everything else does.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from ampeco_conformance.checks.errors import ERROR_STATUS
from ampeco_conformance.checks.pagination import MAXIMUM_PER_PAGE, ListingPage, size_violations
from ampeco_conformance.checks.resource_fields import FREE_TEXT, SECRET
from ampeco_conformance.checks.values import moment
from ampeco_conformance.contract.answers import answer_of
from ampeco_conformance.contract.requests import body_schema_pointer, invalid_inputs, parameters, takes_query
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Severity, Strictness, Violation, declare
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.specs import Operation

ANSWERS_IN_FULL = declare(
    "answers_in_full",
    title="Every request gets a response",
    severity=Severity.BLOCKER,
    claim="A request gets a complete response.",
    source="RFC 9112, section 8",
    aspect="robustness",
)
PARALLEL_READS_AGREE = declare(
    "parallel_reads_agree",
    title="Parallel reads agree",
    severity=Severity.CRITICAL,
    claim="Parallel reads return what one of them returns alone.",
    source="RFC 9110, section 9.2.1: reads are safe",
    aspect="robustness",
)
READS_ARE_REPEATABLE = declare(
    "reads_are_repeatable",
    title="Reads are repeatable",
    severity=Severity.CRITICAL,
    claim="A text that nobody changes is not another one in each of three reads in a row.",
    source="RFC 9110, section 9.2.1: reads are safe",
    aspect="robustness",
    on_tenants=Strictness.ADVISORY,
)
ANSWERS_SOON = declare(
    "answers_soon",
    title="Response time",
    severity=Severity.MINOR,
    claim="A plain read is answered within two seconds; advice only, because the API promises no response times.",
    source="none: the vendors promise no response times",
    aspect="robustness",
    strictness=Strictness.ADVISORY,
)
EMULATOR_ANSWERS_AT_ONCE = declare(
    "emulator_answers_at_once",
    title="Response time of the emulator",
    severity=Severity.MINOR,
    claim="The emulator answers a plain read within two seconds.",
    source="docs/guide/emulator.md, its measurements",
    aspect="robustness",
)

#: Valid texts that are seldom tried.
TEXTS = {
    "letters of many scripts": "Zażółć gęślą jaźń 日本語 العربية 🚗",
    "a text of 2000 characters": "conform " * 250,
    "quotes and markup": "<b>conform</b>' \" ; -- %00 ${x} {{y}}",
}
#: Errors that HTTP defines for any request: malformed, not found, too large or in an unknown format.
REFUSALS_OF_HTTP = frozenset({400, 404, 406, 408, 411, 413, 414, 415, 431})
#: Seconds that a plain read may take before it is reported.
SLOW = 2.0

_JSON = "application/json"
_NESTED = 2000
_PAGING = ("page", "per_page", "cursor")


#: Parallel reads, among what takes turns with odd queries and bodies.
PARALLEL_READS = "parallel reads"


def reads(operation: Operation, _contract: ApiContract) -> bool:
    """Whether the operation only reads."""
    return operation.method == "GET" and "/actions/" not in operation.path


def takes_a_body(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation takes a JSON body."""
    return operation.method in ("POST", "PUT", "PATCH") and body_schema_pointer(contract, operation) is not None


def hostile_queries(contract: ApiContract, operation: Operation) -> Iterator[tuple[str, str]]:
    """Queries to read with: a description, and the query string."""
    name = _free_text_parameter(contract, operation)
    if name is not None:
        for what, text in TEXTS.items():
            yield f"{what} in {name}", f"{quote_plus(name)}={quote_plus(text)}"
    if takes_query(contract, operation, "per_page"):
        yield "per_page=1000000", "per_page=1000000"
        yield "per_page twice", "per_page=1&per_page=2"
    if takes_query(contract, operation, "page"):
        yield "page=1000000", "page=1000000"
    if takes_query(contract, operation, "cursor"):
        yield "a cursor that is none", "cursor=conform"
    yield "an unknown parameter", "conformUnknown=1&conformUnknown[]=2&conformUnknown[a][b]=3"


@dataclass(frozen=True, slots=True)
class HostileBody:
    """A body that no client should send: what it is, its bytes, and the content type to send it with.

    `is_broken` where no reading of it is valid, so that it must be rejected.
    """

    description: str
    content: bytes
    media_type: str = _JSON
    is_broken: bool = False


def hostile_bodies(body: Mapping[str, Any]) -> Iterator[HostileBody]:
    """Variations on a valid body."""
    plain = json.dumps(body).encode()
    for what, text in TEXTS.items():
        renamed = {name: text if name in FREE_TEXT else value for name, value in body.items()}
        content = json.dumps(renamed, ensure_ascii=False).encode()
        yield HostileBody(f"{what} in every name and description", content)
    for name in list(body)[:1]:
        twice = json.dumps({name: body[name]}).encode()[:-1] + b", " + plain[1:]
        yield HostileBody("a field given twice", twice)
    yield HostileBody("NaN", b'{"conformUnknown": NaN, ' + plain[1:])
    yield HostileBody("a body that breaks off", plain[: len(plain) // 2], is_broken=True)
    yield HostileBody("bytes that are not UTF-8", b'{"conformUnknown": "\xff\xfe", ' + plain[1:])
    yield HostileBody("another charset", json.dumps(body).encode("utf-16"), f"{_JSON}; charset=utf-16")
    nested = b'{"conformUnknown": ' + b"[" * _NESTED + b"]" * _NESTED + b"}"
    yield HostileBody(f"{_NESTED} nested arrays", nested)
    yield HostileBody("a list instead of an object", b"[" + plain + b"]", is_broken=True)
    yield HostileBody("null instead of an object", b"null", is_broken=True)
    yield HostileBody("a form instead of JSON", b"conform=1", "application/x-www-form-urlencoded")
    yield HostileBody("an unknown media type", plain, "application/x-conform")


def broken_body_violations(contract: ApiContract, operation: Operation, exchange: Exchange) -> Iterator[Violation]:
    """A violation when a body of which no reading is valid was accepted, where the operation documents a refusal.

    A schema may allow a list or null; null may stand for no body where none is required.
    """
    response, body = exchange.response, exchange.request.body
    documents_refusal = bool(contract.documented_statuses(operation) & {"400", "422"})
    if response is None or not 200 <= response.status_code < 300 or not documents_refusal:
        return
    definition, _ = contract.schemas.resolve(operation.definition["requestBody"], "")
    may_be_absent = not definition.get("required") and body == b"null"
    invalid = invalid_inputs(contract, operation, exchange)
    if not may_be_absent and any(part.location.startswith("body") for part in invalid):
        yield ERROR_STATUS.violation(
            f"a broken body was accepted with {response.status_code}",
            expected="400, 415 or 422",
            actual=response.status_code,
            kind="broken body",
        )


def survival_findings(contract: ApiContract, operation: Operation, exchange: Exchange) -> list[Finding]:
    """Findings in the response to a hostile request."""
    response = exchange.response
    if response is None:
        return []
    documented = contract.documented_statuses(operation)
    status = str(response.status_code)
    if response.status_code in REFUSALS_OF_HTTP and status not in documented:
        return []
    findings = contract.check_response(exchange, operation)
    page = ListingPage.of(answer_of(exchange))
    # A listing without pages returns everything at once.
    if page is not None and any(takes_query(contract, operation, name) for name in _PAGING):
        findings += contract.findings(operation, exchange, size_violations(page, _largest_page(contract, operation)))
    return findings


def _largest_page(contract: ApiContract, operation: Operation) -> int:
    """The documented maximum of `per_page`, or else that of the pagination guide."""
    schemas = (item.get("schema", {}) for item, _ in parameters(contract, operation) if item["name"] == "per_page")
    return int(next((schema["maximum"] for schema in schemas if "maximum" in schema), MAXIMUM_PER_PAGE))


def unanswered_violation(error: str | None) -> Violation:
    """The violation of a request that gets no response, while the target answers others."""
    message = f"gets no response, while the target answers others: {error}"
    return ANSWERS_IN_FULL.violation(message, expected="a response", actual=error)


def broken_response_violation(error: str) -> Violation:
    """The violation of a response that HTTP, or the encoding that it names, does not allow."""
    return ANSWERS_IN_FULL.violation(f"the response cannot be read: {error}", expected="a response", actual=error)


def parallel_violation(difference: tuple[str, Any, Any]) -> Violation:
    """The violation of parallel reads that differ, as `disagreement` found it."""
    place, alone, together = difference
    message = f"parallel reads differ in the {place}: {_shortened(alone)} alone, {_shortened(together)} in parallel"
    return PARALLEL_READS_AGREE.violation(message, place, expected=alone, actual=together)


def restless_violations(reads: Sequence[Exchange]) -> Iterator[Violation]:
    """The texts of items that are different in every one of several reads; what changes by itself is left out."""
    bodies = [exchange.response.json() for exchange in reads if exchange.response is not None]
    for place, values in _restless([body.get("data") for body in bodies if isinstance(body, dict)], "/data"):
        message = f"{place} is another text in each of {len(values)} reads: {', '.join(map(repr, values))}"
        yield READS_ARE_REPEATABLE.violation(message, place, expected=values[0], actual=values[-1])


def _restless(values: Sequence[Any], place: str) -> Iterator[tuple[str, Sequence[str]]]:
    """The places of texts that differ in all of these values; items of lists are found by their ids."""
    first = values[0] if values else None
    if isinstance(first, dict) and all(isinstance(value, dict) for value in values):
        for name in first:
            if all(name in value for value in values) and not SECRET.search(name):
                yield from _restless([value[name] for value in values], f"{place}/{name}")
    elif isinstance(first, list) and all(isinstance(value, list) for value in values):
        items = [{item["id"]: item for item in value if isinstance(item, dict) and "id" in item} for value in values]
        for id in first and items[0]:
            yield from _restless([known[id] for known in items if id in known], f"{place}/*")
    elif all(isinstance(value, str) and _is_steady(value) for value in values) and len(set(values)) == len(values) > 2:
        yield place, values


def _is_steady(text: str) -> bool:
    """Whether a text is of a kind that only a caller changes: no moment, number or signed address."""
    return moment(text) is None and not text.replace(".", "", 1).isdecimal() and "://" not in text


def slowness_violation(seconds: float, *, is_emulator: bool) -> Violation:
    """The violation of a slow read: advice for a tenant, a failure for the emulator, which takes milliseconds."""
    check = EMULATOR_ANSWERS_AT_ONCE if is_emulator else ANSWERS_SOON
    message = f"took {seconds:.1f} s, at best, in three reads"
    return check.violation(message, expected=f"{SLOW:g} s", actual=seconds)


def disagreement(first: Exchange, other: Exchange) -> tuple[str, Any, Any] | None:
    """The difference between two responses to one read: the place, and both values; None when they agree."""
    if first.response is None or other.response is None:
        return None
    if first.response.status_code != other.response.status_code:
        return "status", first.response.status_code, other.response.status_code
    try:
        bodies = first.response.json(), other.response.json()
    except ValueError:
        return None
    return None if bodies[0] == bodies[1] else ("body", *bodies)


def _free_text_parameter(contract: ApiContract, operation: Operation) -> str | None:
    """The name, as it is sent, of a query parameter that takes any text."""
    for definition, _ in parameters(contract, operation):
        if definition["in"] != "query" or definition["name"] == "cursor":
            continue
        schema, _ = contract.schemas.resolve(definition.get("schema", {}), "")
        if _is_free_text(schema):
            return str(definition["name"])
        for name, field in schema.get("properties", {}).items() if definition.get("style") == "deepObject" else ():
            if _is_free_text(contract.schemas.resolve(field, "")[0]):
                return f"{definition['name']}[{name}]"
    return None


def _shortened(value: object) -> str:
    text = str(value)
    return text if len(text) <= 120 else f"{text[:120]} ..."


def _is_free_text(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "string" and not schema.keys() & {"enum", "format", "pattern", "maxLength"}
