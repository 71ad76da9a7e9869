"""Loads YAML by the core schema of YAML 1.2, as OpenAPI recommends, into values that JSON has.

The value is made of the parser's events in one pass, so that nesting and the expansion of aliases are bounded before
anything grows. What other tools read is read: an anchor that is defined again, numbers of any size, unknown tags (they
are ignored).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isinf
from typing import Any

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

from ampeco_conformance.specs.collector import without_collector

_SMALLEST, _LARGEST = -(2**63), 2**64 - 1
"""Integers that JSON readers keep exactly; others become floats."""

_TAG = "tag:yaml.org,2002:"
_MERGE = object()
"""The key `<<`, which adds the fields of other mappings."""


class TooLarge(ValueError):
    """A document goes beyond a limit; the message says which, without the subject of the sentence."""


@dataclass(frozen=True, slots=True)
class YamlLimits:
    """How deep a document may be nested, and how many nodes it may have when its aliases are expanded."""

    depth: int
    nodes: int


@dataclass(slots=True)
class _Open:
    """A mapping or list that has begun; `key` is that of the value which comes next."""

    value: Any
    anchor: str | None
    nodes_before: int
    is_mapping: bool
    expects_key: bool
    key: Any = None
    merged: Any = None


def load_yaml(text: bytes, limits: YamlLimits) -> Any:
    """The value in a YAML text. Raises yaml.YAMLError, or TooLarge."""
    with without_collector():
        return _DocumentBuilder(limits).build(text)


class _DocumentBuilder:
    """Makes a value of events."""

    def __init__(self, limits: YamlLimits) -> None:
        self._limits = limits
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._stack: list[_Open] = []
        self._documents: list[Any] = []
        self._nodes = 0

    def build(self, text: bytes) -> Any:
        """The value of the only document; None when there is none."""
        taking = self._TAKE
        for event in iter(yaml.CSafeLoader(text).get_event, None):
            take = taking.get(type(event))
            if take is not None:
                take(self, event)
        return self._documents[0] if self._documents else None

    def _scalar(self, event: Any) -> None:
        value = _value(event, is_key=bool(self._stack) and self._stack[-1].expects_key)
        self._nodes += 1
        if event.anchor:
            self._anchors[event.anchor] = value, 1
        self._add(value, event)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            # The value of an anchor is known at its end, so one that contains itself is unknown too.
            raise TooLarge(f"has a YAML alias *{event.anchor} that contains itself or is unknown")
        value, nodes = self._anchors[event.anchor]
        self._nodes += nodes
        if self._nodes > self._limits.nodes:
            raise TooLarge(f"grows beyond {self._limits.nodes:,} nodes when its YAML aliases are expanded")
        self._add(value, event)

    def _begin(self, event: Any) -> None:
        if event.anchor:
            self._anchors.pop(event.anchor, None)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        value: Any = {} if is_mapping else []
        self._stack.append(_Open(value, event.anchor, self._nodes, is_mapping, is_mapping))
        self._nodes += 1
        if len(self._stack) > self._limits.depth:
            raise TooLarge(f"is nested deeper than {self._limits.depth} levels")

    def _end(self, event: Any) -> None:
        ended = self._stack.pop()
        if ended.merged is not None:
            ended.value = {**ended.merged, **ended.value}
        if ended.anchor:
            self._anchors[ended.anchor] = ended.value, self._nodes - ended.nodes_before
        self._add(ended.value, event)

    def _add(self, value: Any, event: Any) -> None:
        if not self._stack:
            if self._documents:
                raise ComposerError(
                    "expected a single document in the stream", None, "but found another document", event.start_mark
                )
            self._documents.append(value)
            return
        around = self._stack[-1]
        if not around.is_mapping:
            around.value.append(value)
        elif around.expects_key:
            if isinstance(value, (dict, list)):
                raise ConstructorError("while constructing a mapping", None, "found unhashable key", event.start_mark)
            if value in around.value:
                # Else what came first, such as all operations of a path, would be lost without a word.
                raise ConstructorError("while constructing a mapping", None, f"found {value} twice", event.start_mark)
            around.key, around.expects_key = value, False
        else:
            around.expects_key = True
            if around.key is _MERGE:
                around.merged = {**_merged(value, event), **(around.merged or {})}
            else:
                around.value[around.key] = value

    _TAKE: dict[type[Any], Callable[["_DocumentBuilder", Any], None]] = {
        yaml.ScalarEvent: _scalar,
        yaml.AliasEvent: _alias,
        yaml.MappingStartEvent: _begin,
        yaml.SequenceStartEvent: _begin,
        yaml.MappingEndEvent: _end,
        yaml.SequenceEndEvent: _end,
    }


def _merged(value: Any, event: Any) -> dict[Any, Any]:
    """The fields of one mapping, or of a list of mappings of which the first one wins."""
    mappings = value if isinstance(value, list) else [value]
    if not all(isinstance(mapping, dict) for mapping in mappings):
        problem = "expected a mapping or list of mappings for merging"
        raise ConstructorError("while constructing a mapping", None, problem, event.start_mark)
    return {key: inner for mapping in reversed(mappings) for key, inner in mapping.items()}


def _value(event: Any, *, is_key: bool) -> Any:
    """The value of a scalar: text when it is quoted, or has a tag that is not known."""
    text: str = event.value
    tag = event.tag
    if tag is None:
        if not event.implicit[0]:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if text[0] in _NUMERIC:
            for pattern, make in _NUMBERS:
                if pattern.fullmatch(text):
                    return make(text)
        return _MERGE if is_key and text == "<<" else text
    make_tagged = _TAGGED.get(tag)
    return text if make_tagged is None else make_tagged(text)


def _number(text: str) -> int | float:
    """A whole number: decimal also with leading zeros, octal after `0o`, hexadecimal after `0x`."""
    value = int(text, {"o": 8, "x": 16}.get(text[1:2], 10))
    return value if _SMALLEST <= value <= _LARGEST else _real(text)


def _real(text: str) -> float:
    value = float(int(text, 0) if text[1:2] in ("o", "x") else text)
    if isinf(value):
        raise ValueError(f"{text[:20]}... is a larger number than JSON readers keep")
    return value


def _is_true(text: str) -> bool:
    return text.lower() == "true"


_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
"""What plain scalars are read as; any that is neither here nor a number is text."""
_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"), _number),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), _real),
)
_NUMERIC = {*"-+.0123456789"}
"""How a number begins."""

_TAGGED: dict[str, Callable[[str], Any]] = {
    f"{_TAG}null": lambda _: None,
    f"{_TAG}bool": _is_true,
    f"{_TAG}int": _number,
    f"{_TAG}float": _real,
}
