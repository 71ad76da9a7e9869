"""Importing one more version of an API leaves the tests of this project green."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.specs import load_catalog
from ampeco_conformance.specs.importing import import_document
from ampeco_conformance.specs.loading import STORE_VARIABLE
from ampeco_conformance.specs.writing import to_json
from tests.support.documents import minimal_document

READERS = (
    "tests/unit/specs/test_store.py::test_the_store_holds_every_documented_version_and_no_other",
    "tests/unit/specs/test_store.py::test_only_3_99_0_is_stored_in_full",
    "tests/unit/specs/test_store.py::test_no_version_claims_an_operation_before_its_evidence",
    "tests/unit/checks/test_catalogue.py",
    "tests/integration/specs/test_cli.py::test_list_shows_every_version_with_its_figures",
)
"""Tests that read the list of versions."""


def test_the_tests_that_read_the_catalog_pass_with_an_imported_version(tmp_path: Path) -> None:
    store = tmp_path / "specs"
    shutil.copytree(PROJECT / "specs", store)
    source = tmp_path / "published.json"
    newest = load_catalog(store).versions("ampeco")[-1].version
    major, minor, _ = newest.split(".")
    source.write_text(to_json(minimal_document(f"{major}.{int(minor) + 2}.0", {"/users": "listUsersV1"})))
    import_document(str(source), store=store, api="ampeco")
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", *READERS, "-q", "-p", "no:cacheprovider"],
        cwd=PROJECT,
        env={**os.environ, STORE_VARIABLE: str(store)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout
