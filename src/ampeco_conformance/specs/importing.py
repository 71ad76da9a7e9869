"""Imports a vendor's own OpenAPI document into the store, atomically."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs.bundling import bundle, with_own_path_items
from ampeco_conformance.specs.caching import write_atomically
from ampeco_conformance.specs.catalog import (
    Catalog,
    CatalogEntry,
    Provenance,
    is_version,
    load_catalog,
    save_catalog,
    version_key,
)
from ampeco_conformance.specs.changes import OperationChanges, operation_changes
from ampeco_conformance.specs.fetching import fetch, public_name
from ampeco_conformance.specs.loading import resolve_document
from ampeco_conformance.specs.model import read_operations
from ampeco_conformance.specs.reading import parse_document, refuse_repeated_names
from ampeco_conformance.specs.validation import check_document
from ampeco_conformance.specs.walking import EXTERNAL_DOCUMENTS
from ampeco_conformance.specs.writing import to_json


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result of an import: the new entry and the version it is compared with, if there is one."""

    entry: CatalogEntry
    operations: int
    compared_with: CatalogEntry | None
    changes: OperationChanges


def import_document(
    source: str,
    *,
    store: Path,
    api: str,
    version: str | None = None,
    allow_external_references: bool = False,
    replace: bool = False,
    writable_store: Callable[[], Path] | None = None,
) -> ImportResult:
    """Checks the document at a file or address and stores it whole as the vendor's version of an API.

    Without `version` the document's own `info.version` is taken. A version that holds a vendor's document
    already is only replaced on request. `writable_store` is asked where to write, once nothing but writing is left;
    default: `store`. Raises ConfigurationError with one line that says what is wrong with
    the document, the version or the disk, TargetError when the network fails; the store is untouched then.
    """
    catalog = load_catalog(store)
    catalog.versions(api)
    if version:
        _check_form(version)
    name = public_name(source)
    content = fetch(source)
    document = parse_document(content, name)
    refuse_repeated_names(content, name)
    if allow_external_references:
        document = bundle(document, source)
        if EXTERNAL_DOCUMENTS in document:
            content = to_json(document).encode()
    with_own_path_items(document)
    check_document(document, name)
    version = _checked_version(version, document["info"]["version"], name)
    present = next((entry for entry in catalog.versions(api) if entry.version == version), None)
    if present and present.provenance is Provenance.VENDOR and not replace:
        raise ConfigurationError(f"{api} {version} is imported already ({present.evidence}); --replace replaces it")
    entry = _entry(api, version, content, name)
    compared_with = present or _predecessor(catalog, entry)
    old = resolve_document(store, compared_with) if compared_with else {}
    _put(entry, content, present, catalog, writable_store() if writable_store else store)
    return ImportResult(
        entry=entry,
        operations=sum(1 for _ in read_operations(document)),
        compared_with=compared_with,
        changes=operation_changes(old, document),
    )


def _check_form(version: str) -> None:
    if not is_version(version):
        raise ConfigurationError(f"{version!r} is not a version; give numbers such as --version 3.110.0")


def _checked_version(asked: str | None, own: str, source: str) -> str:
    version = asked or own
    _check_form(version)
    same_series = is_version(own) and version_key(own)[0] == version_key(version)[0]
    if same_series and version_key(own) != version_key(version):
        raise ConfigurationError(
            f"{source} declares version {own}, not {version}: leave out --version to import it as {own}"
        )
    return version


def _entry(api: str, version: str, content: bytes, source: str) -> CatalogEntry:
    digest = hashlib.sha256(content).hexdigest()
    suffix = "json" if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "yaml"
    return CatalogEntry(
        api=api,
        version=version,
        file=f"{api}/v{version.removeprefix('v')}.vendor-{digest[:8]}.{suffix}",
        provenance=Provenance.VENDOR,
        evidence=f"Imported from {source} on {datetime.now(UTC):%Y-%m-%d}, SHA-256 {digest[:16]}.",
    )


def _predecessor(catalog: Catalog, entry: CatalogEntry) -> CatalogEntry | None:
    """The newest version below the one that is imported."""
    older = [other for other in catalog.versions(entry.api) if version_key(other.version) < version_key(entry.version)]
    return older[-1] if older else None


def _put(entry: CatalogEntry, content: bytes, present: CatalogEntry | None, catalog: Catalog, store: Path) -> None:
    file = store / entry.file
    is_new = not file.exists()
    try:
        write_atomically(file, content)
        save_catalog(catalog.with_entry(entry), store)
    except OSError as error:
        if is_new:
            with suppress(OSError):
                file.unlink(missing_ok=True)
        raise ConfigurationError(f"{store} cannot be written: {error.strerror}; it is unchanged") from error
    if present and present.provenance is Provenance.VENDOR and present.file != entry.file:
        with suppress(OSError):
            (store / present.file).unlink(missing_ok=True)
