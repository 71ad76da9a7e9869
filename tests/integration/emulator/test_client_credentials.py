"""Tokens for client credentials, as the emulator gives them."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.support.emulator import PREFIX, RunningEmulator
from tests.support.loopback import NO_TLS

TOKEN, REVOKE = PREFIX + "/oauth/token", PREFIX + "/oauth/revoke"
TAXES = PREFIX + "/resources/taxes/v2.0"
BODY = {"grant_type": "client_credentials", "client_id": "an-id", "client_secret": "a-secret"}


@pytest.fixture
def stranger(start: Callable[..., RunningEmulator]) -> Callable[..., httpx.Client]:
    """Starts an emulator, and gives a client without a token."""

    def started(*arguments: str) -> httpx.Client:
        return httpx.Client(base_url=start(*arguments).client.base_url, trust_env=False, verify=NO_TLS)

    return started


def status(client: httpx.Client, token: str) -> int:
    return client.get(TAXES, headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_is_accepted_until_it_expires_or_is_revoked(stranger: Callable[..., httpx.Client]) -> None:
    with stranger("--oauth-client", "an-id:a-secret", "--token-lifetime", "1") as client:
        answer = client.post(TOKEN, json=BODY)
        token = answer.json()["access_token"]
        assert (answer.status_code, answer.json()["expires_in"]) == (200, 1)
        by_basic = client.post(TOKEN, json={"grant_type": "client_credentials"}, auth=("an-id", "a-secret")).json()
        assert status(client, token) == status(client, by_basic["access_token"]) == 200
        assert client.post(REVOKE, json={**BODY, "token": by_basic["access_token"]}).status_code == 200
        assert (status(client, token), status(client, by_basic["access_token"])) == (200, 401)
        time.sleep(1)
        assert status(client, token) == 401


def test_wrong_credentials_are_refused_in_the_form_of_oauth(stranger: Callable[..., httpx.Client]) -> None:
    with stranger("--oauth-client", "an-id:a-secret") as client:
        wrong: list[tuple[dict[str, Any], int, str]] = [
            ({**BODY, "client_secret": "other"}, 401, "invalid_client"),
            ({**BODY, "grant_type": "password"}, 400, "unsupported_grant_type"),
            ({}, 401, "invalid_client"),
        ]
        for body, expected, error in wrong:
            answer = client.post(TOKEN, json=body)
            assert (answer.status_code, answer.json()["error"]) == (expected, error)
        assert status(client, "a-secret") == 401


def test_without_a_client_the_feature_is_not_enabled(stranger: Callable[..., httpx.Client]) -> None:
    with stranger() as client:
        answer = client.post(TOKEN, json=BODY)
        assert (answer.status_code, answer.json()) == (404, {"message": "Feature is not enabled"})
        assert answer.headers["x-app-version"]
        assert client.get(TOKEN).status_code == 405
