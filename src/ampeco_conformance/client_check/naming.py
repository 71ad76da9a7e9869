"""Names and paths as they are shown, and the right name nearest to a wrong one."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

from ampeco_conformance.client_check.model import HOLE
from ampeco_conformance.contract.schema_errors import SchemaError
from ampeco_conformance.core.fingerprints import json_type

_ALIASES = {
    "per_page": "limit size count pagesize perpage top take max maxresults results rows",
    "cursor": "offset skip after start startafter pagetoken nexttoken nextcursor next page",
    "page": "offset pagenumber pageno pageindex p",
    "include[]": "include includes expand with embed fields",
}
"""Documented names -> how other APIs call the same, without capitals and underscores."""

_LONGEST_WORD = 40


def nearest(name: str, known: Collection[str]) -> str:
    """`; did you mean x?`, of the names that are known; empty when none is near."""
    plain = _plain(name)
    by_plain = {_plain(candidate): candidate for candidate in sorted(known)}
    found = by_plain.get(plain) or next(
        (right for right, wrong in _ALIASES.items() if right in known and plain in wrong.split()), None
    )
    if found is None:
        near = get_close_matches(plain, list(by_plain), 1, 0.7)
        found = by_plain[near[0]] if near else None
    return f"; did you mean {found}?" if found is not None and found != name else ""


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").removesuffix("[]")


def shown(part: str) -> str:
    """A segment as it is shown: numbers and ids are data."""
    is_id = part.isdigit() or (len(part) > 20 and any(map(str.isdigit, part)))
    return "{}" if is_id else part.replace(HOLE, "{}")


def reason(error: SchemaError) -> str:
    """What is wrong with a value, without the value itself; a word outside an enum is shown."""
    expected = error.expected if isinstance(error.expected, dict) else {}
    if error.keyword == "type":
        wanted = expected.get("types") or expected.get("type") or expected.get("kind")
        return f"is {_article(json_type(error.actual))} instead of {_kinds(wanted)}"
    if error.keyword == "enum":
        values = [str(value) for value in expected.get("options", ()) if value is not None]
        listed = f"one of {', '.join(values[:8])}{', ...' if len(values) > 8 else ''}"
        given = str(error.actual)
        is_word = len(given) <= _LONGEST_WORD and given.replace("_", "").replace(".", "").isalnum()
        return f"is {given if is_word else 'a value'} instead of {listed}" + nearest(given, values)
    if error.keyword in ("oneOf", "anyOf", "oneOfNotValid", "oneOfMultipleValid"):
        return "fits none of its alternatives"
    if error.keyword == "format":
        return f"is not a valid {expected.get('format', 'value')}"
    limit = next((value for value in expected.values() if isinstance(value, str | int | float)), "")
    return f"breaks {error.keyword} {limit}".rstrip()


def _kinds(wanted: Any) -> str:
    names = [wanted] if isinstance(wanted, str) else list(wanted or ())
    return " or ".join(str(name) for name in names if name != "null" or len(names) == 1) or "another type"


def _article(kind: str) -> str:
    return kind if kind == "null" else f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"
