"""Specification documents as text: YAML for people, JSON for tools."""

import math
from typing import Any

import orjson
import yaml

LINE_WIDTH = 110
"""Longest line, in characters, that the YAML form aims at."""

ONE_LINE = 80
"""Mappings and lists up to this many characters are written on one line."""


def to_yaml(document: Any) -> str:
    """The document as YAML in its own order; small mappings and lists of scalars stay on one line."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=LINE_WIDTH)


def to_json(document: Any) -> str:
    """The document as indented JSON in its own order."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


class _Dumper(yaml.CSafeDumper):
    """Safe YAML without aliases, where everything that fits on one line is written on one line."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 (the signature of PyYAML)
        return True

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        node.flow_style = _length_inside(node) <= ONE_LINE
        return node

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:
        node = super().represent_sequence(tag, sequence, flow_style)
        scalars = all(isinstance(item, yaml.ScalarNode) for item in node.value)
        node.flow_style = scalars or _length_inside(node) <= ONE_LINE
        return node


def _length_inside(node: yaml.CollectionNode) -> float:
    """Characters that the parts of a node take on one line."""
    parts = (part for pair in node.value for part in pair) if isinstance(node, yaml.MappingNode) else node.value
    return sum(_length(part) + 2 for part in parts)


def _length(node: yaml.Node) -> float:
    if isinstance(node, yaml.CollectionNode):
        return _length_inside(node) if node.flow_style else math.inf
    return len(node.value)
