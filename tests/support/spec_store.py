"""A small specification store of its own for tests that change one."""

from pathlib import Path

import pytest

from ampeco_conformance.specs import loading
from ampeco_conformance.specs.writing import to_yaml
from tests.support.documents import minimal_document


def forget_loaded() -> None:
    """Make the next load read the disk, as in a new process."""
    loading._load.cache_clear()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with a cache of its own, and nothing in memory."""
    forget_loaded()
    monkeypatch.setattr(loading, "PROJECT", tmp_path / "project")
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


@pytest.fixture
def store(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store in use by this test: versions 1.0.0 (an overlay) and 1.1.0 of an API called ampeco."""
    directory = project / "specs"
    (directory / "ampeco").mkdir(parents=True)
    newer = minimal_document("1.1.0", {"/users": "listUsersV1", "/taxes": "listTaxesV1"})
    overlay = {
        "overlay": "1.0.0",
        "info": {"title": "1.0.0", "version": "1.0.0", "description": "Without taxes."},
        "extends": "v1.1.0.yaml",
        "actions": [
            {"target": "$.info", "update": {"version": "1.0.0"}},
            {"target": "$.paths['/taxes']", "remove": True},
        ],
    }
    (directory / "ampeco" / "v1.1.0.yaml").write_text(to_yaml(newer))
    (directory / "ampeco" / "v1.0.0.yaml").write_text(to_yaml(overlay))
    rows = [
        {
            "api": "ampeco",
            "version": version,
            "file": f"ampeco/v{version}.yaml",
            "provenance": "documented",
            "evidence": "A test.",
        }
        for version in ("1.0.0", "1.1.0")
    ]
    (directory / "catalog.yaml").write_text(to_yaml({"versions": rows}))
    monkeypatch.setenv(loading.STORE_VARIABLE, str(directory))
    return directory
