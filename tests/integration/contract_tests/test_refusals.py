"""What the tests of refusals find, one defect at a time; and nothing on the healthy emulator."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from ampeco_conformance.contract.responses import ApiContract
from tests.support.aspect_bench import AspectBench, aspect_bench
from tests.support.emulator import RunningEmulator
from tests.support.loopback import Received, Sent
from tests.support.reverse_proxy import PassOn, answering_for

TAX = "/public-api/resources/taxes/v2.0/{tax}"
TAXES = "POST /public-api/resources/taxes/v2.0"
MODEL = "/public-api/resources/charge-point-models/v1.0/{modelId}"
FIRMWARE = "POST /public-api/actions/charge-point/v2.0/{chargePoint}/update-firmware"
GROUPS = "GET /public-api/resources/user-groups/v1.0"
EVSE = "/public-api/resources/charge-points/v2.0/{chargePoint}/evses/{evse}"
SHARING = "POST /public-api/actions/charge-point/v2.0/{chargePoint}/change-sharing-code"
CANCEL = "POST /public-api/actions/reservation/v1.0/{reservation}/cancel"
AUTHENTICATION = "test_authentication::test_authentication"
HOSTILE_BODY = "test_robustness::test_hostile_body"
READER = "test_permissions::test_reader_may_not_write"
OUTSIDER = "test_permissions::test_outsider_may_not_read"
OWNED = "test_permissions::test_partner_sees_only_its_own"
ALLOW = "test_headers::test_allow"
REFERENCE = "test_errors::test_unknown_reference"
FAULTY_BODY = "test_errors::test_faulty_body"
ACCEPTANCE = "test_acceptance::test_acceptance"
KNOWN_LOGIN = "test_errors::test_known_login"
READS_AGREE = "test_robustness::test_reads_agree"
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
    (HOSTILE_BODY, f"PATCH {TAX}", "error_status", ("broken-body-changes-nothing",)),
    (HOSTILE_BODY, SHARING, "error_status", ("broken-body-changes-nothing",)),
    (READER, f"PATCH {TAX}", "permission_required", ("reader-may-change",)),
    (READER, f"DELETE {TAX}", "permission_required", ("reader-may-change", "reader-removes-in-secret")),
    (READER, SHARING, "permission_required", ("reader-may-act",)),
    (READER, TAXES, "permission_required", ("reader-may-write", "forbidden-shows-data")),
    (OUTSIDER, f"GET {TAX}", "permission_required", ("outsider-may-read",)),
    (OWNED, GROUPS, "permission_required", ("ignore-scope", "scope-ignored-in-listings", "scope-ignored-by-id")),
    (ALLOW, TAXES, "error_status", ("unsupported-method-succeeds", "unsupported-method-as-missing")),
    (ALLOW, TAXES, "not_a_server_error", ("unsupported-method-crashes",)),
    (REFERENCE, f"PATCH {MODEL}", "unknown_reference", ("changes-accept-unknown-reference",)),
    (REFERENCE, FIRMWARE, "unknown_reference", ("actions-accept-unknown-reference",)),
    (REFERENCE, "POST /public-api/resources/users/v1.0", "unknown_reference", ("lists-accept-unknown-reference",)),
    (FAULTY_BODY, "POST /public-api/resources/locations/v2.0", "error_status", ("accept-invalid-nested",)),
    (FAULTY_BODY, "PATCH /public-api/resources/locations/v2.0/{location}", "error_status", ("later-items-unchecked",)),
    (FAULTY_BODY, SHARING, "error_status", ("invalid-action-as-rejected",)),
    (ACCEPTANCE, "GET /public-api/resources/taxes/v2.0", "secret_disclosed", ("token-in-body", "token-in-header")),
    (KNOWN_LOGIN, "POST /public-api/resources/users/v1.0", "secret_disclosed", ("password-in-answer",)),
    (UNKNOWN_ID, f"GET {TAX}", "internals_disclosed", ("trace-in-error", "sql-in-error")),
    (
        "test_deprecation::test_deprecated",
        "POST /public-api/notifications/v1.0",
        "deprecation_headers",
        ("sunset-too-soon",),
    ),
    (READS_AGREE, "GET /public-api/resources/users/v1.0/{user}", "secret_disclosed", ("hash-in-answer",)),
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


def test_an_id_that_is_read_with_letters_behind_it_is_found(served: RunningEmulator, contract: ApiContract) -> None:
    def cast(received: Received, pass_on: PassOn) -> Sent:
        return pass_on(replace(received, path=re.sub(r"/(\d+)[a-z]+$", r"/\1", received.path)))

    with (
        answering_for(str(served.client.base_url), cast) as address,
        aspect_bench(address, contract) as bench,
    ):
        (found,) = bench.findings(UNKNOWN_ID, f"GET {TAX}")
    assert (found.check, found.actual) == ("error_status", 200)
