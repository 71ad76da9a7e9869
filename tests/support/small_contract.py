"""A small contract, and exchanges under it."""

import json
from collections.abc import Callable
from typing import Any

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.model import read_operations

USER = {
    "type": "object",
    "required": ["id", "email", "password"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "email": {"type": "string", "format": "email"},
        "password": {"type": "string", "writeOnly": True},
        "nickname": {"type": "string", "nullable": True, "enum": ["a", "b"]},
        "default": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
        "createdAt": {"type": "string", "format": "date-time"},
        "kind": {"oneOf": [{"type": "string"}, {"type": "string", "maxLength": 100}]},
    },
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Small", "version": "1"},
    "paths": {
        "/users": {
            "get": {
                "operationId": "listUsers",
                "parameters": [
                    {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}},
                    {"name": "name", "in": "query", "schema": {"type": "string"}},
                    {
                        "name": "filter",
                        "in": "query",
                        "style": "deepObject",
                        "schema": {
                            "type": "object",
                            "properties": {
                                "age": {"type": "integer"},
                                "tags": {"type": "array", "items": {"type": "string"}},
                                "size": {"anyOf": [{"type": "integer"}, {"type": "string", "enum": ["any"]}]},
                            },
                        },
                    },
                ],
                "responses": {
                    "200": {
                        "description": "Users.",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["data"],
                                    "properties": {
                                        "data": {"type": "array", "items": {"$ref": "#/components/schemas/User"}}
                                    },
                                }
                            }
                        },
                    },
                    "429": {"description": "Slow down."},
                },
            },
            "post": {
                "operationId": "createUser",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}},
                },
                "responses": {"201": {"description": "Created."}, "422": {"description": "Invalid."}},
            },
        },
        "/users/{user}": {
            "parameters": [{"name": "user", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"operationId": "getUser", "responses": {"200": {"description": "A user."}}},
        },
        "/users/me": {"get": {"operationId": "getMe", "responses": {"200": {"description": "The caller."}}}},
    },
    "components": {"schemas": {"User": USER}},
}

MakeAnswer = Callable[..., Exchange]
"""Makes an exchange, as `answer_of` does."""


def small_contract() -> ApiContract:
    """The contract of the document."""
    return ApiContract(Specification("small", "1", DOCUMENT, "0", tuple(read_operations(DOCUMENT))))


def answer_of(
    method: str,
    path: str,
    status: int = 200,
    body: Any = None,
    *,
    content_type: str = "application/json",
    sent: Any = None,
    sent_type: str = "application/json",
) -> Exchange:
    """An exchange: what was sent, and the response to it."""
    sent_bytes = sent if isinstance(sent, bytes | None) else json.dumps(sent).encode()
    request = Request(method, f"https://tenant.example.com{path}", (("Content-Type", sent_type),), sent_bytes)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(request, Response(status, "", (("Content-Type", content_type),), content), 0.0, 0.01)


def contract_taking(body: dict[str, Any]) -> ApiContract:
    """A contract with one operation, `POST /things`, that takes a body of this schema."""
    written = {
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {"422": {"description": "Invalid."}},
    }
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Small", "version": "1"},
        "paths": {"/things": {"post": written}},
    }
    return ApiContract(Specification("small", "1", document, "0", tuple(read_operations(document))))
