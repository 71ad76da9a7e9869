"""The reports folder: what a run writes into it is removed before the next one begins."""

import shutil
from pathlib import Path

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.replay.cases import CASES
from ampeco_conformance.reporting.plan import PLAN
from ampeco_conformance.reporting.results import ITEMS
from ampeco_conformance.reporting.summary import SUMMARY, UNREACHED
from ampeco_conformance.reporting.writers.pages import PAGES

#: What a run writes. The journal, the history and the inventory of drift outlive it; all else is not ours.
_FILES = (SUMMARY, ITEMS, PLAN, UNREACHED, "dry-run.txt", *PAGES)
_FOLDERS = ("allure-results", CASES, "html")


def clear(reports: Path) -> None:
    """Delete the results and pages of an earlier run, so that nobody takes them for those of the next one.

    Raises ConfigurationError.
    """
    try:
        reports.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            (reports / name).unlink(missing_ok=True)
        for name in _FOLDERS:
            shutil.rmtree(reports / name, ignore_errors=True)
    except OSError as error:
        raise ConfigurationError(f"--reports {reports} cannot be written: {error.strerror}") from None
