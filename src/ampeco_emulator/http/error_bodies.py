"""The body of a refusal in the form of each vendor.

Facts: AMPECO {"message", "errors": {field: [text]}}; Spirii {"error": {"type", "code",
"message", "param", "request_id"}}.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

Form = Callable[[int, str, Mapping[str, list[str]] | None], dict[str, Any]]

_TYPES = {
    400: ("invalid_request", "invalid_request"),
    401: ("authentication_error", "invalid_api_key"),
    403: ("permission_error", "forbidden"),
    404: ("not_found", "resource_missing"),
    405: ("invalid_request", "method_not_allowed"),
    409: ("conflict", "conflict"),
    422: ("validation_error", "invalid_parameter"),
    429: ("rate_limit", "rate_limit_exceeded"),
}


def _ampeco(_status: int, message: str, errors: Mapping[str, list[str]] | None) -> dict[str, Any]:
    return {"message": message} | ({"errors": dict(errors)} if errors else {})


def _spirii(status: int, message: str, errors: Mapping[str, list[str]] | None) -> dict[str, Any]:
    kind, code = _TYPES.get(status, ("api_error", "internal"))
    number = hashlib.sha256(f"{status} {message}".encode()).hexdigest()[:12]
    param = next(iter(errors), "") if errors else ""
    error = {"type": kind, "code": code, "message": message, "param": param, "request_id": f"req_{number}"}
    return {"error": error}


FORMS: Mapping[str, Form] = {"ampeco": _ampeco, "spirii": _spirii}
