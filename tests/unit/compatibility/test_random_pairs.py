"""Random pairs of documents: nothing that is said of them is refuted by another validator, or depends on hashing."""

import os
import subprocess
import sys

import pytest

from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.validation import Reading, Validation
from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.core.project import PROJECT
from tests.support.comparison import document
from tests.support.schema_pairs import ROOT, Json
from tools.comparison_campaign import compared_pair, digest


@pytest.mark.parametrize("number", range(16))
def test_no_verdict_and_no_witness_is_refuted_by_another_validator(number: int) -> None:
    _, wrong = compared_pair(number)
    assert wrong == []


def test_a_report_is_the_same_bytes_whatever_the_hash_seed() -> None:
    command = [sys.executable, "-m", "tools.comparison_campaign", "--pairs", "6"]
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    printed = subprocess.run(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    assert printed.split()[-1] == digest(compared_pair(number)[0] for number in range(6))


@pytest.mark.parametrize(
    "inner",
    [
        {"allOf": [{"$ref": "#/components/schemas/A"}, {"maxProperties": 2}]},
        {"anyOf": [{"$ref": "#/components/schemas/A"}]},
        {"oneOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]},
    ],
)
def test_a_schema_that_contains_itself_through_a_combinator_has_a_finite_json_schema(inner: Json) -> None:
    schemas = {"A": {"type": "object", "properties": {"a": inner}}}
    contract = ContractDocument("", document(components={"schemas": schemas}))
    made = Validation(Canonical(contract, Direction.REQUEST)).json_schema(ROOT, reading=Reading.OPEN)
    assert len(str(made)) < 1000
