"""Each aspect finds the defects it is there for, alone with one operation; and nothing where there is none.

Operations and resources, whose items need more of a run, are tried in tests/e2e/suite/test_defects.py.
"""

from collections.abc import Callable

import pytest

from ampeco_conformance.contract.responses import ApiContract
from tests.support.aspect_bench import AspectBench, aspect_bench
from tests.support.emulator import RunningEmulator
from tests.support.tampering import Tampering, tampering_proxy, with_status

PREFIX = "/public-api/resources"
TAXES, TAX, USERS = f"{PREFIX}/taxes/v2.0", f"{PREFIX}/taxes/v2.0/{{tax}}", f"{PREFIX}/users/v1.0"
CIRCUITS = f"{PREFIX}/circuits/v2.0"

#: Item and operation, and the defects that are found.
ROWS = {
    ("test_authentication::test_authentication", f"PATCH {TAX}"): (
        "any-scheme",
        "half-a-token",
        "unknown-unauthenticated",
    ),
    ("test_permissions::test_reader_may_not_write", f"PATCH {TAX}"): ("reader-may-write",),
    ("test_authentication::test_authentication", f"GET {USERS}"): ("open-with-query",),
    ("test_authentication::test_authentication", f"GET {TAXES}"): ("token-in-any-case",),
    ("test_permissions::test_partner_sees_only_its_own", f"GET {PREFIX}/user-groups/v1.0"): (
        "scope-ignored-by-filter",
        "scope-ignored-in-removals",
    ),
    ("test_permissions::test_partner_sees_only_its_own", f"GET {PREFIX}/charge-points/v2.0"): (
        "others-charge-points-read",
        "others-charge-points-changed",
    ),
    ("test_permissions::test_partner_sees_only_its_own", f"GET {PREFIX}/evses/v2.1"): (
        "others-evses-listed",
        "others-evses-commanded",
    ),
    ("test_permissions::test_partner_sees_only_its_own", f"GET {PREFIX}/partner-invites/v1.0"): (
        "others-partner-invites-removed",
    ),
    ("test_permissions::test_reader_may_not_write", f"POST {TAXES}"): ("reader-creates-in-secret",),
    ("test_errors::test_unknown_id", f"PATCH {TAX}"): ("unknown-is-changed",),
    ("test_errors::test_unknown_id", f"GET {TAX}"): ("zero-is-first",),
    ("test_errors::test_malformed_body", f"POST {TAXES}"): ("accept-broken-json",),
    ("test_errors::test_faulty_body", f"POST {TAXES}"): ("accept-missing-fields", "other-field-named"),
    ("test_pagination::test_page_style", f"GET {TAXES}"): (
        "repeated-item",
        "foreign-links",
        "ignore-per-page",
        "full-last-page",
        "ends-swapped",
        "beyond-last-repeats",
    ),
    ("test_pagination::test_page_style", f"GET {USERS}"): ("prev-stays", "page-style-gone"),
    ("test_pagination::test_page_size", f"GET {TAXES}"): ("per-page-beyond",),
    ("test_pagination::test_page_size", "GET /public-api/notifications/v1.0"): (
        "mutate:flipped:GET /public-api/notifications/v1.0:meta.links[].active",
    ),
    ("test_pagination::test_insert_while_walking", f"GET {USERS}"): ("offset-cursor",),
    ("test_filters::test_filters", f"GET {USERS}"): (
        "total-unfiltered",
        "cursor-ignores-filters",
        "offset-overlooked",
        "ignore-filters",
        "filter-first-page-only",
        "exclusive-bounds",
    ),
    ("test_filters::test_filters", f"GET {PREFIX}/sessions/v1.0"): ("status-filter-alone",),
    ("test_includes::test_includes", f"GET {CIRCUITS}"): ("ignore-include", "always-include", "one-include-only"),
    ("test_includes::test_includes", f"GET {PREFIX}/locations/v2.0"): (
        "include-first-page-only",
        "include-lost-with-filters",
    ),
    ("test_pagination::test_cursor_style", f"GET {USERS}"): ("large-pages-cut",),
    ("test_views::test_views", f"GET {PREFIX}/locations/v2.0/{{location}}"): ("older-view-differs",),
    ("test_children::test_children", f"GET {PREFIX}/charge-points/v2.0/{{chargePoint}}/evses/{{evse}}"): (
        "children-of-others",
        "any-parent",
    ),
    ("test_headers::test_allow", f"GET {TAX}"): ("no-allow",),
    ("test_robustness::test_reads_agree", f"GET {TAX}"): ("cut-connection",),
    ("test_robustness::test_hostile_query", f"GET {TAX}"): ("nan-number",),
}


@pytest.mark.parametrize(
    ("test", "label", "defect"), [(*item, defect) for item, defects in ROWS.items() for defect in defects]
)
def test_an_aspect_notices_its_defect(
    bench: AspectBench, with_defect: Callable[[str], None], test: str, label: str, defect: str
) -> None:
    with_defect(defect)
    assert bench.checks(test, label)


def test_a_child_written_below_another_parent_is_noticed(
    served: RunningEmulator, contract: ApiContract, with_defect: Callable[[str], None]
) -> None:
    with_defect("any-parent")
    # Only the reads are right.
    reads = Tampering("GET", r"/charge-points/v2.0/(1/evses/[3-9]|2/evses/[12])$", with_status(404, {"message": "No."}))
    label = f"GET {PREFIX}/charge-points/v2.0/{{chargePoint}}/evses/{{evse}}"
    with (
        tampering_proxy(str(served.client.base_url).rstrip("/"), reads) as base_url,
        aspect_bench(base_url, contract) as proxied,
    ):
        findings = proxied.findings("test_children::test_children", label)
    assert "PATCH" in findings[0].violation.message


@pytest.mark.parametrize(("test", "label"), ROWS)
def test_an_aspect_finds_nothing_without_a_defect(bench: AspectBench, test: str, label: str) -> None:
    assert bench.checks(test, label) == []
