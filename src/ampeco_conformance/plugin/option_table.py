"""All options of a run, each declared once.

Derived from these rows are the options of `./conform run` and of plain pytest, the arguments of the pytest process that
`./conform run` starts, and the command that runs a failing item again.
"""

import shlex
from argparse import Namespace
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from enum import Flag, auto
from pathlib import Path

from ampeco_conformance.apis import APIS, DEFAULT_API
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.profiles import PROFILES, STANDARD
from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.target.configuration import Target, resolve_target
from ampeco_conformance.target.safety import Safety

_MOST_WORKERS = 64


class Program(Flag):
    """The programs that have an option."""

    RUN = auto()
    PYTEST = auto()
    BOTH = RUN | PYTEST


def integer(text: str) -> int:
    """A whole number. Raises ConfigurationError."""
    try:
        return int(text)
    except ValueError:
        raise ConfigurationError(f"{text!r} is not a whole number") from None


def percentage(text: str) -> float:
    """A number from 0 to 100, with or without the sign. Raises ConfigurationError."""
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        number = -1.0
    if not 0 <= number <= 100:
        raise ConfigurationError(f"{text!r} is not a percentage (example: 95%)")
    return number


def worker_count(text: str) -> int:
    """A number of processes. Raises ConfigurationError."""
    number = integer(text)
    if not 1 <= number <= _MOST_WORKERS:
        raise ConfigurationError(f"{text} is not a number from 1 to {_MOST_WORKERS}")
    return number


def seconds(text: str) -> float:
    """A duration. Raises ConfigurationError."""
    try:
        return float(text)
    except ValueError:
        raise ConfigurationError(f"{text!r} is not a number of seconds") from None


def file_path(text: str) -> Path:
    """A path that is not a folder. Raises ConfigurationError."""
    if Path(text).is_dir():
        raise ConfigurationError(f"{text} is a folder; a file is needed")
    return Path(text)


