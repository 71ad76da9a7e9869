"""Versions of which the operations are known, and nothing of their parameters, bodies and answers."""

import re
from collections.abc import Iterator
from typing import Any

from ampeco_conformance.specs.model import METHODS

_OF_FIELDS = ("components", "security")
_KEPT = ("operationId", "summary", "description", "tags", "deprecated")
_UNKNOWN_ANSWER = {"default": {"description": "Not known."}}


def operations_alone(document: dict[str, Any]) -> dict[str, Any]:
    """A valid document with the operations of another one, their titles and deprecations, and nothing else of them."""
    paths = {path: dict(_operations(path, item)) for path, item in document["paths"].items()}
    return {key: value for key, value in document.items() if key not in _OF_FIELDS} | {"paths": paths}


def _operations(path: str, item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {}} for name in re.findall(r"\{([^}]+)\}", path)
    ]
    for method in METHODS:
        if method in item:
            known = {key: value for key, value in item[method].items() if key in _KEPT or key.startswith("x-")}
            yield method, known | ({"parameters": parameters} if parameters else {}) | {"responses": _UNKNOWN_ANSWER}
