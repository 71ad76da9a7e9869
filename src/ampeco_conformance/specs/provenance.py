"""Writes the provenance of a document and of its operations into it."""

import re
from collections.abc import Mapping
from typing import Any

from ampeco_conformance.specs.catalog import CatalogEntry, Provenance, version_key
from ampeco_conformance.specs.model import METHODS

INTRODUCED = "x-introduced"
"""On an operation: the first version that documents it (`by`), the last that shows it absent (`after`)."""

_BORROWED = re.compile(r"Fields as ([\d.]*\d)")


def unknown_fields(version: str, document: Mapping[str, Any]) -> str | None:
    """One line when the fields of a version are not known, or only those of a neighbour; None when they are known."""
    if document.get("x-provenance") == Provenance.OPERATIONS:
        return f"the fields of {version} are not known; only its operations are compared"
    borrowed = _BORROWED.search(str(document.get("x-evidence", "")))
    if borrowed is None or document.get("x-provenance") == Provenance.VENDOR:
        return None
    return f"the fields of {version} are not known; those of {borrowed[1]} are taken for them"


def annotate(document: dict[str, Any], entry: CatalogEntry) -> None:
    """Sets `x-provenance` and `x-evidence` on the document, and on every operation with another provenance.

    An operation of a documented version is `documented` unless it states its own provenance. Works in place.
    """
    document["x-provenance"] = entry.provenance.value
    document["x-evidence"] = entry.evidence
    for item in document.get("paths", {}).values():
        for method in METHODS:
            if method in item and "x-provenance" not in item[method]:
                operation = item[method]
                operation["x-provenance"] = entry.provenance.value
                if entry.provenance is Provenance.INFERRED:
                    operation["x-evidence"] = _evidence(operation[INTRODUCED]["by"], entry.version)


def _evidence(first: str, version: str) -> str:
    if version_key(first) <= version_key(version):
        return f"Documented by {first}; no operation was ever removed."
    return f"Assumed; the first version that documents it is {first}."
