"""Small documents for tests."""

from typing import Any


def minimal_document(version: str, operations: dict[str, str]) -> dict[str, Any]:
    """A sound document with one GET operation per path, named by its operationId."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Test API", "version": version},
        "tags": [{"name": "things", "description": "Things."}],
        "paths": {
            path: {
                "get": {
                    "operationId": operation_id,
                    "summary": "Things",
                    "description": "Reads things.",
                    "tags": ["things"],
                    "x-introduced": {"by": version},
                    "responses": {
                        "200": {
                            "description": "Things.",
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                        }
                    },
                }
            }
            for path, operation_id in operations.items()
        },
        "components": {"schemas": {"Thing": {"type": "object", "properties": {"id": {"type": "integer"}}}}},
    }
