"""For all tests: less garbage collection, forks in place of new processes, stable names, and which worker runs what."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from ampeco_conformance.plugin.memory import pytest_collection_finish, pytest_configure
from tests.support.forking import ForkedPython

_FORKING = [
    *(Path(__file__).parent / "e2e" / folder for folder in (".", "suite")),
    *(
        Path(__file__).parent / "integration" / folder
        for folder in ("emulator", "exercise", "http", "plugin", "proxy", "reporting")
    ),
]

__all__ = ["pytest_collection_finish", "pytest_configure"]


@pytest.fixture(scope="module", autouse=True)
def forks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Start Python with a module of this project as a fork where tests are of what a run does, not of its start."""
    with pytest.MonkeyPatch.context() as patch:
        if request.path.parent in _FORKING and not hasattr(request.module, "STARTS_REAL_PROCESSES"):
            patch.setattr(subprocess, "Popen", ForkedPython)
        yield


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their parameter: compressed ones contain the time, and every worker must find the same tests."""
    return argname if isinstance(val, bytes) else None


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
