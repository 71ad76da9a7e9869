"""What a row of the option table is, and the functions that turn its text into a value."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto
from pathlib import Path

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.project import WORKSPACE
from ampeco_conformance.core.suggestions import did_you_mean
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.target.connection import masked_header

_MOST_WORKERS = 64
_LAST_PORT = 65535
#: More than any run sends, and no more than arithmetic with fractions can take.
_MOST = 10**12


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


@dataclass(frozen=True, slots=True)
class MinimumCoverage:
    """How much of a kind has to be reached, in per cent."""

    kind: CoverageKind
    percent: float

    def __str__(self) -> str:
        return f"{self.kind}={self.percent:g}%"


def minimum_coverage(text: str) -> MinimumCoverage:
    """A kind of coverage and its minimum, such as `statuses=95%`. Raises ConfigurationError."""
    name, sign, least = text.partition("=")
    if name not in [*CoverageKind]:
        hint = did_you_mean(name, CoverageKind, f"the kinds are {', '.join(CoverageKind)}")
        raise ConfigurationError(f"there is no kind of coverage {name!r}; {hint}")
    if not sign:
        raise ConfigurationError(f"{text!r} names no minimum (example: {name}=95%)")
    return MinimumCoverage(CoverageKind(name), percentage(least))


def worker_count(text: str) -> int:
    """A number of processes. Raises ConfigurationError."""
    number = integer(text)
    if not 1 <= number <= _MOST_WORKERS:
        raise ConfigurationError(f"{text} is not a number from 1 to {_MOST_WORKERS}")
    return number


def seconds(text: str) -> float:
    """A duration of at least one second. Raises ConfigurationError."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 1 <= number < float("inf"):
        raise ConfigurationError(f"{text!r} is not a number of seconds, 1 or more (example: 600)")
    return number


def count(text: str) -> int:
    """A number of 1 or more, cut off at what no run reaches. Raises ConfigurationError."""
    number = integer(text)
    if number < 1:
        raise ConfigurationError(f"{text} is not a number of 1 or more")
    return min(number, _MOST)


def port_number(text: str) -> int:
    """A port; 0 stands for a free one. Raises ConfigurationError."""
    number = integer(text)
    if not 0 <= number <= _LAST_PORT:
        raise ConfigurationError(f"{text} is not a port from 0 to {_LAST_PORT}")
    return number


_UNITS = {"s": 1, "m": 60, "h": 3600}


def duration(text: str) -> float:
    """Seconds, from a number of seconds, minutes or hours, such as 90m. Raises ConfigurationError."""
    unit = _UNITS.get(text[-1:])
    try:
        number = float(text[:-1] if unit else text) * (unit or 1)
    except ValueError:
        number = 0.0
    if not 1 <= number < float("inf"):
        raise ConfigurationError(f"{text!r} is not a duration (example: 90m)")
    return number


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
    user's folder. `of` are the programs that have the option, `run_name` its name in `./conform run` where pytest uses
    that name for something else. `off_name` is the name that turns a flag off, `short` a name of one letter; with
    `value_alone` the name may stand without a value, and means this one. `affects_result` means that an item may
    pass or fail by this option, so that the command that runs the item again repeats it; that shows only
    the name of an `is_secret` one, and child processes get its values in their environment. `only_with` is the key of
    the option without which this one has no meaning.
    """

    name: str
    help: str
    parse: Callable[[str], object] = str
    choices: tuple[str, ...] = ()
    default: str | int | float | bool | Path | None = None
    metavar: str | None = None
    is_flag: bool = False
    off_name: str | None = None
    short: str | None = None
    value_alone: str | None = None
    is_repeatable: bool = False
    of: Program = Program.BOTH
    run_name: str | None = None
    affects_result: bool = False
    is_secret: bool = False
    only_with: str | None = None

    @property
    def key(self) -> str:
        """The name of the value: `min_reached`."""
        return self.name.removeprefix("--").replace("-", "_")

    def value_of(self, text: str) -> object:
        """The value that a text means. Raises ConfigurationError, also for a text that an unset variable left empty."""
        if not text.strip():
            name = self.run_name or self.name
            raise ConfigurationError(f"{name} is empty; leave it out, or set the variable that it is taken from")
        return self.parse(text)

    @property
    def full_help(self) -> str:
        """The help text with the default."""
        if self.is_flag or self.default is None:
            return self.help
        return f"{self.help.removesuffix('.')} (default: {self.default})."

    @property
    def project_default(self) -> object:
        """The default, as an absolute path if it is a path."""
        return WORKSPACE / self.default if isinstance(self.default, Path) else self.default

    def words(self, value: object) -> list[str]:
        """The arguments that give pytest this value; paths are absolute, and left out if they are the default."""
        if isinstance(value, Path):
            value = None if value.resolve() == self.project_default else value.resolve()
        if value is None or value is False:
            return []
        if value is True:
            return [self.name]
        values = value if isinstance(value, list | tuple) else [value]
        shown = (masked_header(str(single)) if self.is_secret else str(single) for single in values)
        return [word for text in shown for word in (self.name, text)]
