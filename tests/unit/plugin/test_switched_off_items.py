"""An item whose only findings are the refusals of a feature that is switched off has tested nothing."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from ampeco_conformance.contract.features import TenantFeatures
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.findings import ContractViolation
from ampeco_conformance.plugin.recording import RECORDER
from ampeco_conformance.plugin.triage import pytest_runtest_call
from ampeco_conformance.recording.recorder import Recorder
from tests.support.small_contract import MakeAnswer


def ended(contract: ApiContract, answer: MakeAnswer, message: str) -> None:
    """End the call of an item of GET /users that raises what its answer, a 404 with this message, shows."""
    exchange = answer("GET", "/users", 404, {"message": message})
    recorder = Recorder(contract, features=TenantFeatures("ampeco"))
    recorder.observe(exchange)
    operation = contract.specification.operation("GET /users")
    item: Any = SimpleNamespace(
        stash=pytest.Stash(), callspec=SimpleNamespace(params={"operation": operation}), name="test_sequences"
    )
    item.stash[RECORDER] = recorder
    call = pytest_runtest_call(cast(pytest.Item, item))
    next(call)
    raised = ContractViolation(recorder.check(exchange))
    assert raised.findings
    with pytest.raises(StopIteration):
        call.throw(raised)


def test_the_item_of_a_feature_that_is_off_is_skipped(contract: ApiContract, answer: MakeAnswer) -> None:
    with pytest.raises(pytest.skip.Exception, match="switched off on the target: GET /users"):
        ended(contract, answer, "Feature is not enabled")


def test_any_other_refusal_is_a_finding(contract: ApiContract, answer: MakeAnswer) -> None:
    with pytest.raises(ContractViolation, match="status 404 is not documented"):
        ended(contract, answer, "Nothing here")
