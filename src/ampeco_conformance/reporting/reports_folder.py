"""The reports folder: one run at a time writes into it, and removes what an earlier one left."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ampeco_conformance.core.errors import ConfigurationError, TargetError
from ampeco_conformance.http.request_budget import ENDED, REQUESTS
from ampeco_conformance.replay.cases import CASES
from ampeco_conformance.reporting.plan import PLAN
from ampeco_conformance.reporting.results import ITEMS
from ampeco_conformance.reporting.summary import SUMMARY, UNREACHED
from ampeco_conformance.reporting.writers.pages import PAGES

#: What a run writes. The journal, the history and the inventory of drift outlive it; all else is not ours.
_FILES = (SUMMARY, ITEMS, PLAN, UNREACHED, REQUESTS, ENDED, "dry-run.txt", *PAGES)
_FOLDERS = ("allure-results", CASES, "html")


def clear(reports: Path) -> None:
    """Delete the results and pages of an earlier run, so that nobody takes them for those of the next one.

    Raises ConfigurationError.
    """
    try:
        for name in _FILES:
            (reports / name).unlink(missing_ok=True)
        for name in _FOLDERS:
            shutil.rmtree(reports / name, ignore_errors=True)
    except OSError as error:
        raise ConfigurationError(f"--reports {reports} cannot be written: {error.strerror}") from None


def clear_pages(reports: Path) -> None:
    """Delete the pages of a run, but not what they are generated from. Raises ConfigurationError."""
    try:
        for name in PAGES:
            (reports / name).unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(f"--reports {reports} cannot be written: {error.strerror}") from None


@contextmanager
def reserved(reports: Path) -> Iterator[None]:
    """Keep other runs out of the folder. Raises TargetError when one is under way, ConfigurationError for no folder.

    The system frees the lock when the process ends, however it ends.
    """
    try:
        reports.mkdir(parents=True, exist_ok=True)
        file = (reports / ".lock").open("w")
    except OSError as error:
        raise ConfigurationError(f"--reports {reports} cannot be written: {error.strerror}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TargetError(
                f"another run is writing to {reports}; wait for its end, or choose another folder with --reports"
            ) from None
        yield
