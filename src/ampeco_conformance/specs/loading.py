"""Loads the specification of a version: resolved once, then from a cache keyed by content."""

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs.caching import cache_directory, content_digest, recall, remember
from ampeco_conformance.specs.catalog import CatalogEntry, load_catalog
from ampeco_conformance.specs.model import Specification, read_operations
from ampeco_conformance.specs.overlays import apply_overlay, is_overlay
from ampeco_conformance.specs.provenance import annotate
from ampeco_conformance.specs.reading import read_document

_CODE = Path(__file__).resolve().parent
PROJECT = _CODE.parents[2]
STORE_VARIABLE = "CONFORM_SPECS"
"""Environment variable that names another specification store than `specs/` of the project."""
_KEPT_IN_MEMORY = 4

_StoreState = tuple[tuple[str, int, int], ...]


def store_directory() -> Path:
    """Where the specifications are: `specs/` of the project, or what CONFORM_SPECS names."""
    return Path(os.environ.get(STORE_VARIABLE) or PROJECT / "specs")


def load_specification(version: str, api: str = "ampeco") -> Specification:
    """The specification of a version, resolved to one OpenAPI document. It never touches the network.

    A process that asks again gets the same object until a file of the store changes.
    Raises ConfigurationError when the version is unknown (naming near ones) or its file is broken.
    """
    store = store_directory()
    return _load(store, _state_of(store), api, version)


def _state_of(store: Path) -> _StoreState:
    """Name, time of change and size of every file: changes with the store, and is far cheaper than its contents."""
    files = ((file, file.stat()) for file in sorted(store.rglob("[!.]*")))
    return tuple((str(file), state.st_mtime_ns, state.st_size) for file, state in files)


@lru_cache(maxsize=_KEPT_IN_MEMORY)
def _load(store: Path, _state: _StoreState, api: str, version: str) -> Specification:
    entry = load_catalog(store).find(api, version)
    content = _cached_json(store, entry)
    document = orjson.loads(content)
    return Specification(
        api=api,
        version=version,
        document=document,
        digest=hashlib.sha256(content).hexdigest(),
        operations=tuple(read_operations(document)),
    )


def resolve_document(store: Path, entry: CatalogEntry, known: dict[Path, bytes] | None = None) -> dict[str, Any]:
    """The document of a catalog entry with its overlays applied and its provenance written in.

    Who resolves many entries passes the same `known` each time; it keeps what overlays build on.
    """
    document = _resolve_file(store / entry.file, known)
    annotate(document, entry)
    return document


def _cached_json(store: Path, entry: CatalogEntry) -> bytes:
    directory = cache_directory(PROJECT)
    if directory is None:
        return orjson.dumps(resolve_document(store, entry))
    name = f"{entry.api}-{entry.version}"
    file = directory / f"{name}-{content_digest(store, _CODE)[:24]}.json"
    content = recall(file)
    if content is None:
        content = orjson.dumps(resolve_document(store, entry))
        remember(file, content, outdated=f"{name}-*.json")
    return content


def _resolve_file(file: Path, known: dict[Path, bytes] | None) -> dict[str, Any]:
    """The document of a file with its chain of overlays applied."""
    chain: dict[Path, dict[str, Any]] = {}
    while known is None or file not in known:
        if file in chain:
            raise ConfigurationError(f"{file} extends itself")
        document = read_document(file)
        if not is_overlay(document):
            break
        if "extends" not in document:
            raise ConfigurationError(f"{file} is an overlay without `extends`")
        chain[file] = document
        file = file.parent / document["extends"]
    else:
        document = orjson.loads(known[file])
    for overlay_file, overlay in reversed(chain.items()):
        apply_overlay(overlay, document, overlay_file.name)
        if known is not None:
            known[overlay_file] = orjson.dumps(document)
    return document
