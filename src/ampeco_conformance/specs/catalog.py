"""The catalog: every version of every API in the store, with its provenance."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from ampeco_conformance.apis import APIS
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs.caching import write_atomically
from ampeco_conformance.specs.reading import read_document
from ampeco_conformance.specs.writing import to_yaml

CATALOG_FILE = "catalog.yaml"
_HEADER = """\
# Every version the store holds. documented: its operations are published in full; inferred: concluded from
# neighbouring versions; vendor: the vendor's own document, imported with `conform specs import`; operations only: its
# operations and deprecations are listed, their fields are not known.
"""
_VERSION = re.compile(r"v?\d+(\.\d+)*")

DEFAULT_VERSIONS = {api.name: api.default_version for api in APIS.values()}
"""The version used when none is named."""


class Provenance(StrEnum):
    """How a document came to be."""

    DOCUMENTED = "documented"
    """Its operations are published in full."""
    INFERRED = "inferred"
    """Concluded from neighbouring versions; the evidence says how."""
    VENDOR = "vendor"
    """The vendor's own document, imported by a user."""
    OPERATIONS = "operations only"
    """Its operations and deprecations are listed; their parameters, bodies and answers are not known."""


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One version of one API; `file` is relative to the store."""

    api: str
    version: str
    file: str
    provenance: Provenance
    evidence: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """All versions of a store, oldest first within each API."""

    entries: tuple[CatalogEntry, ...]

    def __iter__(self) -> Iterator[CatalogEntry]:
        return iter(self.entries)

    @property
    def apis(self) -> tuple[str, ...]:
        """The names of the APIs in the order of the catalog."""
        return tuple(dict.fromkeys(entry.api for entry in self.entries))

    def with_entry(self, entry: CatalogEntry) -> "Catalog":
        """The catalog with an entry added, or replaced when API and version are the same."""
        others = (other for other in self if (other.api, other.version) != (entry.api, entry.version))
        return Catalog(_in_order([*others, entry]))

    def versions(self, api: str) -> tuple[CatalogEntry, ...]:
        """The versions of one API with a contract, oldest first. Raises ConfigurationError when the API is unknown."""
        return tuple(entry for entry in self.known_versions(api) if entry.provenance is not Provenance.OPERATIONS)

    def known_versions(self, api: str) -> tuple[CatalogEntry, ...]:
        """The same, and the versions of which only the operations are known."""
        if api not in self.apis:
            raise ConfigurationError(f"unknown API {api!r}; choose one of {', '.join(self.apis)}")
        return tuple(entry for entry in self.entries if entry.api == api)

    def find(self, api: str, version: str) -> CatalogEntry:
        """The entry of a version. Raises ConfigurationError, naming near ones, when there is none."""
        entries = self.known_versions(api)
        for entry in entries:
            if entry.version == version:
                return entry
        known = [entry.version for entry in self.versions(api)]
        near = ", ".join(near_versions(version, known) if version_key(version) else known[-1:])
        raise ConfigurationError(
            f"{api} {version} has no specification; nearest: {near} (`conform specs list --api {api}` lists all)"
        )


def load_catalog(store: Path) -> Catalog:
    """The catalog of a store. Raises ConfigurationError when it is missing or broken."""
    file = store / CATALOG_FILE
    if not file.is_file():
        raise ConfigurationError(f"{file} is missing; is this the specification store?")
    rows = read_document(file).get("versions")
    try:
        entries = [CatalogEntry(**row | {"provenance": Provenance(row["provenance"])}) for row in rows or ()]
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{file} has a broken entry: {error}") from error
    if not entries:
        raise ConfigurationError(f"{file} lists no versions")
    return Catalog(_in_order(entries))


def save_catalog(catalog: Catalog, store: Path) -> None:
    """Replaces the catalog of a store in one step. Raises OSError."""
    rows = [asdict(entry) | {"provenance": entry.provenance.value} for entry in catalog]
    write_atomically(store / CATALOG_FILE, (_HEADER + to_yaml({"versions": rows})).encode())


def version_key(version: str) -> tuple[int, ...]:
    """What versions are ordered by: their numbers."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def is_version(text: str) -> bool:
    """Whether a text is written like a version: `3.90.0`, `v1`."""
    return _VERSION.fullmatch(text) is not None


def _in_order(entries: Sequence[CatalogEntry]) -> tuple[CatalogEntry, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.api, version_key(entry.version))))


def near_versions(version: str, known: Sequence[str]) -> list[str]:
    """The known versions that begin as a version does, as of 3.90; else those just below and just above it."""
    written = version.lstrip("v")
    begin = [other for other in known if written and other.removeprefix("v").startswith(written)]
    if begin:
        return begin[:4]
    below = [other for other in known if version_key(other) < version_key(version)]
    above = [other for other in known if version_key(other) >= version_key(version)]
    return below[-2:] + above[:2]
