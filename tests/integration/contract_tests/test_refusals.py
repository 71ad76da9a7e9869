"""What the tests of refusals find, one defect at a time; and nothing on the healthy emulator."""

from collections.abc import Callable

import pytest

from tests.support.aspect_bench import AspectBench

TAX = "/public-api/resources/taxes/v2.0/{tax}"
EVSE = "/public-api/resources/charge-points/v2.0/{chargePoint}/evses/{evse}"
CANCEL = "POST /public-api/actions/reservation/v1.0/{reservation}/cancel"
AUTHENTICATION = "test_authentication::test_authentication"
UNKNOWN_ID = "test_errors::test_unknown_id"

#: Test, operation, and the check that finds each of the defects.
ROWS = [
    (AUTHENTICATION, f"GET {TAX}", "authentication_required", ("open-items",)),
    (AUTHENTICATION, f"PATCH {TAX}", "authentication_required", ("open-changes",)),
    (AUTHENTICATION, f"DELETE {TAX}", "authentication_required", ("open-changes",)),
    (UNKNOWN_ID, CANCEL, "error_status", ("unknown-is-acted-on",)),
    (UNKNOWN_ID, f"POST {EVSE.rpartition('/')[0]}", "response_schema_conformance", ("unknown-parent-gets-child",)),
    (UNKNOWN_ID, f"GET {EVSE}", "response_schema_conformance", ("unknown-child-as-empty",)),
    (UNKNOWN_ID, f"GET {EVSE}", "not_a_server_error", ("unknown-child-crashes",)),
]
CASES = [(test, label, check, defect) for test, label, check, defects in ROWS for defect in defects]


@pytest.mark.parametrize(("test", "label", "check", "defect"), CASES)
def test_a_defect_is_found(
    bench: AspectBench, with_defect: Callable[[str], None], test: str, label: str, check: str, defect: str
) -> None:
    with_defect(defect)
    assert check in bench.checks(test, label)


@pytest.mark.parametrize(("test", "label"), sorted({(test, label) for test, label, *_ in ROWS}))
def test_nothing_is_found_without_a_defect(bench: AspectBench, test: str, label: str) -> None:
    assert bench.checks(test, label) == []
