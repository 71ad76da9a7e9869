"""Reads untrusted YAML and JSON documents: bounded in size, nesting and expansion."""

import json
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import yaml

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs.yaml_loading import TooLarge, YamlLimits, load_yaml

MAXIMUM_BYTES = 20 * 1024 * 1024
MAXIMUM_DEPTH = 200
"""Levels of nesting; real documents need some thirty, and recursive tools fail at a thousand."""
MAXIMUM_NODES = 5_000_000
"""Nodes after YAML aliases are expanded; a document of 20 MB has about two million."""


def read_document(file: Path) -> dict[str, Any]:
    """The mapping in a YAML or JSON file. Raises ConfigurationError when it cannot be read or is not a mapping."""
    return parse_document(read_bytes(file), str(file))


def read_bytes(file: Path) -> bytes:
    """The content of a file of a document. Raises ConfigurationError when it cannot be read or is too large."""
    try:
        size = file.stat().st_size
        if size > MAXIMUM_BYTES:
            raise ConfigurationError(f"{file} has {size / 2**20:.0f} MB; the limit is {MAXIMUM_BYTES // 2**20} MB")
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from error


def parse_document(content: bytes, name: str) -> dict[str, Any]:
    """The mapping in YAML or JSON text. Raises ConfigurationError, naming `name`, when it is not a mapping.

    Scalars are read by the YAML 1.2 core schema (dates stay text, `no` is not false), keys become text.
    """
    text = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text:
        raise ConfigurationError(f"{name} is empty")
    if text.startswith(b"<"):
        raise ConfigurationError(f"{name} is HTML or XML, not a YAML or JSON document; was a login page saved?")
    document = _parse_json(text, name) if text.startswith(b"{") else _parse_yaml(text, name)
    if not isinstance(document, dict):
        raise ConfigurationError(f"{name} is not a document: it holds a {type(document).__name__}, not a mapping")
    return document


def refuse_repeated_names(content: bytes, name: str) -> None:
    """Raise ConfigurationError for JSON that gives a name twice in an object: what came first would be lost unseen.

    YAML is refused while it is read. This takes longer than reading JSON does.
    """

    def checked(pairs: list[tuple[str, Any]]) -> None:
        if repeated := next((key for key, times in Counter(key for key, _ in pairs).items() if times > 1), None):
            raise ConfigurationError(f"{name} gives {repeated} twice in the same object")

    with suppress(ValueError, RecursionError):
        json.loads(content, object_pairs_hook=checked)


def _parse_json(text: bytes, name: str) -> Any:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if "depth" in str(error):
            raise _too_deep(name) from error
        try:
            return _parse_yaml(text, name)
        except ConfigurationError:
            raise ConfigurationError(f"{name} is broken JSON: {error}") from error
    if _depth_exceeds(document, MAXIMUM_DEPTH):
        raise _too_deep(name)
    return document


def _parse_yaml(text: bytes, name: str) -> Any:
    try:
        document = load_yaml(text, YamlLimits(MAXIMUM_DEPTH, MAXIMUM_NODES))
        return orjson.loads(orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigurationError(f"{name} is broken YAML{place}: {error.problem or error.context}") from error
    except TooLarge as error:
        raise ConfigurationError(f"{name} {error}") from error
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{name} is broken YAML: {str(error).splitlines()[0]}") from error


def _depth_exceeds(document: Any, limit: int) -> bool:
    level = [document]
    for _ in range(limit):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: Any) -> list[Any]:
    values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [value for value in values if isinstance(value, (dict, list))]


def _too_deep(name: str) -> ConfigurationError:
    return ConfigurationError(f"{name} is nested deeper than {MAXIMUM_DEPTH} levels")
