"""Headers with which a client plans its next requests: Allow, the rate limit, deprecation.

Source: RFC 9110 (15.5.6: a 405 has an Allow with the methods of the resource); the documented headers of 429, and
Retry-After, which the Spirii API documents; RFC 9745 (Deprecation) and RFC 8594 (Sunset), for deprecated operations
that send them: the API sends both, but does not document their values.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import MAXYEAR, UTC, datetime, timedelta

from ampeco_conformance.apis import describe
from ampeco_conformance.checks.errors import ERROR_STATUS
from ampeco_conformance.contract.responses import NOT_A_SERVER_ERROR, ApiContract
from ampeco_conformance.core.checks import Reproduction, Severity, Violation, declare
from ampeco_conformance.core.exchanges import Exchange, Response, header
from ampeco_conformance.core.moments import http_date
from ampeco_conformance.specs import Operation

ALLOW_HEADER = declare(
    "allow_header",
    title="A 405 lists the allowed methods",
    severity=Severity.MINOR,
    claim="A 405 has an Allow header with the methods of the path.",
    source="RFC 9110, section 15.5.6",
    aspect="headers",
)
JSON_CHARSET = declare(
    "json_charset",
    title="JSON is declared as UTF-8",
    severity=Severity.MINOR,
    claim="The content type of JSON names no encoding other than UTF-8.",
    source="RFC 8259, section 8.1",
    aspect="headers",
    reproduction=Reproduction.SIGHT,
)
UNAMBIGUOUS_HEADERS = declare(
    "unambiguous_headers",
    title="Headers say one thing about the body",
    severity=Severity.MINOR,
    claim="A response names one Content-Type, and no Content-Length beside Transfer-Encoding.",
    source="RFC 9110, section 5.3; RFC 9112, section 6.2",
    aspect="headers",
    reproduction=Reproduction.SIGHT,
)
RATE_LIMIT_HEADERS = declare(
    "rate_limit_headers",
    title="A 429 reports the limit",
    severity=Severity.NORMAL,
    claim="A 429 has a message, and headers with the limit, what remains of it, and when to retry.",
    source="the documented headers of 429 responses; Retry-After: the Spirii guide to rate limits",
    aspect="headers",
)
DEPRECATED_STILL_ANSWERS = declare(
    "deprecated_still_answers",
    title="Deprecated operations still work",
    severity=Severity.CRITICAL,
    claim="A deprecated operation works in every version that has it.",
    source="the backward compatibility guide",
    aspect="deprecation",
)
DEPRECATION_HEADERS = declare(
    "deprecation_headers",
    title="Deprecation headers are valid",
    severity=Severity.MINOR,
    claim="Deprecation and Sunset, where they are sent, are dates at least six months apart, the same for a resource.",
    source="RFC 9745, RFC 8594; the backward compatibility guide: at least six months of support",
    aspect="deprecation",
)

#: Statuses by which an operation says that it no longer exists.
_GONE = frozenset({404, 410, 501})
# Methods that can be sent to a collection, or to unknown ids, without harm should a server have them after all.
_HARMLESS = ("GET", "PATCH", "PUT")
# The least that the backward compatibility guide promises.
_SUPPORTED_MONTHS = 6
_SINCE = re.compile(r"@(\d+)")
_CHARSET = re.compile(r"charset\s*=\s*\"?([^\s;\"]+)")
_UNICODE = frozenset({"utf-8", "utf8", "us-ascii"})


def undocumented_methods(contract: ApiContract, operation: Operation) -> list[str]:
    """Methods that the specification gives neither the operation's path nor another that its URL fits."""
    return [method for method in _HARMLESS if contract.operation_of(method, operation.path) is None]


def documented_methods(contract: ApiContract, operation: Operation) -> list[str]:
    """The methods of the operation's path, in the order of the specification."""
    return [other.method for other in contract.specification.operations if other.path == operation.path]


def method_violations(api: str, method: str, response: Response) -> Iterator[Violation]:
    """A method that the path does not have, answered otherwise than by saying so.

    A 403 says that the token may not use such methods at all.
    """
    status, expected = response.status_code, describe(api).unsupported_method
    if status in expected or status == 403:
        return
    statuses = " or ".join(str(item) for item in sorted(expected))
    check = NOT_A_SERVER_ERROR if status >= 500 else ERROR_STATUS
    message = f"{method}, which the path does not have, was answered {status} instead of {statuses}"
    yield check.violation(message, expected=statuses, actual=status, kind="undocumented method")


def allow_violations(methods: list[str], response: Response) -> Iterator[Violation]:
    """A 405 that does not list the methods of the path."""
    if response.status_code != 405:
        return
    allow = header(response.headers, "Allow")
    if allow is None:
        message = "a method that is not allowed is answered 405 without the Allow header"
        yield ALLOW_HEADER.violation(message, "Allow", expected=", ".join(methods), actual="absent", kind="absent")
        return
    named = {method.strip().upper() for method in allow.split(",")}
    if missing := [method for method in methods if method not in named]:
        message = f"Allow of a 405 leaves out {', '.join(missing)}"
        yield ALLOW_HEADER.violation(message, "Allow", expected=", ".join(methods), actual=allow)


def limit_violations(names: list[str], response: Response) -> Iterator[Violation]:
    """Rate limit headers, by name, that are missing or not a number; Retry-After may also be a date."""
    for name in names:
        value = header(response.headers, name)
        is_date = name == "Retry-After" and value is not None and http_date(value) is not None
        if value is None or not (value.strip().isdigit() or is_date):
            fault = "is missing" if value is None else f"is {value!r}, not a number"
            message = f"{name} {fault} at {response.status_code}"
            yield RATE_LIMIT_HEADERS.violation(message, name, expected="a number", actual=value)


