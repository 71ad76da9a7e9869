"""Headers that tell a client what else it may do, and when: Allow, the rate limit, deprecation.

Source: RFC 9110 (15.5.6: a 405 has an Allow with the methods of the resource); the documented headers of 429, and
Retry-After, which the Spirii API documents; RFC 9745 (Deprecation) and RFC 8594 (Sunset), for deprecated operations
that answer with them: the API sends both, but says nothing of their values.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ampeco_conformance.checks.pagination import Violation
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange, Response, header
from ampeco_conformance.specs import Operation

# Methods that a collection may be asked for without harm, should a server know them after all.
_HARMLESS = ("PATCH", "PUT")
_SINCE = re.compile(r"@(\d+)")


def undocumented_method(contract: ApiContract, operation: Operation) -> str | None:
    """A method that the specification does not give the operation's path; None when it gives all of them."""
    known = documented_methods(contract, operation)
    return next((method for method in _HARMLESS if method not in known), None)


def documented_methods(contract: ApiContract, operation: Operation) -> list[str]:
    """The methods of the operation's path, in the order of the specification."""
    return [each.method for each in contract.specification.operations if each.path == operation.path]


def allow_violations(methods: list[str], response: Response) -> Iterator[Violation]:
    """A 405 that does not tell the methods there are."""
    if response.status_code != 405:
        return
    allow = header(response.headers, "Allow")
    if allow is None:
        sentence = "a method that is not allowed is answered 405 without the Allow header"
        yield ("allow_header", sentence, "Allow", ", ".join(methods), "absent")
        return
    named = {method.strip().upper() for method in allow.split(",")}
    if missing := [method for method in methods if method not in named]:
        sentence = f"Allow of a 405 leaves out {', '.join(missing)}"
        yield ("allow_header", sentence, "Allow", ", ".join(methods), allow)


def limit_violations(names: list[str], response: Response) -> Iterator[Violation]:
    """Headers of the rate limit, by name, that are missing or are no numbers; Retry-After may be a date too."""
    for name in names:
        value = header(response.headers, name)
        is_date = name == "Retry-After" and value is not None and _http_date(value) is not None
        if value is None or not (value.strip().isdigit() or is_date):
            said = "is missing" if value is None else f"is {value!r}, no number"
            sentence = f"{name} {said} at {response.status_code}"
            yield ("rate_limit_headers", sentence, name, "a number", value)


def documented_limits(contract: ApiContract, operation: Operation) -> list[str]:
    """The headers of the rate limit that the operation documents for 429."""
    definition, _ = contract.schemas.resolve(operation.definition["responses"].get("429", {}), "")
    return [name for name in definition.get("headers", {}) if name.lower().startswith(("x-ratelimit", "retry-after"))]


def deprecation_violations(exchange: Exchange) -> Iterator[Violation]:
    """Deprecation and Sunset headers that cannot be read, or contradict each other."""
    headers = exchange.response.headers if exchange.response else ()
    deprecation, sunset = header(headers, "Deprecation"), header(headers, "Sunset")
    since = _since(deprecation) if deprecation is not None else None
    # A draft of RFC 9745, which servers still follow, had `true` in place of a date.
    if deprecation is not None and since is None and deprecation.strip().lower() != "true":
        sentence = f"Deprecation is {deprecation!r}, neither a date as RFC 9745 writes it nor one of its drafts"
        yield ("deprecation_headers", sentence, "Deprecation", "@ and seconds since 1970", deprecation)
    until = _http_date(sunset) if sunset is not None else None
    if sunset is not None and until is None:
        yield ("deprecation_headers", f"Sunset is {sunset!r}, no HTTP date", "Sunset", "an HTTP date", sunset)
    if since is not None and until is not None and until < since:
        sentence = f"Sunset ({sunset}) comes before Deprecation ({deprecation})"
        yield ("deprecation_headers", sentence, "Sunset", f"not before {deprecation}", sunset)


def _since(text: str) -> datetime | None:
    if match := _SINCE.fullmatch(text.strip()):
        return datetime.fromtimestamp(int(match[1]), UTC)
    return _http_date(text)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
