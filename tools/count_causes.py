"""Counts the causes in every report of all seeded runs; CI does so for some of them.

    .venv/bin/python -m tools.count_causes [NAME ...]

Makes the runs of tests/support/seeded_runs.py (or those named). Every report must count the causes that a run has, and
the card of a cause must show its exchange (in Chromium). Prints a Markdown table; exits with 1 when one does not.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.support.browser import Page, open_browser
from tests.support.report_counts import counts_of, missing_on_card
from tests.support.seeded_runs import RUNS, SeededRuns


def row(name: str, runs: SeededRuns, page: Page) -> tuple[str, bool]:
    """A row of the table, and whether the reports of the run say what they must."""
    run, seeded = runs.get(name), RUNS[name]
    counts = counts_of(run)
    wrong = [f"{report}: {number}" for report, number in counts.items() if number != seeded.causes]
    missing = missing_on_card(run, seeded.section, page) if name != "clean" else []
    said = ", ".join(wrong + missing) or "-"
    return f"| {name} | {seeded.causes} | {run.code} | {said} |", said == "-" and run.code == (seeded.causes > 0)


def main(names: Sequence[str]) -> int:
    """Print the table."""
    print("| run | causes | exit code | wrong |\n| --- | ---: | ---: | --- |")
    is_right = True
    with tempfile.TemporaryDirectory() as made, open_browser(Path(made) / "profile") as page:
        runs = SeededRuns(Path(made))
        for name in names or RUNS:
            line, agrees = row(name, runs, page)
            print(line, flush=True)
            is_right = is_right and agrees
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
