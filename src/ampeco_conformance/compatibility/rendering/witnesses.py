"""A witness as an HTTP message: request line, headers, JSON body."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from ampeco_conformance.compatibility.changes import Witness

_LONGEST_TEXT = 10_000


def shown_value(value: Any) -> Any:
    """A value of a witness as it is shown: of a very long text, its beginning and its length."""
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"{value[:40]}... ({len(value)} characters)"
    if isinstance(value, dict):
        return {name: shown_value(child) for name, child in value.items()}
    return [shown_value(item) for item in value] if isinstance(value, list) else value


def witness_text(witness: Witness) -> str:
    """The witness as an HTTP message."""
    witness = replace(witness, value=shown_value(witness.value))
    value = witness.value
    if witness.kind == "request":
        lines = [_request_line(witness)]
    elif str(value.get("status", "")).isdigit():
        lines = [f"HTTP {value['status']}"]
    else:
        lines = [f"the server calls {value.get('status') or 'back'}"]
    lines += [f"{name}: {_scalar(header)}" for name, header in value.get("headers", {}).items()]
    if "credentials" in value:
        held = (
            f"{name}{' with scope ' + ', '.join(scopes) if scopes else ''}"
            for name, scopes in value["credentials"].items()
        )
        lines.append(f"Credentials: {' and '.join(held) or 'none'}")
    for media_type, body in value.get("body", {}).items():
        shown = "" if "json" in media_type or "*" in media_type else " (shown as JSON)"
        lines += [f"Content-Type: {media_type}{shown}", json.dumps(body, ensure_ascii=False)]
    return "\n".join(lines)


def _request_line(witness: Witness) -> str:
    method, _, path = witness.operation.partition(" ")
    for name, parameter in witness.value.get("path", {}).items():
        path = path.replace(f"{{{name}}}", quote(_scalar(parameter), safe=""))
    query = "&".join(_query(name, parameter) for name, parameter in witness.value.get("query", {}).items())
    return f"{method} {path}{'?' + query if query else ''}"


def _query(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return "&".join(_query(f"{name}[{key}]", part) for key, part in value.items())
    if isinstance(value, list):
        # A list repeats its name (style form, exploded); inside an object (style deepObject) it is marked.
        inner = name if name.endswith("[]") or "[" not in name else f"{name}[]"
        return "&".join(_query(inner, item) for item in value)
    return f"{name}={quote(_scalar(value))}"


def _scalar(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
