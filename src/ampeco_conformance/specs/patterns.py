"""Patterns of schemas as ECMA-262 reads them, which is the dialect of OpenAPI and JSON Schema.

jsonschema-rs translates that dialect, but not the forms that only its Annex B permits, such as `[\\w-.]`. Those become
a format, which regress judges: an engine of ECMA-262.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import jsonschema_rs
import regress

Matches = Callable[[str], bool]

_FORMAT = "pattern "
_UNKNOWN_TO_HYPOTHESIS = re.compile(r"(?<!\\)[*+?}]\+|\(\?>")
"""Possessive quantifiers and atomic groups."""
_formats: dict[str, Matches] = {}


@cache
def is_common(pattern: str) -> bool:
    """Whether jsonschema-rs takes a pattern as it is."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except ValueError:
        return False
    return True


@cache
def matcher(pattern: str) -> Matches | None:
    """What tells whether a text has a match of the pattern; None when no dialect takes the pattern."""
    for flags in ("u", ""):
        try:
            expression = regress.Regex(pattern, flags)
        except regress.RegressError:
            continue
        return lambda text: expression.find(text) is not None
    if is_common(pattern):
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid
    try:
        other = re.compile(pattern)
    except (re.error, OverflowError):
        return None
    return lambda text: other.search(text) is not None


def common_schema(pattern: str) -> dict[str, Any]:
    """The keywords that say what a pattern says to jsonschema-rs; none for what is no pattern."""
    if is_common(pattern):
        return {"pattern": pattern}
    if (matches := matcher(pattern)) is None:
        return {}
    _formats[f"{_FORMAT}{pattern}"] = matches
    return {"format": f"{_FORMAT}{pattern}"}


def pattern_formats() -> Mapping[str, Matches]:
    """The formats that `common_schema` has named so far."""
    return _formats


def without_patterns(node: Any, left: Callable[[str], bool] = lambda _: False) -> Any:
    """A document in which those patterns alone are `left` that a library takes; the others are left out of a copy."""
    if isinstance(node, list):
        copies = [without_patterns(item, left) for item in node]
        return copies if any(copy is not item for copy, item in zip(copies, node, strict=True)) else node
    if not isinstance(node, dict):
        return node
    kept = {
        key: without_patterns(value, left)
        for key, value in node.items()
        if key != "pattern" or not isinstance(value, str) or left(value)
    }
    return kept if len(kept) < len(node) or any(kept[key] is not node[key] for key in kept) else node


@cache
def is_generable(pattern: str) -> bool:
    """Whether Hypothesis, which reads Python's dialect, can make texts that match, and jsonschema-rs can judge them."""
    try:
        re.compile(pattern)
    except (re.error, OverflowError):
        return False
    return is_common(pattern) and not _UNKNOWN_TO_HYPOTHESIS.search(pattern)
