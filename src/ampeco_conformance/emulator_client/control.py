"""The control plane of an emulator, which needs no token."""

import secrets
from typing import Any

from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.http.client import ApiClient

_CONTROL = "/_emulator"


def new_token(client: ApiClient, **access: Any) -> str:
    """Create a token; `access` limits it: `role="read-only"`, `partnerId=7`. Raises TargetError."""
    token = f"conform-{secrets.token_hex(8)}"
    _control(client, "POST", "tokens", {"token": token, **access})
    return token


def _control(client: ApiClient, method: str, path: str, body: dict[str, Any]) -> None:
    exchange = client.send(method, f"{_CONTROL}/{path}", json=body, authenticated=False)
    if exchange.response is None or exchange.response.status_code >= 300:
        said = exchange.error if exchange.response is None else exchange.response.body.decode("utf-8", "replace")
        raise TargetError(f"the emulator refused {method} {_CONTROL}/{path}: {said}")
