"""Access tokens for client credentials (RFC 6749, 4.4), and their revocation (RFC 7009).

Facts: a JSON body, or HTTP Basic, has the credentials; errors have the form of the RFC. A tenant without the feature
answers 404 `Feature is not enabled`, and 405 to any other method than POST.
"""

import base64
import binascii
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from ampeco_emulator.backend.backend import EmulatorResponse
from ampeco_emulator.http.switched_off import NOT_ENABLED
from ampeco_emulator.settings import Access, EmulatorSettings

TOKEN, REVOKE = "/public-api/oauth/token", "/public-api/oauth/revoke"
PATHS = frozenset({TOKEN, REVOKE})


def answer(settings: EmulatorSettings, path: str, headers: Mapping[str, str], raw: bytes) -> EmulatorResponse:
    """The response to a POST to one of the addresses."""
    if settings.oauth_client is None:
        return EmulatorResponse(404, NOT_ENABLED)
    body = _fields(headers, raw)
    if (body.get("client_id"), body.get("client_secret")) != settings.oauth_client:
        return _error(401, "invalid_client", "The client is unknown, or its secret is wrong.")
    if path == REVOKE:
        settings.tokens.pop(str(body.get("token")), None)
        return EmulatorResponse(200, {})
    if body.get("grant_type") != "client_credentials":
        return _error(400, "unsupported_grant_type", "The only grant type is client_credentials.")
    token, lifetime = secrets.token_urlsafe(32), settings.token_lifetime
    settings.tokens[token] = Access(expires_at=time.time() + lifetime)
    return EmulatorResponse(200, {"token_type": "Bearer", "expires_in": int(lifetime), "access_token": token})


def _fields(headers: Mapping[str, str], raw: bytes) -> dict[str, Any]:
    """The fields of a body, JSON or a form, with the credentials of HTTP Basic."""
    try:
        sent = json.loads(raw or b"{}")
    except ValueError:
        sent = dict(parse_qsl(raw.decode("utf-8", "replace")))
    fields = sent if isinstance(sent, dict) else {}
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return fields
    try:
        client_id, _, client_secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return fields
    return {**fields, "client_id": client_id, "client_secret": client_secret}


def _error(status: int, error: str, description: str) -> EmulatorResponse:
    return EmulatorResponse(status, {"error": error, "error_description": description})
