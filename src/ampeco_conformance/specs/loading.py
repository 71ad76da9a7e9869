"""Loads the specification of a version: resolved once, then read from the cache."""

import hashlib
import os
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.apis import DEFAULT_API
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.project import PROJECT, WORKSPACE
from ampeco_conformance.specs.bundling import with_own_path_items
from ampeco_conformance.specs.caching import DocumentCache, ResolvedDocument, cache_directory
from ampeco_conformance.specs.catalog import CatalogEntry, Provenance, load_catalog
from ampeco_conformance.specs.model import Specification, read_operations
from ampeco_conformance.specs.operations_alone import operations_alone
from ampeco_conformance.specs.overlays import apply_overlay, is_overlay
from ampeco_conformance.specs.provenance import annotate
from ampeco_conformance.specs.query_lists import name_lists_as_sent
from ampeco_conformance.specs.reading import read_document

STORE_VARIABLE = "CONFORM_SPECS"
"""Environment variable that names another specification store than `specs/` of the project."""
KEPT_IN_MEMORY = 8
"""How many specifications a process keeps, and what it derives from them."""

_StoreState = tuple[tuple[str, int, int], ...]


def store_directory() -> Path:
    """Where the specifications are: what CONFORM_SPECS names, else `specs/` of the user's folder or of the project."""
    if given := os.environ.get(STORE_VARIABLE):
        return Path(given)
    own = WORKSPACE / "specs"
    return own if (own / "catalog.yaml").is_file() else PROJECT / "specs"


def own_store_directory() -> Path:
    """The store to write to: an installed package's is copied to the user's folder first. Raises ConfigurationError."""
    store, own = store_directory(), WORKSPACE / "specs"
    if STORE_VARIABLE in os.environ or store != PROJECT / "specs" or own == store:
        return store
    try:
        shutil.copytree(store, own, dirs_exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{own} cannot be written: {error.strerror}") from None
    return own


def load_specification(version: str, api: str = DEFAULT_API, *, operations_suffice: bool = False) -> Specification:
    """The specification of a version, resolved to one OpenAPI document. It never touches the network.

    A process that asks again gets the same object until a file of the store changes. Raises ConfigurationError when the
    version is unknown (naming near ones), when its file is broken, and, unless `operations_suffice`, when nothing but
    its operations is known.
    """
    store = store_directory()
    specification = _load(store, _state_of(store), api, version)
    if not operations_suffice and specification.document["x-provenance"] == Provenance.OPERATIONS:
        newest = load_catalog(store).versions(api)[-1].version
        raise ConfigurationError(
            f"of {api} {version} only the operations are known, so there is no contract to test; "
            f"take {newest}, or import the vendor's document of {version} (`conform specs import`)"
        )
    return specification


def _state_of(store: Path) -> _StoreState:
    """Name, time of change and size of every file: changes with the store, and is far cheaper than its contents."""
    files = ((file, file.stat()) for file in sorted(store.rglob("[!.]*")))
    return tuple((str(file), state.st_mtime_ns, state.st_size) for file, state in files)


@lru_cache(maxsize=KEPT_IN_MEMORY)
def _load(store: Path, _state: _StoreState, api: str, version: str) -> Specification:
    document = resolve_document(store, load_catalog(store).find(api, version))
    name_lists_as_sent(document)
    return Specification(
        api=api,
        version=version,
        document=document,
        digest=hashlib.sha256(orjson.dumps(document)).hexdigest(),
        operations=tuple(read_operations(document)),
    )


def resolve_document(store: Path, entry: CatalogEntry) -> dict[str, Any]:
    """The document of a catalog entry with its overlays applied and its provenance written in."""
    cache = DocumentCache(store, cache_directory(PROJECT))
    file = store / entry.file
    resolved = cache.get(file)
    if resolved is None:
        with cache.lock():
            resolved = resolve_file(file, cache)
    annotate(resolved.document, entry)
    return operations_alone(resolved.document) if entry.provenance is Provenance.OPERATIONS else resolved.document


def resolve_file(file: Path, cache: DocumentCache) -> ResolvedDocument:
    """The document of a file with its chain of overlays applied; every document on the way goes into the cache."""
    chain: dict[Path, tuple[dict[str, str], dict[str, Any]]] = {}
    while (resolved := cache.get(file)) is None:
        if file in chain:
            raise ConfigurationError(f"{file} extends itself")
        source = cache.source(file)
        document = read_document(file)
        if not is_overlay(document):
            with_own_path_items(document)
            resolved = ResolvedDocument(document, source)
            cache.put(file, resolved)
            break
        if "extends" not in document:
            raise ConfigurationError(f"{file} is an overlay without `extends`")
        chain[file] = source, document
        file = file.parent / document["extends"]
    for overlay_file, (source, overlay) in reversed(chain.items()):
        apply_overlay(overlay, resolved.document, overlay_file.name)
        resolved = ResolvedDocument(resolved.document, resolved.sources | source)
        cache.put(overlay_file, resolved)
    return resolved