def bare_limit_violations(api: str, exchange: Exchange) -> Iterator[Violation]:
    """A 429, met in passing, that does not say what it is, or nothing about when to go on."""
    response = exchange.response
    if response is None or response.status_code != 429:
        return
    names = {name.lower() for name, _ in response.headers}
    if "retry-after" not in names and not any(name.startswith("x-ratelimit-") for name in names):
        message = "a 429 has neither Retry-After nor X-RateLimit headers"
        yield RATE_LIMIT_HEADERS.violation(message, "Retry-After", expected="a number", actual=None, kind="bare")
    key = describe(api).error_key
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict) or not body.get(key):
        message = f"the body of a 429 has no {key}"
        yield RATE_LIMIT_HEADERS.violation(message, f"/{key}", expected="present", actual="absent", kind="bare")


def documented_limits(contract: ApiContract, operation: Operation) -> list[str]:
    """The rate limit headers that the operation documents for 429."""
    definition, _ = contract.schemas.resolve(operation.definition["responses"].get("429", {}), "")
    return [name for name in definition.get("headers", {}) if name.lower().startswith(("x-ratelimit", "retry-after"))]


def removal_violations(exchange: Exchange) -> Iterator[Violation]:
    """A deprecated operation that responds as if it had been removed."""
    if exchange.response is not None and exchange.response.status_code in _GONE:
        status = exchange.response.status_code
        message = f"is deprecated in this version, and responds with {status} as if it had been removed"
        yield DEPRECATED_STILL_ANSWERS.violation(message, expected="a response", actual=status)


def deprecation_violations(exchange: Exchange) -> Iterator[Violation]:
    """Deprecation and Sunset headers that cannot be parsed, or contradict each other."""
    headers = exchange.response.headers if exchange.response else ()
    deprecation, sunset = header(headers, "Deprecation"), header(headers, "Sunset")
    since = _since(deprecation) if deprecation is not None else None
    # A draft of RFC 9745, which servers still follow, had `true` in place of a date.
    if deprecation is not None and since is None and deprecation.strip().lower() != "true":
        message = f"Deprecation is {deprecation!r}, neither a date as in RFC 9745 nor as in its drafts"
        yield DEPRECATION_HEADERS.violation(
            message, "Deprecation", expected="@ and seconds since 1970", actual=deprecation
        )
    until = http_date(sunset) if sunset is not None else None
    if sunset is not None and until is None:
        message = f"Sunset is {sunset!r}, not an HTTP date"
        yield DEPRECATION_HEADERS.violation(message, "Sunset", expected="an HTTP date", actual=sunset)
    if since is not None and until is not None and until < _months_after(since, _SUPPORTED_MONTHS):
        message = f"Sunset ({sunset}) is less than {_SUPPORTED_MONTHS} months after Deprecation ({deprecation})"
        expected = f"at least {_SUPPORTED_MONTHS} months after {deprecation}"
        yield DEPRECATION_HEADERS.violation(message, "Sunset", expected=expected, actual=sunset, kind="order")


def disagreeing_deprecation_violations(exchange: Exchange, other: Exchange) -> Iterator[Violation]:
    """Deprecation or Sunset headers that differ between two deprecated operations of a resource."""
    if exchange.response is None or other.response is None:
        return
    for name in ("Deprecation", "Sunset"):
        first, second = (header(response.headers, name) for response in (exchange.response, other.response))
        if first != second:
            message = f"{name} is {first}, and {second} at {other.request.method} of the same resource"
            yield DEPRECATION_HEADERS.violation(message, name, expected=second, actual=first, kind="disagreement")


def _months_after(moment: datetime, months: int) -> datetime:
    """The same day some months later, or the last day of a shorter month; months may be a day short of their time."""
    year, month = divmod(moment.month - 1 + months, 12)
    if moment.year + year > MAXYEAR:
        return moment
    last = monthrange(moment.year + year, month + 1)[1]
    later = moment.replace(year=moment.year + year, month=month + 1, day=min(moment.day, last))
    return later - timedelta(days=1)


def _since(text: str) -> datetime | None:
    if match := _SINCE.fullmatch(text.strip()):
        try:
            return datetime.fromtimestamp(float(match[1]), UTC)
        except (ValueError, OverflowError, OSError):
            return None
    return http_date(text)


def charset_violations(exchange: Exchange) -> Iterator[Violation]:
    """JSON that is declared to be in another encoding than UTF-8, in which a client would decode it (RFC 8259)."""
    response = exchange.response
    declared = (header(response.headers, "Content-Type") or "").lower() if response is not None else ""
    named = _CHARSET.search(declared)
    if "json" in declared and named is not None and named[1] not in _UNICODE:
        yield JSON_CHARSET.violation(
            f"the response is declared to be in {named[1]} instead of UTF-8",
            "Content-Type",
            expected="charset=utf-8, or none",
            actual=declared,
        )


def ambiguous_header_violations(exchange: Exchange) -> Iterator[Violation]:
    """Headers that receivers read differently: what a proxy takes for the body may not be what a client takes."""
    headers = exchange.response.headers if exchange.response is not None else ()
    media_types = {value.strip().lower() for name, value in headers if name.lower() == "content-type"}
    if len(media_types) > 1:
        named = ", ".join(sorted(media_types))
        yield UNAMBIGUOUS_HEADERS.violation(
            f"the response has several content types: {named}", "Content-Type", expected="one", actual=named
        )
    length = header(headers, "Content-Length")
    if length is not None and header(headers, "Transfer-Encoding") is not None:
        yield UNAMBIGUOUS_HEADERS.violation(
            f"the response has Content-Length {length} beside Transfer-Encoding",
            "Content-Length",
            expected="absent",
            actual="present",
        )
