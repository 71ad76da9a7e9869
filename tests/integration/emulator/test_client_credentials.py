"""Tokens for client credentials, as the emulator gives them."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.emulator import PREFIX, RunningEmulator, running
from tests.support.loopback import NO_TLS

TOKEN, REVOKE = PREFIX + "/oauth/token", PREFIX + "/oauth/revoke"
TAXES = PREFIX + "/resources/taxes/v2.0"
CLIENT = ("--oauth-client", "an-id:a-secret")
BODY = {"grant_type": "client_credentials", "client_id": "an-id", "client_secret": "a-secret"}


@pytest.fixture(scope="module")
def stranger() -> Iterator[httpx.Client]:
    """A client without a token of an emulator that gives tokens."""
    with running(*CLIENT, "--token-lifetime", "600") as emulator, without_token(emulator) as it:
        yield it


def without_token(emulator: RunningEmulator) -> httpx.Client:
    return httpx.Client(base_url=emulator.client.base_url, trust_env=False, verify=NO_TLS)


def status(client: httpx.Client, token: str) -> int:
    return client.get(TAXES, headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_is_accepted_until_it_is_revoked(stranger: httpx.Client) -> None:
    answer = stranger.post(TOKEN, json=BODY)
    token = answer.json()["access_token"]
    assert (answer.status_code, answer.json()["expires_in"]) == (200, 600)
    by_basic = stranger.post(TOKEN, json={"grant_type": "client_credentials"}, auth=("an-id", "a-secret")).json()
    assert status(stranger, token) == status(stranger, by_basic["access_token"]) == 200
    assert stranger.post(REVOKE, json={**BODY, "token": by_basic["access_token"]}).status_code == 200
    assert (status(stranger, token), status(stranger, by_basic["access_token"])) == (200, 401)


def test_a_token_is_refused_when_it_has_expired() -> None:
    with running(*CLIENT, "--token-lifetime", "1") as emulator, without_token(emulator) as it:
        token = it.post(TOKEN, json=BODY).json()["access_token"]
        time.sleep(1)
        assert status(it, token) == 401


def test_wrong_credentials_are_refused_in_the_form_of_oauth(stranger: httpx.Client) -> None:
    wrong: list[tuple[dict[str, Any], int, str]] = [
        ({**BODY, "client_secret": "other"}, 401, "invalid_client"),
        ({**BODY, "grant_type": "password"}, 400, "unsupported_grant_type"),
        ({}, 401, "invalid_client"),
    ]
    for body, expected, error in wrong:
        answer = stranger.post(TOKEN, json=body)
        assert (answer.status_code, answer.json()["error"]) == (expected, error)
    assert status(stranger, "a-secret") == 401


def test_without_a_client_the_feature_is_not_enabled(emulator: RunningEmulator) -> None:
    with without_token(emulator) as client:
        answer = client.post(TOKEN, json=BODY)
        assert (answer.status_code, answer.json()) == (404, {"message": "Feature is not enabled"})
        assert answer.headers["x-app-version"]
        assert client.get(TOKEN).status_code == 405
