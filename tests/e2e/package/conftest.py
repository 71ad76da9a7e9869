"""One wheel, built and installed once, for all tests of the package."""

from pathlib import Path

import pytest

from tests.support.installed_package import InstalledPackage, build, install


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="the build backend comes with requirements/development.txt")
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def package(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> InstalledPackage:
    return install(wheel, tmp_path_factory.mktemp("installed") / "site")
