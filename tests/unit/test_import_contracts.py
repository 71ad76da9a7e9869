"""The import contracts name every module there is: a new one cannot slip past them."""

import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SUITE = PROJECT / "src" / "ampeco_conformance"
#: What the emulator may import of the suite; `bootstrap` runs before anything is installed.
ALLOWED = {"ampeco_conformance.specs", "ampeco_conformance.core", "ampeco_conformance.core.errors"}


def _modules(folder: Path) -> set[str]:
    paths = (path for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists())
    prefix = ".".join(folder.relative_to(SUITE.parent).parts)
    return {f"{prefix}.{path.stem}" for path in paths if path.stem not in ("__init__", "bootstrap")}


def test_the_emulator_is_forbidden_all_of_the_suite_but_specs_and_errors() -> None:
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = (found for found in contracts if found.get("source_modules") == ["ampeco_emulator"])
    assert set(contract["forbidden_modules"]) == (_modules(SUITE) | _modules(SUITE / "core")) - ALLOWED
