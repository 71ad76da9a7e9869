"""Each aspect of the contract tests notices the defects it is there for."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ampeco_conformance.errors import ExitCode
from ampeco_conformance.tenants.emulator import running_emulator
from tests.suite.runs import TOKEN, environment

NOTICED_BY = [
    ("test_operations", "wrong-type"),
    ("test_operations", "undocumented-status"),
    ("test_operations", "html-content-type"),
    ("test_operations", "accept-invalid-body"),
    ("test_operations", "truncated-json"),
    ("test_authentication", "no-authentication"),
    ("test_authentication", "any-scheme"),
    ("test_authentication", "half-a-token"),
    ("test_authentication", "unknown-unauthenticated"),
    ("test_children", "children-of-others"),
    ("test_children", "any-parent"),
    ("test_permissions", "reader-may-write"),
    ("test_errors", "missing-as-empty"),
    ("test_errors", "unknown-is-changed"),
    ("test_errors", "accept-broken-json"),
    ("test_errors", "accept-missing-fields"),
    ("test_errors", "no-field-errors"),
    ("test_pagination", "repeated-item"),
    ("test_pagination", "first-page-only"),
    ("test_pagination", "wrong-total"),
    ("test_pagination", "foreign-links"),
    ("test_pagination", "ignore-per-page"),
    ("test_pagination", "per-page-beyond"),
    ("test_pagination", "full-last-page"),
    ("test_pagination", "prev-stays"),
    ("test_pagination", "ends-swapped"),
    ("test_pagination", "offset-cursor"),
    ("test_filters", "total-unfiltered"),
    ("test_filters", "status-filter-alone"),
    ("test_filters", "cursor-ignores-filters"),
    ("test_filters", "offset-overlooked"),
    ("test_filters", "ignore-filters"),
    ("test_filters", "inverted-filters"),
    ("test_filters", "empty-filters"),
    ("test_filters", "filter-first-page-only"),
    ("test_filters", "exclusive-bounds"),
    ("test_includes", "ignore-include"),
    ("test_includes", "always-include"),
    ("test_includes", "one-include-only"),
    ("test_views", "older-view-differs"),
    ("test_resources", "patch-replaces"),
    ("test_resources", "stale-update-time"),
    ("test_resources", "keep-removed"),
    ("test_resources", "stale-answer"),
    ("test_resources", "ignore-null"),
    ("test_resources", "cut-text"),
    ("test_resources", "ascii-only"),
    ("test_resources", "take-read-only"),
    ("test_resources", "listed-otherwise"),
    ("test_resources", "other-name-answered"),
    ("test_errors", "other-field-named"),
    ("test_headers", "no-allow"),
    ("test_headers", "no-limit-headers"),
    ("test_robustness", "cut-connection"),
    ("test_robustness", "nan-number"),
]

# What an aspect or a defect is tried on: filters, parts on demand, cursors, older versions, texts that may be null.
TRIED_ON = {
    "test_filters": "GET */users/v1.0",
    "test_children": "GET */charge-points/v2.0/{chargePoint}/evses/{evse}",
    "test_includes": "GET */circuits/v2.0*",
    "ignore-null": "*/user-groups/v1.0*",
    "test_views": "GET */locations/v2.0/{location}",
    "status-filter-alone": "GET */sessions/v1.0",
    **dict.fromkeys(("prev-stays", "offset-cursor"), "GET */users/v1.0"),
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with running_emulator("ampeco", "3.90.0", TOKEN) as base_url:
        yield base_url


def run_aspect(aspect: str, base_url: str, reports: Path, defect: str = "") -> int:
    """Run one file of contract tests on the operations of one resource; gives the exit code."""
    operation = TRIED_ON.get(defect) or TRIED_ON.get(aspect, "*/taxes/v2.0*")
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", f"contract_tests/{aspect}.py", "-q", "-p", "no:cacheprovider"),
            *("--base-url", base_url, "--token-env", "SUITE_TOKEN", "--safety", "full", "--operation", operation),
            *("--reports", str(reports)),
        ],
        env=environment(),
        capture_output=True,
        check=False,
    ).returncode


@pytest.mark.parametrize(("aspect", "defect"), NOTICED_BY)
def test_a_defect_is_noticed(aspect: str, defect: str, emulator: str, tmp_path: Path) -> None:
    with httpx.Client(base_url=f"{emulator}/_emulator") as control:
        control.put("/defects", json={"defect": defect}).raise_for_status()
        try:
            assert run_aspect(aspect, emulator, tmp_path, defect) == ExitCode.VIOLATION
        finally:
            control.put("/defects", json={"defect": None}).raise_for_status()


@pytest.mark.parametrize("aspect", sorted({aspect for aspect, _ in NOTICED_BY}))
def test_without_a_defect_nothing_is_found(aspect: str, emulator: str, tmp_path: Path) -> None:
    assert run_aspect(aspect, emulator, tmp_path) in (ExitCode.CONFORM, ExitCode.TOO_LITTLE_TESTED)
