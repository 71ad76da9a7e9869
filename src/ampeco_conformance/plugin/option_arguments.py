"""The options of a run as arguments: of pytest, of `./conform`, or of the command that runs an item again."""

import json
import os
from argparse import Namespace
from collections.abc import Iterable, Sequence

from ampeco_conformance.core.project import in_any_folder, pytest_command
from ampeco_conformance.plugin.option_table import TARGET, options_of
from ampeco_conformance.plugin.option_values import Option, Program
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.triage.known_issues import NO_LEDGER


def pytest_arguments(options: Namespace) -> list[str]:
    """The arguments that give a pytest process the same options, without those that are secrets."""
    return arguments(public(options_of(Program.PYTEST)), options)


def public(rows: Iterable[Option]) -> list[Option]:
    """The rows whose values other users of this machine may see in the list of its processes."""
    return [option for option in rows if not option.is_secret]


def secret_environment(options: Namespace) -> dict[str, str]:
    """The variable that gives a child process the values of the other rows."""
    return {HEADERS: json.dumps([*options.header])} if options.header else {}


def given_headers(header: Sequence[str]) -> tuple[str, ...]:
    """The values of --header, or else those that the parent process gave."""
    return tuple(header) or tuple(json.loads(os.environ.get(HEADERS, "[]")))


def result_arguments(options: Namespace) -> list[str]:
    """The arguments, other than those of the target, on which the result of an item depends."""
    of_target = {option.key for option in TARGET}
    return arguments([option for option in _AFFECTING_RESULT if option.key not in of_target], options)


def rerun_command(node_id: str, options: Namespace, target: Target, *, has_known_issues: bool) -> str:
    """The shell command, for any folder, that runs an item again with the same target and data.

    The version is given even when it is the default, which may be another one by then. The reports go to a folder of
    their own, so that those of the run, with its stored cases, stay. Known issues fail, so that they can be seen.
    """
    again = Namespace(**{**vars(options), "api": target.api, "api_version": target.api_version})
    if has_known_issues:
        again.known_issues = NO_LEDGER
    reports = str(options.reports.resolve() / RERUN)
    return in_any_folder([*pytest_command(node_id), *arguments(_AFFECTING_RESULT, again), "--reports", reports])


def target_arguments(options: Namespace) -> list[str]:
    """The arguments that name the target of a run; none for the embedded emulator."""
    return arguments(TARGET, options)


#: Below the reports folder, what the printed commands write.
RERUN = "again"
#: The variable with the headers that a process gives to its children, as JSON.
HEADERS = "CONFORM_HEADERS"

_AFFECTING_RESULT = [option for option in options_of(Program.PYTEST) if option.affects_result]


def arguments(rows: Iterable[Option], options: Namespace) -> list[str]:
    """The arguments that give a child process the values of these rows."""
    given = vars(options)
    rows = [option for option in rows if option.only_with is None or given[option.only_with] is not None]
    return [word for option in rows for word in option.words(given.get(option.key))]
