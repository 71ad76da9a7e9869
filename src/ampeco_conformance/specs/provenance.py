"""Writes into a resolved document how well founded it and each of its operations is."""

from typing import Any

from ampeco_conformance.specs.catalog import CatalogEntry, Provenance, version_key
from ampeco_conformance.specs.model import METHODS

INTRODUCED = "x-introduced"
"""On an operation: the first version that documents it (`by`), the last that shows it absent (`after`)."""


def annotate(document: dict[str, Any], entry: CatalogEntry) -> None:
    """Sets `x-provenance` and `x-evidence` on the document and on its operations, in place.

    An operation that states its own provenance keeps it.
    """
    document["x-provenance"] = entry.provenance.value
    document["x-evidence"] = entry.evidence
    for item in document.get("paths", {}).values():
        for method in METHODS:
            if method in item and "x-provenance" not in item[method]:
                provenance, evidence = _operation_provenance(item[method], entry)
                item[method]["x-provenance"] = provenance.value
                item[method]["x-evidence"] = evidence


def _operation_provenance(operation: dict[str, Any], entry: CatalogEntry) -> tuple[Provenance, str]:
    if entry.provenance is Provenance.VENDOR:
        return Provenance.VENDOR, entry.evidence
    if entry.provenance is Provenance.DOCUMENTED:
        return Provenance.DOCUMENTED, f"Documented in {entry.version}."
    first = operation[INTRODUCED]["by"]
    if version_key(first) <= version_key(entry.version):
        return Provenance.INFERRED, f"Documented by {first}; no operation was ever removed."
    return Provenance.INFERRED, f"Assumed; the first version that documents it is {first}."
