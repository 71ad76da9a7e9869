"""The end of a run: every item's row becomes the run summary, and the summary decides the exit code."""

import shutil
from typing import Any

import pytest
from rich.console import Console

from ampeco_conformance.errors import ExitCode
from ampeco_conformance.plugin.options import configured_target
from ampeco_conformance.plugin.results import ROW, is_suite_run, results_dir
from ampeco_conformance.plugin.selection import configured_specification
from ampeco_conformance.reporting.summary import RunSummary, render, verdict, write

_ROWS = pytest.StashKey[list[dict[str, Any]]]()
_SUMMARY = pytest.StashKey[RunSummary]()
