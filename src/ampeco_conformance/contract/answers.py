"""What a response means to its caller: a value, nothing, a refusal, something that is absent, or a broken answer.

Every caller states the meanings that it expects. A refusal and a server error never mean that there is nothing.
Source: the documented error responses; the messages are those of the vendor's framework.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ampeco_conformance.contract.resource_map import items_of
from ampeco_conformance.core.exchanges import Exchange, JsonObject, Response, header

#: Where the name of a field ends, and that of a part of it begins.
_INNER = re.compile(r"[.\[]")


class Meaning(StrEnum):
    """What a response means."""

    VALUE = "value"
    """An object, or a list with items."""
    EMPTY = "empty"
    """Success without content, or a list without items."""
    REFUSED = "refused"
    """The target does not do what was requested."""
    ABSENT = "absent"
    """What the path names is not there."""
    BROKEN = "broken"
    """No response, one that cannot be read, or a server error."""


class Cause(StrEnum):
    """By what a request was refused, what is absent, or what is broken."""

    INPUT = "its parameters or its body"
    CREDENTIALS = "its token"
    ROLE = "the role of its token"
    STATE = "the state of the resource"
    METHOD = "its method"
    RATE = "the rate limit"
    MODEL = "the resource"
    ROUTE = "the route"
    FEATURE = "the feature"
    SERVER = "the server"
    CONTENT = "the content of the response"
    CONNECTION = "the connection"


#: Not implemented (501) says of the request what the other 5xx say of the server.
_CLIENT_ERRORS = frozenset({*range(400, 500), 501})
_REFUSALS = {
    **dict.fromkeys((400, 413, 414, 415, 422, 431), Cause.INPUT),
    401: Cause.CREDENTIALS,
    403: Cause.ROLE,
    405: Cause.METHOD,
    429: Cause.RATE,
}
_MESSAGE_NAMES = ("message", "error", "detail", "title", "code")
#: Who has no valid token, or sends too much, is told nothing about features.
_SAYS_NOTHING_OF_FEATURES = frozenset({401, 429})
_OFF = (
    r"(?:(?:not|never|no longer) (?:\w+ ){0,2}?(?:enabled|available|activated|active|supported|included|implemented|on)"
    r"|disabled|deactivated|inactive|unavailable|unsupported|off)\b"
)
#: The words of a sentence that says that a feature is off, and none that says when it is, or what a value must be.
_FEATURE_OFF = re.compile(
    rf"\bfeatures? (?:(?!(?:if|when|unless|while|because|must)\b)\w+ )*?{_OFF}"
    rf"|\b(?:{_OFF}|not include|enable|activate) (?:\w+ ){{0,2}}?features?\b"
)
_SENTENCE_END = re.compile(r"[.;!?](?:\s|$)")
_WITHIN_NAMES = re.compile(r"(?<=[a-z])(?=[A-Z])|n't\b|[\W_]+")
_NO_ROUTE = re.compile(r"\broute\b.*\b(could not be found|not found)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response with its meaning; `cause` is None for a success, `body` None when there is no JSON."""

    exchange: Exchange
    meaning: Meaning
    cause: Cause | None = None
    body: Any = None

    @property
    def message(self) -> str:
        """The `message` of an error; empty when there is none."""
        return _message(self.body)

    @property
    def texts(self) -> tuple[str, ...]:
        """What an error says in words and codes."""
        return tuple(_texts(self.body))

    @property
    def succeeded(self) -> bool:
        """Whether the target did what was requested; it may have nothing to show."""
        return self.meaning in (Meaning.VALUE, Meaning.EMPTY)

    @property
    def items(self) -> list[JsonObject]:
        """The objects of a successful listing, or the one object of a read; none when the request did not succeed."""
        return list(items_of(self.body)) if self.succeeded else []

    @property
    def item(self) -> JsonObject | None:
        """The object of a successful read or write; an empty one when it shows none, None when it did not succeed."""
        return next(iter(self.items), {}) if self.succeeded else None

    def __str__(self) -> str:
        """What happened, in words: `answered 403`."""
        response = self.exchange.response
        if response is None:
            return f"not answered: {self.exchange.error}"
        unreadable = " with a body that cannot be read" if self.cause is Cause.CONTENT else ""
        return f"answered {response.status_code}{unreadable}"


def answer_of(exchange: Exchange) -> Answer:
    """The meaning of an exchange."""
    response = exchange.response
    if response is None:
        return Answer(exchange, Meaning.BROKEN, Cause.CONNECTION)
    status, (is_json, body) = response.status_code, _json(response)
    if 200 <= status < 300:
        if response.body and not is_json and "json" in (header(response.headers, "Content-Type") or ""):
            return Answer(exchange, Meaning.BROKEN, Cause.CONTENT)
        is_empty = body is None or body == [] or (isinstance(body, dict) and body.get("data", body) == [])
        return Answer(exchange, Meaning.EMPTY if is_empty else Meaning.VALUE, None, body)
    if status in _CLIENT_ERRORS - _SAYS_NOTHING_OF_FEATURES and any(map(says_feature_off, _texts(body))):
        return Answer(exchange, Meaning.ABSENT, Cause.FEATURE, body)
    if status in (404, 410):
        cause = Cause.ROUTE if _NO_ROUTE.search(_message(body)) else Cause.MODEL
        return Answer(exchange, Meaning.ABSENT, cause, body)
    if status in _CLIENT_ERRORS:
        return Answer(exchange, Meaning.REFUSED, _REFUSALS.get(status, Cause.STATE), body)
    return Answer(exchange, Meaning.BROKEN, Cause.SERVER, body)


def says_feature_off(text: str) -> bool:
    """Whether a text says that a feature is not enabled, in whatever words: `FEATURE_NOT_ENABLED`, `isn't active`."""
    if "eature" not in text and "EATURE" not in text:
        return False
    sentences = (_WITHIN_NAMES.sub(_separated, sentence).casefold() for sentence in _SENTENCE_END.split(text))
    return any(map(_FEATURE_OFF.search, sentences))


def named_fields(exchange: Exchange) -> set[str]:
    """What the `errors` of a refusal name, and the fields of the body they are in: `a` for `a.0.b` and `a[0].b`."""
    try:
        errors = exchange.response.json().get("errors") if exchange.response is not None else None
    except (ValueError, AttributeError):
        return set()
    names = {str(name) for name in errors} if isinstance(errors, dict | list) else set()
    return names | {_INNER.split(name)[0] for name in names}


def _separated(found: re.Match[str]) -> str:
    return " not" if found[0] == "n't" else " "


def _message(body: Any) -> str:
    return next(iter(_texts(body)), "")


def _texts(body: Any) -> Iterator[str]:
    """The texts of an error, the message first; some servers put them into an object `error`."""
    for value in (body.get(name) for name in _MESSAGE_NAMES) if isinstance(body, dict) else ():
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from _texts(value)


def _json(response: Response) -> tuple[bool, Any]:
    """Whether a body is JSON, and its content."""
    try:
        return True, response.json()
    except ValueError:
        return False, None
