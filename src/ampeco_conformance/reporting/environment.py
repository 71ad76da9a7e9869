"""The environment of a run: versions, target, specification, seed. Allure shows it beside the results."""

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from ampeco_conformance import __version__
from ampeco_conformance.specs import Specification
from ampeco_conformance.target.configuration import Target

_FILE = "environment.properties"
_TOOLS = ("schemathesis", "hypothesis", "pytest")


def facts_of_run(
    target: Target, specification: Specification, *, seed: int, defect: str | None, variants: Sequence[str] = ()
) -> dict[str, str]:
    """The facts a reader needs to judge or repeat a run."""
    facts = {
        "API": f"{target.api} {target.api_version}",
        "Specification": f"sha256:{specification.digest}",
        "Target": target.name if target.base_url is None else f"{target.name} ({target.base_url})",
        "Safety": str(target.safety),
        "Seed": str(seed),
    }
    if defect is not None:
        facts["Defect"] = defect
    if variants:
        facts["Variants"] = ", ".join(variants)
    # The suite itself may run from its folder, uninstalled.
    tools = {"ampeco-conformance": __version__} | {tool: version(tool) for tool in _TOOLS}
    return facts | {"Python": platform.python_version()} | tools


def write_environment(facts: Mapping[str, str], results_dir: Path) -> None:
    """Write the facts to Allure's `environment.properties`."""
    results_dir.mkdir(parents=True, exist_ok=True)
    lines = [f"{name}={value}" for name, value in facts.items()]
    (results_dir / _FILE).write_text("\n".join([*lines, ""]), encoding="utf-8")
