"""For all tests: less garbage collection, and what the files of a folder share is created by one worker."""

from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from ampeco_conformance.plugin.memory import pytest_collection_finish, pytest_configure

__all__ = ["pytest_collection_finish", "pytest_configure"]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadfile`, keep the files of a folder together if its conftest creates what they share."""
    if config.getvalue("dist") != "loadfile":
        return None
    scheduler = LoadFileScheduling(config, log)
    scheduler._split_scope = lambda node_id: _shared_by(config.rootpath, node_id.partition("::")[0])
    return scheduler


def _shared_by(root: Path, file: str) -> str:
    folder = Path(file).parent
    return str(folder) if (root / folder / "conftest.py").exists() else file
