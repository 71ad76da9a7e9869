"""Small documents for comparisons."""

import copy
from typing import Any

from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.report import ComparisonReport, compare
from ampeco_conformance.compatibility.rules import ComparisonRule
from ampeco_conformance.compatibility.rules.operations import DOCUMENT_RULES, OPERATION_RULES

Json = Any
SCHEMA_AREAS = {"types", "values", "constraints", "structure", "fields"}


def document(operation: Json = None, *, openapi: str = "3.1.0", version: str = "1", **extra: Json) -> dict[str, Json]:
    """A document with one operation, POST /things/{id}, made of a fragment."""
    base: dict[str, Json] = {
        "parameters": [],
        "responses": {"200": {"description": ""}},
    }
    merged = {**base, **copy.deepcopy(operation or {})}
    merged["parameters"] = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
        *merged["parameters"],
    ]
    made = {"openapi": openapi, "info": {"title": "", "version": version}, "paths": {"/things/{id}": {"post": merged}}}
    return {**made, **copy.deepcopy(extra)}


def with_schema(schema: Json, direction: str, *, openapi: str = "3.1.0", **extra: Json) -> dict[str, Json]:
    """A document whose request or response body has the schema, in a field `value`."""
    body = {"type": "object", "required": ["value"], "properties": {"value": schema}}
    content = {"content": {"application/json": {"schema": body}}}
    if direction == "request":
        return document({"requestBody": {**content, "required": True}}, openapi=openapi, **extra)
    return document({"responses": {"200": {"description": "", **content}}}, openapi=openapi, **extra)


def examples(rule: ComparisonRule) -> tuple[dict[str, Json], dict[str, Json]]:
    """The pair of documents that a rule's example stands for."""
    if rule in DOCUMENT_RULES:
        return rule.example
    if rule in OPERATION_RULES or rule.area not in SCHEMA_AREAS:
        old, new = (document(side) for side in rule.example)
        if rule.id == "operation-deprecated-without-sunset":  # only reported where the document has such dates at all
            old["paths"]["/other"] = new["paths"]["/other"] = {"get": {"deprecated": True, "x-sunset": "2030-01-01"}}
        return old, new
    openapi = "3.0.3" if "nullable" in str(rule.example) else "3.1.0"
    old, new = (with_schema(side, rule.direction, openapi=openapi) for side in rule.example)
    return old, new


def compared(old: dict[str, Json], new: dict[str, Json], policy: str = "strict") -> ComparisonReport:
    """The report on two documents."""
    return compare(ContractDocument("old", old), ContractDocument("new", new), load_policy(policy))