def folder_path(text: str) -> Path:
    """A path that is not a file. Raises ConfigurationError."""
    if Path(text).is_file():
        raise ConfigurationError(f"{text} is a file; a folder is needed")
    return Path(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option.

    `parse` turns the text into the value and raises ConfigurationError. A `default` that is a path is relative to the
    project. `of` are the programs that have the option, `run_name` its name in `./conform run` where pytest uses that
    name for something else. `off_name` is the name that turns a flag off. `affects_result` means that an item may pass
    or fail by this option, so that the command that runs the item again repeats it. `only_with` is the key of the
    option without which this one has no meaning.
    """

    name: str
    help: str
    parse: Callable[[str], object] = str
    choices: tuple[str, ...] = ()
    default: str | int | float | bool | Path | None = None
    metavar: str | None = None
    is_flag: bool = False
    off_name: str | None = None
    is_repeatable: bool = False
    of: Program = Program.BOTH
    run_name: str | None = None
    affects_result: bool = False
    only_with: str | None = None

    @property
    def key(self) -> str:
        """The name of the value: `min_reached`."""
        return self.name.removeprefix("--").replace("-", "_")

    @property
    def full_help(self) -> str:
        """The help text with the default."""
        if self.is_flag or self.default is None:
            return self.help
        return f"{self.help.removesuffix('.')} (default: {self.default})."

    @property
    def project_default(self) -> object:
        """The default, as an absolute path if it is a path."""
        return PROJECT / self.default if isinstance(self.default, Path) else self.default

    def words(self, value: object) -> list[str]:
        """The arguments that give pytest this value; paths are absolute, and left out if they are the default."""
        if isinstance(value, Path):
            value = None if value.resolve() == self.project_default else value.resolve()
        if value is None or value is False:
            return []
        if value is True:
            return [self.name]
        values = value if isinstance(value, list | tuple) else [value]
        return [word for single in values for word in (self.name, str(single))]


TARGET = (
    Option(
        name="--tenant", metavar="NAME", affects_result=True, help="Test the tenant with this name in the tenants file."
    ),
    Option(
        name="--tenants-file",
        parse=file_path,
        default=Path("tenants.yaml"),
        metavar="FILE",
        only_with="tenant",
        affects_result=True,
        help="File that lists the tenants.",
    ),
    Option(
        name="--base-url",
        metavar="URL",
        affects_result=True,
        help="Test the tenant at this address; requires --token-env.",
    ),
    Option(
        name="--token-env",
        metavar="NAME",
        affects_result=True,
        help="Environment variable that holds the token for --base-url.",
    ),
    Option(
        name="--api",
        choices=tuple(APIS),
        affects_result=True,
        help=f"Vendor API (default: the tenant's, else {DEFAULT_API}).",
    ),
    Option(
        name="--safety",
        choices=tuple(str(level) for level in Safety),
        affects_result=True,
        help="Which requests may be sent to the target.",
    ),
    Option(
        name="--yes-really",
        is_flag=True,
        affects_result=True,
        help="Confirm safety level full for a tenant: all of its data may be changed.",
    ),
)

_PROFILES = "; ".join(f"{name}: {profile.meaning}" for name, profile in PROFILES.items())
_DEFAULT_VERSIONS = ", ".join(f"{api.name} {api.default_version}" for api in APIS.values())

REPORTS = Option(
    name="--reports", parse=folder_path, default=Path("reports"), metavar="DIR", help="Folder for the reports."
)

#: The options of the reports that `./conform run` and `./conform report` generate.
PAGES = (
    REPORTS,
    Option(
        name="--history",
        parse=folder_path,
        metavar="DIR",
        of=Program.RUN,
        help="Folder with the history of runs; keep it between CI runs (default: history in the reports folder).",
    ),
    Option(
        name="--html",
        off_name="--no-html",
        is_flag=True,
        default=True,
        of=Program.RUN,
        help="Generate the Allure report (default: yes).",
    ),
)

OPTIONS = (
    *TARGET,
    Option(
        name="--api-version",
        metavar="VERSION",
        is_repeatable=True,
        of=Program.RUN,
        help=f"API version to test against; repeatable (default: the tenant's, else {_DEFAULT_VERSIONS}).",
    ),
    Option(
        name="--api-version",
        metavar="VERSION",
        of=Program.PYTEST,
        affects_result=True,
        help=f"API version to test against (default: the tenant's, else {_DEFAULT_VERSIONS}).",
    ),
    Option(
        name="--operation",
        metavar="PATTERN",
        is_repeatable=True,
        help="Only operations whose 'METHOD /path', operationId or tag matches, such as '*/sessions/*', and scenarios "
        "that touch one of them; repeatable.",
    ),
    Option(
        name="--defect",
        metavar="NAME",
        affects_result=True,
        help="Inject this fault into the embedded emulator; ./conform emulator --list-defects lists them.",
    ),
    Option(
        name="--strictness",
        parse=file_path,
        metavar="FILE",
        affects_result=True,
        help="File that sets how strict each check is (default: strictness.yaml, if there is one).",
    ),
    Option(
        name="--known-issues",
        parse=file_path,
        metavar="FILE",
        affects_result=True,
        help="File with findings that do not fail the run (default: known_issues.yaml, if there is one).",
    ),
    Option(
        name="--strict-verdict",
        run_name="--strict",
        is_flag=True,
        affects_result=True,
        help="Fail the run on drift (exit 1) and on entries of known issues that are expired or gone (exit 5).",
    ),
    Option(
        name="--profile",
        choices=tuple(PROFILES),
        default=STANDARD,
        affects_result=True,
        help=f"How much is tested: {_PROFILES}.",
    ),
    Option(
        name="--seed",
        parse=integer,
        default=0,
        metavar="N",
        affects_result=True,
        help="Seed of the generated data; the same seed gives the same requests.",
    ),
    Option(
        name="--last-failed",
        is_flag=True,
        of=Program.RUN,
        help="Only the items that failed in the run whose reports are in the reports folder.",
    ),
    Option(
        name="--only-items",
        parse=file_path,
        metavar="FILE",
        of=Program.PYTEST,
        help="Only the items whose node ids are listed in the file.",
    ),
    Option(
        name="--dry-run",
        is_flag=True,
        of=Program.RUN,
        help="List what would be tested, and what would not be and why; send nothing.",
    ),
    Option(
        name="--dry-run",
        parse=file_path,
        metavar="FILE",
        of=Program.PYTEST,
        help="Write what would be tested to the file; send nothing.",
    ),
    Option(
        name="--min-reached",
        parse=percentage,
        metavar="PERCENT",
        help="Exit 4 when fewer operations than this succeeded at least once (example: 95%).",
    ),
    Option(
        name="--show-values",
        is_flag=True,
        help="Show what a tenant answers as it is, because its data is made up; secrets stay masked.",
    ),
    Option(
        name="--workers",
        parse=worker_count,
        metavar="N",
        of=Program.RUN,
        help="Parallel processes (default: one per core for the embedded emulator, else 1).",
    ),
    Option(
        name="--json-events", parse=file_path, metavar="FILE", help="Write each event of the run as a line of JSON."
    ),
    Option(
        name="--shard",
        metavar="I/N",
        default="1/1",
        help="Run the I-th of N parts; ./conform report merge joins their reports.",
    ),
    *PAGES,
    Option(name="--append", is_flag=True, of=Program.PYTEST, help="Add the results to the run in the reports folder."),
    Option(
        name="--run-group",
        run_name="--run-id",
        metavar="ID",
        help="Id of the run, the same for all of its shards, such as that of the pipeline (default: random).",
    ),
    Option(
        name="--run-id",
        metavar="ID",
        of=Program.PYTEST,
        help="Identifier of the run in the names of what it creates (default: random).",
    ),
)

#: The options of the session that `./conform selftest` starts.
SELFTEST = (
    Option(name="--selftest-defect", metavar="NAME", is_repeatable=True, help="A defect to try; repeatable."),
    Option(
        name="--selftest-workers",
        parse=worker_count,
        default=1,
        metavar="N",
        help="Defects tried in parallel.",
    ),
    Option(name="--selftest-limit", parse=seconds, default=600.0, metavar="SECONDS", help="Time limit for one defect."),
)


def options_of(program: Program) -> list[Option]:
    """The options that a program has."""
    return [option for option in OPTIONS if option.of & program]


def pytest_arguments(options: Namespace) -> list[str]:
    """The arguments that give a pytest process the same options."""
    return _arguments(options_of(Program.PYTEST), options)


def result_arguments(options: Namespace) -> list[str]:
    """The arguments, other than those of the target, on which the result of an item depends."""
    return _arguments([option for option in _AFFECTING_RESULT if option not in TARGET], options)


def rerun_command(node_id: str, options: Namespace, target: Target) -> str:
    """The shell command, for the project's folder, that runs an item again with the same target and data.

    The version is given even when it is the default, which may be another one by then.
    """
    again = Namespace(**{**vars(options), "api": target.api, "api_version": target.api_version})
    return shlex.join([".venv/bin/pytest", node_id, *_arguments(_AFFECTING_RESULT, again)])


_AFFECTING_RESULT = [option for option in options_of(Program.PYTEST) if option.affects_result]


def _arguments(rows: Iterable[Option], options: Namespace) -> list[str]:
    given = vars(options)
    rows = [option for option in rows if option.only_with is None or given[option.only_with] is not None]
    return [word for option in rows for word in option.words(given.get(option.key))]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOptions:
    """The values of the options that name a target."""

    tenant: str | None
    tenants_file: Path
    base_url: str | None
    token_env: str | None
    api: str | None
    safety: str | None
    yes_really: bool

    @classmethod
    def of(cls, options: Namespace) -> "TargetOptions":
        """The part of parsed options that is about the target."""
        return cls(**{field.name: getattr(options, field.name) for field in fields(cls)})

    @property
    def names_a_target(self) -> bool:
        """Whether a target is named; without one it is the embedded emulator."""
        return self.tenant is not None or self.base_url is not None

    def resolve(self, api_version: str | None = None) -> Target:
        """The target that the options name. Raises ConfigurationError."""
        return resolve_target(
            tenant=self.tenant,
            base_url=self.base_url,
            token_env=self.token_env,
            api=self.api,
            api_version=api_version,
            safety=self.safety,
            yes_really=self.yes_really,
            tenants_file=self.tenants_file,
        )

    def arguments(self) -> list[str]:
        """The same options for a child process: pytest or `./conform run`."""
        return _arguments(TARGET, Namespace(**asdict(self)))
