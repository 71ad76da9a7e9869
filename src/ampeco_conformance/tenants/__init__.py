"""The system under test: configuration, safety levels, HTTP client, resource pool."""
