"""What a cause is shown by."""

from dataclasses import replace

from ampeco_conformance.reporting.causes import causes_of
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


def test_a_fault_of_a_header_is_one_cause_in_whatever_statuses_and_an_undocumented_status_a_cause_each() -> None:
    statuses = (200, 401, 422)
    header = {"check": "content_type_conformance", "source": "", "location": "Content-Type", "kind": "text/html"}
    pages = [failed(f"GET /{status}", status=status, **header) for status in statuses]
    assert len(causes_of(clusters_of(pages))) == 1
    other = {"check": "status_code_conformance", "source": "", "location": "", "kind": "number"}
    assert len(causes_of(clusters_of(failed(f"GET /{status}", status=status, **other) for status in statuses))) == 3
