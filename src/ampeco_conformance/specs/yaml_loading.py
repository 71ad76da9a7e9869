"""Loads YAML by the core schema of YAML 1.2, as OpenAPI recommends, into values that JSON has.

What other tools read is read: an anchor that is defined again, numbers of any size, unknown tags (they are ignored).
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.composer import Composer, ComposerError
from yaml.constructor import SafeConstructor
from yaml.resolver import BaseResolver

_SMALLEST, _LARGEST = -(2**63), 2**64 - 1
"""Integers that JSON readers keep exactly; others become floats."""


def load_yaml(text: bytes) -> Any:
    """The value in a YAML text. Raises yaml.YAMLError."""
    try:
        return yaml.load(text, Loader=_Loader)
    except ComposerError as error:
        if "duplicate anchor" not in str(error.context):
            raise
        return _EventLoader(_with_own_anchors(text)).get_single_data()


class _Loader(yaml.CSafeLoader):
    """The usual, fast loader."""


class _EventLoader(Composer, SafeConstructor, BaseResolver):
    """A loader of events that have been parsed already."""

    def __init__(self, events: Iterator[Any]) -> None:
        Composer.__init__(self)
        SafeConstructor.__init__(self)
        BaseResolver.__init__(self)
        self._events = events
        self._next = next(events, None)

    def check_event(self, *kinds: type[Any]) -> bool:
        """Whether the next event is of one of the kinds."""
        return self._next is not None and (not kinds or isinstance(self._next, kinds))

    def peek_event(self) -> Any:
        """The next event, which stays."""
        return self._next

    def get_event(self) -> Any:
        """The next event."""
        event, self._next = self._next, next(self._events, None)
        return event


def _with_own_anchors(text: bytes) -> Iterator[Any]:
    """The events with anchors that are all different: an alias means the last one of its name before it."""
    count: dict[str, int] = {}
    event: Any
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            if not isinstance(event, yaml.AliasEvent):
                count[anchor] = count.get(anchor, 0) + 1
            event.anchor = f"{anchor} {count[anchor]}"
        yield event


def _number(_: Any, node: Any) -> int | float:
    """A whole number: decimal also with leading zeros, octal after `0o`, hexadecimal after `0x`."""
    text = str(node.value)
    value = int(text, {"o": 8, "x": 16}.get(text[1:2], 10))
    return value if _SMALLEST <= value <= _LARGEST else float(value)


def _untagged(loader: Any, node: Any) -> Any:
    """What has an unknown tag, as if it had none."""
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)
_Loader.add_constructor("tag:yaml.org,2002:int", _number)
for _name in ("binary", "timestamp", "set", "omap", "pairs"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_name}", _untagged)
_Loader.add_constructor(None, _untagged)
_EventLoader.yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers
_EventLoader.yaml_constructors = _Loader.yaml_constructors
