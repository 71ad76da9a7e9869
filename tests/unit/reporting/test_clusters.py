"""What a cause is shown by."""

from dataclasses import replace

from ampeco_conformance.reporting.clusters import clusters_of
from tests.support.finished_runs import failed


def test_the_plain_test_of_an_operation_is_the_first_example_of_a_cause() -> None:
    plain = failed(case="1" * 8)
    hostile = replace(
        failed(case="2" * 8), node_id="contract_tests/test_acceptance.py::test_acceptance", aspect="acceptance"
    )
    (cause,) = clusters_of([hostile, plain])
    assert cause.case == "1" * 8
    assert [example.case for example in cause.examples] == ["1" * 8]
