"""Texts that a string schema accepts, and those that another one refuses."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import jsonschema_rs

from ampeco_conformance.compatibility.contracts import Json, Schema
from ampeco_conformance.compatibility.patterns import Language, Unsupported, example, language, lengths

FORMATS = {
    "date-time": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "a@b.co",
    "idn-email": "a@b.co",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "iri": "https://example.com/",
    "uri-reference": "/a",
    "iri-reference": "/a",
    "json-pointer": "/a",
    "relative-json-pointer": "0/a",
    "regex": "a",
    "url": "https://example.com/",
    "uuid": "3f1b7a52-8c1d-4f6e-9a20-5d3e7c9b1a44",
}
"""A text of each format."""

_FORMAT_PATTERNS = {
    **dict.fromkeys(("email", "idn-email"), r"^a{1,60}@(b{60}\.){0,3}b\.co$"),
    **dict.fromkeys(("uri", "iri", "url"), r"^https?://a(\.[a-z]+)?(/[a-z]*)?$"),
    **dict.fromkeys(("uri-reference", "iri-reference", "json-pointer"), "^/[a-z]*$"),
    "date-time": r"^2026-01-31T12:00:00(\.[0-9]{1,60})?(Z|[+]02:00)$",
    "time": r"^12:00:00(\.[0-9]{1,60})?(Z|[+]02:00)$",
    "date": "^2026-01-3[01]$",
    "duration": "^PT[1-9]{1,9}H$",
    "hostname": r"^a{1,60}(\.b{1,60})?$",
    "ipv4": r"^(192\.0\.2\.1|198\.51\.100\.100)$",
    "ipv6": "^(::|::1|2001:db8::1|2001:db8:1:2:3:4:5:6)$",
    "uuid": "^[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-9[a-f0-9]{3}-[a-f0-9]{12}$",
}
"""Patterns of some texts of a format, of several lengths."""


_LONG = 1_000
"""Characters that a text which is made up does not have."""


class Unbuildable(Exception):
    """No value was found; the schema may accept none."""


def text_of(node: Schema) -> str:
    """A text that a string schema accepts, as far as is known. Raises Unbuildable."""
    if not {"pattern", "minLength", "maxLength", "allOf"} & node.keys():
        return FORMATS.get(node.get("format", ""), "a")
    if node.get("maxLength", 0) > _LONG:  # what is built is as short as it can be
        node = {keyword: value for keyword, value in node.items() if keyword != "maxLength"}
    try:
        accepted = _accepted(node)
        found = example((*accepted, language("^[ -~]*$"))) or example(accepted)
    except Unsupported:
        found = _generated_text(
            node.get("pattern"), node.get("format"), node.get("minLength", 0), node.get("maxLength")
        )
    if found is None:
        raise Unbuildable
    return found


@cache
def text_of_pattern(pattern: str) -> str:
    """A text that matches the pattern; empty when none is found."""
    try:
        return text_of({"pattern": pattern})
    except Unbuildable:
        return ""


def refused_texts(node: Schema, other: Schema) -> Iterator[str]:
    """Texts that the first schema accepts and the other one refuses: one for each of its constraints."""
    with suppress(Unsupported):
        accepted = _accepted(node)
        for constraint in _constraints(other):
            with suppress(Unsupported):
                found = example(accepted, (constraint(),))
                if found is not None:
                    yield found
        if "enum" in other:
            found = example(accepted, _literally(other["enum"]))
            if found is not None:
                yield found


def several_texts(node: Schema, count: int) -> Iterator[str]:
    """Different texts that a string schema accepts, as many as are wanted and there are."""
    try:
        accepted, found = _accepted(node), list[str]()
        while len(found) < count:
            text = example((*accepted, language("^[ -~]*$")), _literally(found))
            if text is None:
                return
            found.append(text)
            yield text
    except Unsupported:
        first = text_of(node)
        yield from (first, *(f"{first}{number}" for number in range(count)))


def is_within(node: Schema, other: Schema) -> bool:
    """Whether the other schema certainly accepts every text that the first one accepts, formats aside."""
    try:
        accepted = tuple(constraint() for constraint in _constraints(node))
        return all(example(accepted, (constraint(),)) is None for constraint in _constraints(other))
    except Unsupported:
        return False


def are_among(node: Schema, values: Iterable[Json]) -> bool:
    """Whether every text that a schema accepts is certainly one of some values."""
    try:
        accepted = tuple(constraint() for constraint in _constraints(node))
        return bool(accepted) and example(accepted, _literally(values)) is None
    except Unsupported:
        return False


def _literally(values: Iterable[Json]) -> tuple[Language, ...]:
    """The texts among some values as a language; none when there are none."""
    texts = [re.escape(value) for value in values if isinstance(value, str)]
    return (language(f"^(?:{'|'.join(texts)})$"),) if texts else ()


def generated(schema: Schema, is_good: Callable[[Json], bool]) -> Json:
    """A value of a complete JSON Schema 2020-12 as Schemathesis generates them. Raises Unbuildable."""
    # Here, because it takes half a second and is seldom needed.
    from hypothesis import HealthCheck, Phase, find, settings
    from hypothesis import strategies as st
    from hypothesis.errors import HypothesisException
    from schemathesis.core.errors import SchemathesisError
    from schemathesis.generation.jsonschema.builder import build

    quiet = settings(database=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    formats: dict[str, st.SearchStrategy[str]] = {name: st.just(text) for name, text in FORMATS.items()}
    try:
        return find(build(schema, draft=jsonschema_rs.Draft202012, formats=formats), is_good, settings=quiet)
    except (HypothesisException, SchemathesisError, ValueError, RecursionError, OverflowError, TypeError) as error:
        raise Unbuildable from error


def _accepted(node: Schema) -> tuple[Language, ...]:
    """What a text of the schema has to be in. Raises Unsupported."""
    made = [constraint() for constraint in _constraints(node)]
    if node.get("format") in _FORMAT_PATTERNS:
        made.append(language(_FORMAT_PATTERNS[node["format"]]))
    return tuple(made)


def _constraints(node: Schema) -> Iterator[Callable[[], Language]]:
    """The languages of the keywords of a node, each made when it is asked for."""
    if "pattern" in node:
        yield lambda: language(node["pattern"])
    if node.get("minLength") or "maxLength" in node:
        yield lambda: lengths(int(node.get("minLength", 0)), _whole(node.get("maxLength")))
    for member in node.get("allOf", ()):
        if isinstance(member, dict):
            yield from _constraints(member)


def _whole(number: Any) -> int | None:
    return None if number is None else int(number)


@cache
def _generated_text(pattern: str | None, form: str | None, least: int, most: int | None) -> str | None:
    """A text of a schema whose pattern is not understood here; None when none is found."""
    keywords = {"pattern": pattern, "format": form, "minLength": least or None, "maxLength": most}
    schema = {"type": "string", **{name: value for name, value in keywords.items() if value is not None}}
    judge = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    with suppress(Unbuildable):
        return str(generated(schema, lambda text: "\n" not in text and judge.is_valid(text)))
    return None
