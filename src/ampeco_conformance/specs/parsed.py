"""A cache of parsed YAML files: reading YAML takes ten times as long as reading the JSON that it stands for."""

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.core.project import PROJECT, cache_folders
from ampeco_conformance.specs.caching import first_writable, write_atomically
from ampeco_conformance.specs.reading import parse_document

_SMALLEST = 50_000
"""Bytes from which on a text is kept."""

_MOST_FILES = 40

_CODE = tuple(Path(__file__).with_name(f"{name}.py") for name in ("parsed", "reading", "yaml_loading"))
"""The modules that decide what a text is read as."""


def parse_cached(content: bytes, name: str) -> dict[str, Any]:
    """What `parse_document` says of a text; of a large YAML text, from the cache when it is there."""
    if len(content) < _SMALLEST or content.lstrip().startswith(b"{"):
        return parse_document(content, name)
    directory = first_writable(cache_folders("parsed", PROJECT))
    if directory is None:
        return parse_document(content, name)
    code = b"".join(file.read_bytes() for file in _CODE)
    file = (
        directory / f"{hashlib.blake2b(content, key=hashlib.blake2b(code).digest(), digest_size=16).hexdigest()}.json"
    )
    with suppress(OSError, ValueError):
        known = orjson.loads(file.read_bytes())
        file.touch()
        if isinstance(known, dict):
            return known
    document = parse_document(content, name)
    with suppress(OSError):
        write_atomically(file, orjson.dumps(document))
        _leave_the_newest(directory)
    return document


def _leave_the_newest(directory: Path) -> None:
    files = sorted(directory.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[_MOST_FILES:]:
        file.unlink(missing_ok=True)
