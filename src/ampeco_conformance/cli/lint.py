"""`conform lint`: checks the files that users write, without a target."""

from collections.abc import Callable
from pathlib import Path

import click

from ampeco_conformance.cli.defaults import checked_defaults
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.core.project import WORKSPACE
from ampeco_conformance.target.tenants_file import read_tenants
from ampeco_conformance.triage.known_issues import LEDGER_FILE, checked_ledger
from ampeco_conformance.triage.strictness import STRICTNESS_FILE, checked_settings

_READERS: dict[str, Callable[[Path], object]] = {
    "tenants.yaml": lambda file: (read_tenants(file), checked_defaults(file)),
    STRICTNESS_FILE: checked_settings,
    LEDGER_FILE: checked_ledger,
}


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def command(files: tuple[Path, ...]) -> int:
    """Check tenants.yaml, strictness.yaml and known_issues.yaml, or the FILES of these kinds; exit 2 when one is wrong.

    A file is of the kind whose name its own begins with, such as tenants.staging.yaml.
    """
    found = files or tuple(WORKSPACE / name for name in _READERS if (WORKSPACE / name).exists())
    wrong = [problem for file in found if (problem := problem_in(file)) is not None]
    for problem in wrong:
        click.echo(f"conform: {problem}", err=True)
    if not wrong:
        click.echo(f"{counted(len(found), 'file')} checked: nothing is wrong")
    return ExitCode.CONFIGURATION if wrong else ExitCode.CONFORM


def problem_in(file: Path) -> str | None:
    """The first thing that is wrong with a file; None when nothing is."""
    reader = next((read for name, read in _READERS.items() if file.name.startswith(Path(name).stem)), None)
    if reader is None:
        return f"{file} is none of {', '.join(_READERS)}"
    try:
        reader(file)
    except ConfigurationError as error:
        return str(error)
    return None
