"""The errors of the validators that judge witnesses."""

from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.validation import Reading, Validation
from ampeco_conformance.contract.json_schema import Direction


def test_errors_do_not_repeat_a_very_long_text() -> None:
    contract = ContractDocument("a", {"openapi": "3.1.0", "paths": {}})
    validation = Validation(Canonical(contract, Direction.REQUEST))
    schema = {"type": "string", "maxLength": 5}
    errors = validation.errors(schema, "a" * 200_000, reading=Reading.OPEN)
    assert [list(error.schema_path) for error in errors] == [["maxLength"]]
    assert len(errors[0].message) < 100
