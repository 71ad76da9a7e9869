"""The versioned OpenAPI documents: catalog, overlays, loading, linting, importing."""

from ampeco_conformance.specs.catalog import DEFAULT_VERSIONS, Catalog, CatalogEntry, Provenance, load_catalog
from ampeco_conformance.specs.loading import KEPT_IN_MEMORY, load_specification, own_store_directory, store_directory
from ampeco_conformance.specs.model import METHODS, Operation, Specification, read_operations

__all__ = [
    "DEFAULT_VERSIONS",
    "KEPT_IN_MEMORY",
    "METHODS",
    "Catalog",
    "CatalogEntry",
    "Operation",
    "Provenance",
    "Specification",
    "load_catalog",
    "load_specification",
    "own_store_directory",
    "read_operations",
    "store_directory",
]
