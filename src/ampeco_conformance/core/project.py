"""Where the project's data are, where the user's files are, and of which commit the project is.

A checkout holds both: `specs`, `contract_tests` and the like beside `tenants.yaml` and `reports`. An installed package
brings its data along in the same layout (`pyproject.toml` says which); the user's files are then in the current folder,
and what is made once and kept, such as resolved specifications, is in the user's cache.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

_PACKAGED = Path(__file__).resolve().parents[1] / "project"

IS_PACKAGE = _PACKAGED.is_dir()
"""Whether this is an installed package, not a checkout."""

#: The folder that holds `contract_tests`, `scenarios`, `specs`, `policies` and pytest's configuration.
PROJECT = _PACKAGED if IS_PACKAGE else Path(__file__).resolve().parents[3]

#: The folder of the user's files: `tenants.yaml`, `known_issues.yaml`, `strictness.yaml`, `reports`.
WORKSPACE = Path.cwd() if IS_PACKAGE else PROJECT

#: How the command line is called.
COMMAND = "conform" if IS_PACKAGE else "./conform"

_CONFIGURATION = ("-c", str(PROJECT / "pyproject.toml"), *(("-p", "no:cacheprovider") if IS_PACKAGE else ()))

#: The folders of tests that are the suite.
SUITE = (PROJECT / "contract_tests", PROJECT / "scenarios")

#: The folder of the user's own scenarios and checks, beside `tenants.yaml`.
OWN_SCENARIOS = WORKSPACE / "conformance"


def suite_arguments(folders: Sequence[Path] = SUITE) -> list[str]:
    """The arguments with which pytest runs the suite, or some of its folders, in whichever folder it is started."""
    return [*_CONFIGURATION, *map(str, folders)]


def run_arguments() -> list[str]:
    """The arguments with which pytest runs the suite and the user's own scenarios, if there are any.

    Of the user's conftests only those of the scenarios are loaded: the others may have options that are named as ours.
    """
    if not OWN_SCENARIOS.is_dir():
        return suite_arguments()
    return [*suite_arguments([*SUITE, OWN_SCENARIOS]), "--confcutdir", str(OWN_SCENARIOS)]


def suite_environment() -> dict[str, str]:
    """The variables with which libraries leave nothing in the user's folder."""
    return {"HYPOTHESIS_STORAGE_DIRECTORY": str(user_cache() / "hypothesis")} if IS_PACKAGE else {}


def in_any_folder(words: Sequence[str]) -> str:
    """A command as a line that a shell runs in any folder; an installed package looks for files in the user's."""
    line = shlex.join(words)
    return f"cd {shlex.quote(str(WORKSPACE))} && {line}" if IS_PACKAGE else line


def conform_command(*words: str) -> str:
    """A command of the command line as a line that a shell runs in any folder."""
    return in_any_folder([*_executable(), *words])


@cache
def _executable() -> tuple[str, ...]:
    """How the command line is called in any folder: by the script that was installed, where it was installed with one.

    The script is not always beside Python: `pip install --user` keeps it in the user's own folder.
    """
    if not IS_PACKAGE:
        return (str(PROJECT / "conform"),)
    # Imported here: only the pages of a run need it.
    from importlib.metadata import files

    scripts = (
        os.path.normpath(str(file.locate())) for file in files("ampeco-conformance") or () if file.stem == COMMAND
    )
    script = next(filter(os.path.isfile, scripts), None)
    return (script,) if script is not None else (sys.executable, "-m", "ampeco_conformance.cli.main")


def item_arguments(node_id: str) -> list[str]:
    """The arguments with which pytest runs one item of the suite, or of the user's own scenarios."""
    file = node_id.partition("::")[0].removeprefix(f"{OWN_SCENARIOS.name}/")
    if (OWN_SCENARIOS / file).is_file():
        item = str(OWN_SCENARIOS / node_id.removeprefix(f"{OWN_SCENARIOS.name}/"))
        return [*_CONFIGURATION, "--confcutdir", str(OWN_SCENARIOS), "-p", "ampeco_conformance.plugin", item]
    return [*_CONFIGURATION, str(PROJECT / node_id)]


def pytest_command(node_id: str) -> list[str]:
    """The command that runs one item."""
    if IS_PACKAGE:
        return [sys.executable, "-m", "pytest", *item_arguments(node_id)]
    # The configuration is found beside the item.
    return [str(PROJECT / ".venv/bin/pytest"), *item_arguments(node_id)[len(_CONFIGURATION) :]]


def user_cache() -> Path:
    """The folder of this user for what can be made again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ampeco-conformance"


def cache_folders(name: str, project: Path = PROJECT) -> list[Path]:
    """Where a cache may be, the first choice first: in the checkout, else in the user's cache."""
    return [*([] if IS_PACKAGE else [project / ".cache" / name]), user_cache() / name]


@cache
def commit(project: Path = PROJECT) -> str:
    """The commit that is checked out; empty when the project is no git checkout, or there is no git."""
    if not (project / ".git").exists():
        return ""
    # A checkout in a container often belongs to somebody else.
    command = ["git", "-c", f"safe.directory={project}", "-C", str(project), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
