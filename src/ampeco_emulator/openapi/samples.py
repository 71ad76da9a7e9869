"""Samples of texts of a format or a pattern, and of numbers within their bounds."""

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from math import ceil

from ampeco_conformance.specs.patterns import matcher
from ampeco_emulator.openapi.schemas import SchemaObject
from ampeco_emulator.openapi.texts import Subject, text_of

#: Texts of a format, whatever the field is called.
TEXTS_BY_FORMAT: Mapping[str, Callable[[Subject], str]] = {
    "email": lambda subject: subject.email,
    "idn-email": lambda subject: subject.email,
    "uri": lambda subject: text_of("url", subject),
    "uri-reference": lambda subject: text_of("url", subject),
    "uri-template": lambda subject: text_of("url", subject),
    "iri": lambda subject: text_of("url", subject),
    "iri-reference": lambda subject: text_of("url", subject),
    "url": lambda subject: text_of("url", subject),
    "uuid": lambda subject: f"5f0c7b1e-6f7d-4c53-9e6f-{subject.number:012x}",
    "integer": lambda subject: str(subject.number + 1),
    "duration": lambda _: "PT1H",
    "hostname": lambda _: "host.example.com",
    "idn-hostname": lambda _: "host.example.com",
    "json-pointer": lambda _: "/id",
    "relative-json-pointer": lambda _: "0/id",
    "regex": lambda _: ".*",
    "ipv4": lambda _: "192.0.2.1",
    "ipv6": lambda _: "2001:db8::1",
}
#: Tried before a text is generated for a pattern: that takes a third of the time to start.
_SAMPLES_OF_PATTERNS = ("", "0", "AA", "AAA", "0:00", "00:00", "00:00:00")


def text_matching(pattern: str, shortest: int, longest: int | None, text: str) -> str:
    """The text, where it matches a pattern as a whole and has such a length; else a usual one, or the simplest."""
    return text if _fits(pattern, shortest, longest, text) else _other_text(pattern, shortest, longest)


def _has_length(shortest: int, longest: int | None, text: str) -> bool:
    return shortest <= len(text) and (longest is None or len(text) <= longest)


def _fits(pattern: str, shortest: int, longest: int | None, text: str) -> bool:
    if not _has_length(shortest, longest, text):
        return False
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:  # Python's own dialect does not have it
        matches = matcher(pattern)
        return matches is None or matches(text)


@cache
def _other_text(pattern: str, shortest: int, longest: int | None) -> str:
    usual = (sample for sample in _SAMPLES_OF_PATTERNS if _fits(pattern, shortest, longest, sample))
    known = next(usual, None)
    return known if known is not None else _generated(pattern, shortest, longest)


def _generated(pattern: str, shortest: int, longest: int | None) -> str:
    """The simplest text that matches a pattern; "0" where none is found, or Python's own dialect does not have it."""
    from hypothesis import HealthCheck, Phase, find, settings
    from hypothesis import strategies as st
    from hypothesis.errors import NoSuchExample

    quick = settings(
        database=None,
        max_examples=200,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    for is_whole in (True, False):
        try:
            texts = st.from_regex(pattern, fullmatch=is_whole)
            return find(texts, partial(_has_length, shortest, longest), settings=quick)
        except NoSuchExample:
            continue
        except re.error:
            break
    return "0"


def number_of(schema: SchemaObject) -> int | float:
    """A small number within the bounds of a schema."""
    least, most = schema.get("minimum"), schema.get("maximum")
    above, below = (
        bound if excluded is True else None if excluded is False else excluded
        for excluded, bound in ((schema.get("exclusiveMinimum"), least), (schema.get("exclusiveMaximum"), most))
    )
    value = 1 if least is None else max(least, 1) if least >= 0 else 0
    if above is not None:
        value = int(above) + 1
    if below is not None:
        value = min(value, ceil(below) - 1)
    if most is not None:
        value = min(value, most)
    if (step := schema.get("multipleOf")) and round(value / step) * step != value:
        value = ceil(value / step) * step
    if schema.get("type") == "integer":
        return _writable(int(value))
    lower, upper = least if above is None else above, most if below is None else below
    is_outside = value in (below, above) or (lower is not None and value < lower)
    return (lower + upper) / 2 if is_outside and lower is not None and upper is not None else value


def _writable(value: int) -> int | float:
    """A number that orjson writes: beyond 64 bits only a float, which JSON Schema takes for an integer too."""
    return value if -(2**63) <= value < 2**64 else float(value)
