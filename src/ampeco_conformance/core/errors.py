"""Errors made for people: one line that names the thing and the mend, and the exit code it leads to."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the exit status of every command means."""

    CONFORM = 0
    VIOLATION = 1
    CONFIGURATION = 2
    ENVIRONMENT = 3
    TOO_LITTLE_TESTED = 4
    EXPIRED_KNOWN_ISSUE = 5
    INTERRUPTED = 130


class ConformError(Exception):
    """A problem told in one line; `exit_code` is the process status it ends with."""

    exit_code: ExitCode = ExitCode.CONFIGURATION


class ConfigurationError(ConformError):
    """The user's input is wrong: a flag, a file, a version, a missing token (exit 2)."""

    exit_code = ExitCode.CONFIGURATION


def unwritable(error: OSError, where: object) -> str:
    """One line for a disk that takes no more; `where` is the folder that was written to."""
    return f"{where} cannot be written: {error.strerror}; make room there, or give another folder with --reports"


class TargetError(ConformError):
    """The target or the machine cannot be used: unreachable, token refused, port taken (exit 3)."""

    exit_code = ExitCode.ENVIRONMENT
