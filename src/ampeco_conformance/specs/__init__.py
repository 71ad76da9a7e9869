"""The versioned OpenAPI documents: catalog, overlays, loading, linting, importing."""
