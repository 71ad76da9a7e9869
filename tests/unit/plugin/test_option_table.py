"""The options of ./conform run and of pytest come from one table, and a child process gets all of them."""

import argparse
import re
import shlex
from argparse import Namespace
from pathlib import Path
from typing import cast

import click
import pytest

from ampeco_conformance.cli.options import with_options
from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.plugin.option_arguments import (
    pytest_arguments,
    rerun_command,
    result_arguments,
    secret_environment,
)
from ampeco_conformance.plugin.option_table import OPTIONS, options_of
from ampeco_conformance.plugin.option_values import Option, Program
from ampeco_conformance.plugin.options import add_options, options_among
from ampeco_conformance.plugin.target_options import TargetOptions

#: The options of commit 873f417, which users have in pipelines.
_BOTH_HAD = """
--tenant --base-url --token-env --safety --yes-really --api --tenants-file --api-version --operation --defect
--strictness --known-issues --profile --seed --dry-run --min-reached --json-events --shard --reports
"""
RUN_OPTIONS = {*_BOTH_HAD.split(), "--strict", "--last-failed", "--workers", "--history", "--html", "--no-html"}
PYTEST_OPTIONS = {*_BOTH_HAD.split(), "--strict-verdict", "--only-items", "--append", "--run-id"}
SAMPLES = {"--min-reached": "95%", "--min-coverage": "statuses=95%", "--seed": "7", "--shard": "2/3", "--workers": "3"}
SAMPLES |= {"--max-requests": "500", "--time-limit": "90m", "--timeout": "7", "--requests-per-minute": "9"}
PUBLIC = [option for option in OPTIONS if not option.is_secret]


class Group:
    """What pytest's option groups do, with a parser of its own."""

    def __init__(self) -> None:
        self.parser = argparse.ArgumentParser()
        self.addoption = self.parser.add_argument


def pytest_parser() -> argparse.ArgumentParser:
    group = Group()
    add_options(cast(pytest.OptionGroup, group), options_of(Program.PYTEST))
    return group.parser


def parsed(*arguments: str) -> Namespace:
    """The options that pytest gets for these arguments."""
    return options_among(pytest_parser().parse_args(arguments))


@click.command()
@with_options(options_of(Program.RUN))
def run(options: Namespace) -> Namespace:
    """`./conform run`, which gives back its options."""
    return options


def run_options(*arguments: str) -> Namespace:
    """The options that `./conform run` gets for these arguments."""

    return cast(Namespace, run.main(arguments, standalone_mode=False))


def words(option: Option, name: str) -> list[str]:
    """Arguments that give an option another value than its default."""
    if option.is_flag:
        return [name]
    return [name, option.choices[-1] if option.choices else SAMPLES.get(option.name, f"a value of {option.key}")]


def test_every_option_that_users_have_is_there() -> None:
    assert {name for option in run.params for name in (*option.opts, *option.secondary_opts)} >= RUN_OPTIONS
    assert set(pytest_parser()._option_string_actions) >= PYTEST_OPTIONS


def test_no_option_is_declared_twice_for_a_program() -> None:
    for program in (Program.RUN, Program.PYTEST):
        names = [option.name for option in options_of(program)]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("option", [option for option in PUBLIC if option.of is Program.BOTH], ids=lambda o: o.name)
def test_what_run_is_given_reaches_pytest(option: Option) -> None:
    given = run_options("--tenant", "any", *words(option, option.run_name or option.name))
    arguments = pytest_arguments(Namespace(**{**vars(given), "api_version": "3.90.0"}))
    directly = parsed(*words(option, option.name))
    expected = getattr(directly, option.key)
    if isinstance(expected, Path):
        expected = expected.resolve()
    assert getattr(parsed(*arguments), option.key) == expected
    assert expected not in (None, [], option.default)


@pytest.mark.parametrize("option", [option for option in PUBLIC if option.affects_result], ids=lambda o: o.name)
def test_the_rerun_command_has_whatever_the_result_depends_on(option: Option) -> None:
    given = parsed("--tenant", "any", *words(option, option.name))
    target = TargetOptions.of(parsed()).resolve("3.66.0")
    line = rerun_command("test_some.py::test[GET /a b]", given, target, has_known_issues=False)
    program, node_id, *arguments = shlex.split(line)
    assert (program, node_id) == (str(PROJECT / ".venv/bin/pytest"), f"{PROJECT}/test_some.py::test[GET /a b]")
    again = parsed(*arguments)
    expected = {"--api": "ampeco", "--api-version": "3.66.0"}.get(option.name, getattr(given, option.key))
    assert getattr(again, option.key) == (expected.resolve() if isinstance(expected, Path) else expected)


def test_the_value_of_a_header_is_in_no_argument_and_reaches_pytest_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = run_options("--tenant", "any", "--header", "X-Key: canary")
    assert "canary" not in " ".join(pytest_arguments(Namespace(**{**vars(given), "api_version": "3.90.0"})))
    target = TargetOptions.of(parsed()).resolve("3.66.0")
    line = rerun_command("test_some.py::test", parsed("--header", "X-Key: canary"), target, has_known_issues=True)
    assert "--header 'X-Key: ***'" in line
    assert "--known-issues /dev/null" in line
    assert "canary" not in line
    for name, value in secret_environment(given).items():
        monkeypatch.setenv(name, value)
    assert TargetOptions.of(parsed()).header == ("X-Key: canary",)


def test_a_stored_case_keeps_what_is_not_about_the_target() -> None:
    given = parsed("--tenant", "any", "--yes-really", "--defect", "drop-id", "--seed", "3")
    assert result_arguments(given) == ["--defect", "drop-id", "--profile", "standard", "--seed", "3"]


@pytest.mark.parametrize(("words", "most"), [(("-x",), 1), (("-x", "3"), 3), (("--max-failures", "2"), 2), ((), None)])
def test_a_run_ends_after_the_first_failure_or_after_some(words: tuple[str, ...], most: int | None) -> None:
    assert run_options(*words, "--operation", "*/taxes/*").max_failures == most


def test_defaults_that_are_files_are_those_of_the_project_wherever_it_is_called() -> None:
    options = run_options()
    assert options.reports == PROJECT / "reports"
    assert options.tenants_file == PROJECT / "tenants.yaml"
    assert pytest_arguments(options) == ["--profile", "standard", "--seed", "0", "--shard", "1/1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--min-reached", "abc"), "'abc' is not a percentage (example: 95%)"),
        (("--min-reached", "101"), "'101' is not a percentage (example: 95%)"),
        (("--min-coverage", "status=95"), "there is no kind of coverage 'status'; did you mean statuses?"),
        (("--min-coverage", "filters"), "'filters' names no minimum (example: filters=95%)"),
        (("--min-coverage", "filters=x"), "'x' is not a percentage (example: 95%)"),
        (("--seed", "x"), "'x' is not a whole number"),
        (("--workers", "0"), "0 is not a number from 1 to 64"),
        (("--reports", __file__), f"{__file__} is a file; a folder is needed"),
        (("--strictness", "/"), "/ is a folder; a file is needed"),
    ],
)
def test_a_value_that_means_nothing_is_refused_in_the_same_words(
    arguments: tuple[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(click.BadParameter, match=re.escape(message)) as refused:
        run_options(*arguments)
    assert refused.value.message == message
    if arguments[0] in PYTEST_OPTIONS:
        with pytest.raises(SystemExit):
            pytest_parser().parse_args(arguments)
        assert message in capsys.readouterr().err
