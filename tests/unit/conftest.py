"""A small contract, and exchanges under it."""

import pytest

from ampeco_conformance.contract.responses import ApiContract
from tests.support.small_contract import MakeAnswer, answer_of, small_contract


@pytest.fixture
def contract() -> ApiContract:
    return small_contract()


@pytest.fixture
def answer() -> MakeAnswer:
    return answer_of
