"""An aspect of the contract tests finds the defects it is there for, and nothing where there is none.

The selftest shows what all tests together find of every defect; here an aspect is alone with a few operations. The
others are tried in tests/integration/contract_tests/test_aspects.py, in the process of the tests.
"""

import subprocess
import sys
from dataclasses import dataclass

import pytest

from ampeco_conformance.reporting.selftest import HEALTHY, DefectResult, read_selftest
from tests.support.aspect_defects import ROWS, AspectDefects


@dataclass(frozen=True)
class Selftest:
    """The results of a session by defect, and what the session wrote to stderr."""

    results: dict[str, DefectResult]
    stderr: str


@pytest.fixture(scope="module")
def selftest(tmp_path_factory: pytest.TempPathFactory) -> Selftest:
    """One session that tries every defect, with the items of its row only."""
    reports = tmp_path_factory.mktemp("selftest")
    defects = [HEALTHY, *(defect for row in ROWS for defect in row.defects)]
    patterns = dict.fromkeys(row.pattern for row in ROWS)
    process = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "contract_tests", "-q", "-p", "no:cacheprovider"),
            *("-p", "ampeco_conformance.plugin.selftest", "-p", "tests.support.aspect_defects"),
            *("--capture=no", "--maxfail=1", "--api-version", "3.90.0", "--reports", str(reports)),
            *(word for defect in defects for word in ("--selftest-defect", defect)),
            *(word for pattern in patterns for word in ("--operation", pattern)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return Selftest({result.defect: result for result in read_selftest(reports)}, process.stderr)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.aspect}-{row.pattern}-{row.defects[0]}")
def test_an_aspect_notices_its_defects(selftest: Selftest, row: AspectDefects) -> None:
    assert selftest.results.keys() >= {HEALTHY, *row.defects}, selftest.stderr
    assert selftest.results[HEALTHY].is_expected, selftest.results[HEALTHY].outcome
    tried = [selftest.results[defect] for defect in row.defects]
    assert all(result.is_expected for result in tried), {result.defect: result.outcome for result in tried}
    assert all((result.test or "").startswith(f"contract_tests/{row.aspect}.py::") for result in tried), tried
