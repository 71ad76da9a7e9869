"""Errors for people: one line that states the problem and the fix, and the exit code of the process.

ConformError
  ConfigurationError   exit 2: the user's input is wrong
  TargetError          exit 3: the target or the machine cannot be used
    TargetGone         exit 3: it has stopped serving anybody
NotTestable          no error: an item that cannot be tested here is skipped, with the reason
"""

import errno
import socket
from collections.abc import Sequence
from enum import IntEnum
from itertools import pairwise
from typing import Self


class ExitCode(IntEnum):
    """The exit status of every command, with its `meaning` and `advice` on what to do."""

    CONFORM = 0, "the contract is kept, or kept in part when only a part was selected", "nothing"
    VIOLATION = 1, "the contract is violated by a reproduced finding; an upgrade is a no-go", "open the report"
    CONFIGURATION = (
        2,
        "configuration: an option, a file, a version or a token variable is wrong",
        "read the line on stderr",
    )
    ENVIRONMENT = (
        3,
        "environment: the target cannot be reached or refuses the token, or this machine lacks something",
        "read the line on stderr",
    )
    TOO_LITTLE_TESTED = (
        4,
        "no verdict: items broke or are missing, nothing succeeded, or less than `--min-reached` or `--min-coverage`",
        "see in the report what broke or was skipped, and why",
    )
    EXPIRED_KNOWN_ISSUE = (
        5,
        "with `--strict`: the contract is kept, but a known issue is gone or expired",
        "review `known_issues.yaml`",
    )
    INTERRUPTED = 130, "interrupted; the report covers what was run", "run again"

    meaning: str
    advice: str

    def __new__(cls, value: int, meaning: str = "", advice: str = "") -> Self:
        """A member with its texts."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        member.advice = advice
        return member


class ConformError(Exception):
    """A problem that one line explains; `exit_code` is the exit status of the process."""

    exit_code: ExitCode = ExitCode.CONFIGURATION


class ConfigurationError(ConformError):
    """The user's input is wrong: an option, a file, a version, a missing token (exit 2)."""

    exit_code = ExitCode.CONFIGURATION


class TargetError(ConformError):
    """The target or the machine cannot be used: unreachable, token refused, port in use (exit 3)."""

    exit_code = ExitCode.ENVIRONMENT


class TargetGone(TargetError):
    """The target has stopped serving anybody, so that a run ends here (exit 3)."""


class NotTestable(Exception):
    """The target does not let something be tested; the text says why, and an item is skipped with it."""


def unwritable(error: OSError, where: object) -> str:
    """One line for a failed write; `where` is the folder that was written to."""
    return f"{where} cannot be written: {error.strerror}; free some space, or choose another folder with --reports"


def not_listening(error: OSError, host: str, port: int) -> str:
    """One line for an address that cannot be listened on; it names the option that is wrong."""
    wrong = "--host" if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL else "--port"
    return f"cannot listen on {host}:{port}: {error.strerror}; choose another {wrong}"


def refuse_empty(arguments: Sequence[str]) -> None:
    """Raise ConfigurationError for an argument without text, which is what a variable that is not set leaves."""
    for before, word in pairwise(["", *arguments]):
        option, sign, value = word.partition("=")
        is_option = option.startswith("--") and bool(sign)
        if not (value if is_option else word).strip():
            named = option if is_option else before if before.startswith("-") and before != "--" else "an argument"
            raise ConfigurationError(f"{named} is empty; leave it out, or set the variable that it is taken from")
