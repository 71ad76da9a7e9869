"""Importing one more version of an API leaves the tests of this project green."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ampeco_conformance.specs import load_specification
from ampeco_conformance.specs.importing import import_document
from ampeco_conformance.specs.loading import PROJECT, STORE_VARIABLE
from ampeco_conformance.specs.writing import to_json

READERS = (
    "tests/unit/specs/test_store.py::test_the_store_holds_every_documented_version_and_no_other",
    "tests/unit/specs/test_store.py::test_only_3_99_0_is_stored_in_full",
    "tests/unit/specs/test_store.py::test_no_version_claims_an_operation_before_its_evidence",
    "tests/unit/specs/test_facts.py::test_the_newest_version_has_exactly_the_known_operations",
    "tests/unit/checks/test_catalogue.py",
    "tests/integration/specs/test_cli.py::test_list_shows_every_version_with_its_figures",
)
"""Tests that read the list of versions."""


def test_the_tests_that_read_the_catalog_pass_with_an_imported_version(tmp_path: Path) -> None:
    store = tmp_path / "specs"
    shutil.copytree(PROJECT / "specs", store)
    document = dict(load_specification("3.110.0").document)
    document["info"] = {**document["info"], "version": "3.112.0"}
    document["paths"] = dict(list(document["paths"].items())[:-1])
    source = tmp_path / "published.json"
    source.write_text(to_json(document))
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
