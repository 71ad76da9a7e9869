"""Each aspect of the contract tests notices the defects it is there for, and nothing where there is none.

What every test finds of every defect is the selftest's to show; here an aspect is alone with an operation.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from ampeco_conformance.reporting.selftest import HEALTHY, read_selftest

TAXES = "*/taxes/v2.0*"
USERS = "GET */users/v1.0"
NOTICED = [
    ("test_operations", TAXES, ("wrong-type", "undocumented-status", "accept-invalid-body")),
    ("test_authentication", TAXES, ("any-scheme", "half-a-token", "unknown-unauthenticated")),
    ("test_permissions", TAXES, ("reader-may-write",)),
    ("test_errors", TAXES, ("unknown-is-changed", "accept-broken-json", "accept-missing-fields", "other-field-named")),
    ("test_pagination", TAXES, ("repeated-item", "foreign-links", "ignore-per-page", "per-page-beyond")),
    ("test_pagination", TAXES, ("full-last-page", "ends-swapped")),
    ("test_pagination", USERS, ("prev-stays", "offset-cursor")),
    ("test_filters", USERS, ("total-unfiltered", "cursor-ignores-filters", "offset-overlooked", "ignore-filters")),
    ("test_filters", USERS, ("filter-first-page-only", "exclusive-bounds")),
    ("test_filters", "GET */sessions/v1.0", ("status-filter-alone",)),
    ("test_includes", "GET */circuits/v2.0*", ("ignore-include", "always-include", "one-include-only")),
    ("test_views", "GET */locations/v2.0/{location}", ("older-view-differs",)),
    (
        *("test_children", "GET */charge-points/v2.0/{chargePoint}/evses/{evse}"),
        ("children-of-others", "any-parent"),
    ),
    ("test_resources", TAXES, ("patch-replaces", "keep-removed", "stale-answer", "cut-text", "ascii-only")),
    ("test_resources", TAXES, ("take-read-only", "listed-otherwise", "other-name-answered")),
    ("test_resources", "*/user-groups/v1.0*", ("ignore-null",)),
    ("test_headers", TAXES, ("no-allow",)),
    ("test_robustness", TAXES, ("cut-connection", "nan-number")),
]


@pytest.mark.parametrize(("aspect", "pattern", "defects"), NOTICED)
def test_an_aspect_notices_its_defects(aspect: str, pattern: str, defects: tuple[str, ...], tmp_path: Path) -> None:
    tried = [word for name in (HEALTHY, *defects) for word in ("--selftest-defect", name)]
    process = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", f"contract_tests/{aspect}.py", "-q", "-p", "no:cacheprovider"),
            *("-p", "ampeco_conformance.plugin.selftest", "--capture=no", "--maxfail=1", *tried),
            *("--api-version", "3.90.0", "--operation", pattern, "--reports", str(tmp_path)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    results = read_selftest(tmp_path)
    assert [result.defect for result in results] == [HEALTHY, *defects], process.stderr
    assert all(result.is_expected for result in results), {result.defect: result.outcome for result in results}
