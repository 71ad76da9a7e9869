"""The options and functions shared by diff, breaking and changelog."""

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ampeco_conformance.cli.options import declared
from ampeco_conformance.compatibility.conventions import brought_together
from ampeco_conformance.compatibility.deadlines import TimeLimit
from ampeco_conformance.compatibility.impact import ImpactLevel
from ampeco_conformance.compatibility.inputs import load_contract
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.rendering import RENDERERS
from ampeco_conformance.compatibility.report import ComparisonReport, compare
from ampeco_conformance.compatibility.rules import ChangeSeverity
from ampeco_conformance.compatibility.suppressions import load_suppressions
from ampeco_conformance.compatibility.usage import Usage
from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.plugin.option_table import API, IGNORE, POLICY, USAGE
from ampeco_conformance.specs.collector import without_collector

FAIL_ON = {
    "never": (),
    "breaking": (ChangeSeverity.BREAKING,),
    "maybe": (ChangeSeverity.BREAKING, ChangeSeverity.MAYBE),
    "any": tuple(ChangeSeverity),
}
"""What --fail-on names -> the severities that make the exit code 1."""

_FILE = click.Path(dir_okay=True, path_type=Path)

OPTIONS = (
    declared(API),
    click.option("--format", "form", type=click.Choice(list(RENDERERS)), default="text", show_default=True),
    click.option("-o", "--output", type=_FILE, metavar="FILE", help="File to write; else stdout."),
    declared(POLICY),
    declared(USAGE),
    declared(IGNORE),
    click.option(
        "--allow-external-refs",
        "external",
        is_flag=True,
        help="Read files of any folder and the web, where A and B refer.",
    ),
    click.option(
        "--time-limit",
        type=click.FloatRange(min=0),
        metavar="SECONDS",
        help="Report what is proven by then; else no limit.",
    ),
    click.option("--raw", is_flag=True, help="Compare what two authors write in different ways too."),
)


@dataclass(frozen=True, slots=True)
class ComparisonSettings:
    """The values of the shared options."""

    api: str
    form: str
    output: Path | None
    policy: str | None
    usage: Path | None
    ignore: Path | None
    external: bool
    time_limit: float | None
    raw: bool

    def compare(self, old: str, new: str) -> ComparisonReport:
        """Compare two versions or files. Raises ConfigurationError."""
        deadline = TimeLimit.after(self.time_limit)
        before, after = (load_contract(name, self.api, external=self.external) for name in (old, new))
        if not self.raw:
            before, after = brought_together(self.api, before, after)
        return compare(
            before,
            after,
            load_policy(self.policy, self.api),
            usage=usage_in(self.usage) if self.usage else None,
            suppressions=load_suppressions(self.ignore) if self.ignore else (),
            deadline=deadline,
        )

    def show(self, report: ComparisonReport) -> None:
        """Write the report where and how the options say."""
        write(RENDERERS[self.form](report), self.output)


def comparing(function: Callable[..., int]) -> Callable[..., int]:
    """Add the shared options to a command; it gets them as `settings`."""

    def wrapped(**values: Any) -> int:
        names = ComparisonSettings.__dataclass_fields__
        settings = ComparisonSettings(**{name: values.pop(name) for name in names})
        # A comparison keeps what it makes, with next to no circles: the collector leaves it alone, at the end too.
        with without_collector():
            status = function(settings=settings, **values)
            gc.freeze()
            return status

    wrapped.__doc__ = function.__doc__
    wrapped.__name__ = function.__name__
    chosen: Callable[..., int] = wrapped
    # Options that the command itself declares below this decorator stay in front.
    chosen.__dict__.update(function.__dict__)
    for option in reversed(OPTIONS):
        chosen = option(chosen)
    return chosen


def usage_in(source: Path) -> Usage:
    """What a caller uses; says on stderr what was left out of the source. Raises ConfigurationError."""
    # Imported here, because the readers of traffic are needed with --usage only.
    from ampeco_conformance.compatibility.traffic import read_usage

    usage = read_usage(source)
    say_skipped(source, usage.skipped)
    return usage


def say_skipped(source: Path, skipped: Sequence[str]) -> None:
    """Say on stderr, in one line, how much of recorded traffic was left out, and why the first was."""
    if skipped:
        click.echo(f"{source}: {len(skipped)} left out; the first: {skipped[0]}", err=True)


def write(text: str, output: Path | None) -> None:
    """Write text to a file, or to stdout. Raises ConfigurationError when the file cannot be written."""
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{output} cannot be written: {error.strerror}") from error


def exit_code(report: ComparisonReport, severities: Sequence[ChangeSeverity]) -> ExitCode:
    """1 when a group of one of the severities concerns the caller (everyone, when the traffic is not known).

    Otherwise 4 when there was no time for all of it.
    """
    concerning = (
        group
        for index, group in enumerate(report.groups)
        if not report.impacts or report.impacts[index].level is not ImpactLevel.NONE
    )
    if any(group.severity in severities for group in concerning):
        return ExitCode.VIOLATION
    return ExitCode.TOO_LITTLE_TESTED if report.unfinished and severities else ExitCode.CONFORM
