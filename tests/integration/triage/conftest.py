"""A target that answers from a script, and a judge of its findings."""

from collections.abc import Iterator

import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.judge import Judge
from tests.support.gates import OpenGate
from tests.support.scripted_target import TOKEN, Server, judge_of, scripted_contract, scripted_server


@pytest.fixture
def server() -> Iterator[Server]:
    with scripted_server() as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[ApiClient]:
    with ApiClient(server.base_url, TOKEN, timeout=5, gate=OpenGate()) as client:
        yield client


@pytest.fixture(scope="session")
def contract() -> ApiContract:
    return scripted_contract()


@pytest.fixture
def judge(client: ApiClient, contract: ApiContract) -> Judge:
    """A judge of a tenant, without settings."""
    return judge_of(client, contract, is_emulator=False)
