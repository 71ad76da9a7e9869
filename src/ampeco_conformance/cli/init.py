"""`conform init`: the files with which a user's own repository starts."""

import shutil
from pathlib import Path

import click

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.project import COMMAND, PROJECT

_TEMPLATES = Path(__file__).with_name("user_project")
_GITHUB, _GITLAB = ".github/workflows/conformance.yml", ".gitlab/conformance.yml"


@click.command()
def command() -> int:
    """Write tenants.yaml, strictness.yaml, known_issues.yaml, a scenario and a CI recipe to the current folder.

    Editors complete the three by the schemas in conformance/schemas. A file that exists is kept as it is.
    """
    here = Path.cwd()
    for name, template in _files(here).items():
        click.echo(f"{_copied(template, here / name)} {name}")
    click.echo(f"Next: {COMMAND} run --profile smoke; edit tenants.yaml, then {COMMAND} doctor --tenant staging")
    return 0


def _files(here: Path) -> dict[str, Path]:
    """The template of each file, with the recipe of the CI system that the repository uses."""
    is_gitlab = (here / ".gitlab-ci.yml").exists() or (here / ".gitlab").exists()
    own = (path.relative_to(_TEMPLATES).as_posix() for path in sorted((_TEMPLATES / "conformance").glob("*.py")))
    recipe = {_GITLAB: _TEMPLATES / "gitlab.yml"} if is_gitlab else {_GITHUB: _TEMPLATES / "github.yml"}
    return {
        **{name: _TEMPLATES / name for name in ("tenants.yaml", "strictness.yaml", "known_issues.yaml", *own)},
        **{f"conformance/schemas/{schema.name}": schema for schema in sorted((PROJECT / "schemas").glob("*.json"))},
        **recipe,
    }


def _copied(template: Path, file: Path) -> str:
    if file.exists():
        return "kept   "
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(template, file)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written: {error.strerror}") from None
    return "written"
