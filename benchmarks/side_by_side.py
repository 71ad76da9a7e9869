"""The suite beside `schemathesis run` with its defaults: the same emulator, specification, operations and defects.

    .venv/bin/python benchmarks/side_by_side.py [--operation PATH] [--defect NAME ...] [--api-version V] [--output FILE]

Both get a new emulator per defect, all operations of one path, one worker and seed 1; the suite runs its contract tests
in the standard profile without scenarios. A defect counts as found when a failure is reported that the emulator without
defects does not cause. Prints Markdown.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from ampeco_conformance.emulator_client.process import listed_defects, running_emulator
from ampeco_conformance.specs import load_specification

TOKEN = "side-by-side"
SEED = "1"
HEALTHY = "healthy"
BINARIES = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class ToolResult:
    """One run: the reported failures as (kind, operation), the number of requests and the duration in seconds."""

    failures: frozenset[tuple[str, str]]
    requests: int
    seconds: float


def schemathesis(defect: str | None, operation: str, api_version: str) -> ToolResult:
    """`schemathesis run` with its defaults."""
    with tempfile.TemporaryDirectory() as folder, running_emulator("ampeco", api_version, TOKEN, defect) as base_url:
        document, report = Path(folder, "openapi.json"), Path(folder, "report.json")
        document.write_text(json.dumps(load_specification(api_version, "ampeco").document))
        started = time.perf_counter()
        subprocess.run(
            [
                *(BINARIES / "schemathesis", "run", document, "--url", base_url, "--seed", SEED),
                *("-H", f"Authorization: Bearer {TOKEN}", "--include-path-regex", operation),
                *("--report", "json", "--report-json-path", report),
            ],
            cwd=folder,
            capture_output=True,
            check=False,
        )
        seconds = time.perf_counter() - started
        result = json.loads(report.read_text())
    failures = {(failure["type"], label) for failure in result["failures"] for label in failure["operations"]}
    return ToolResult(frozenset(failures), result["test_cases"]["generated"], seconds)


def suite(defect: str | None, operation: str, api_version: str) -> ToolResult:
    """`./conform run`, the contract tests only."""
    with tempfile.TemporaryDirectory() as reports:
        started = time.perf_counter()
        subprocess.run(
            [
                *("./conform", "run", "--no-html", "--workers", "1", "--seed", SEED, "--api-version", api_version),
                *("--operation", f"*{operation}*", "--reports", reports),
                *(() if defect is None else ("--defect", defect)),
                *("--", "--deselect=scenarios"),
            ],
            cwd=Path(__file__).parents[1],
            capture_output=True,
            check=False,
        )
        seconds = time.perf_counter() - started
        result = json.loads(Path(reports, "run.json").read_text())
    failures = {(failure["check"], label) for failure in result["failures"] for label in failure["operations"]}
    return ToolResult(frozenset(failures), result["requests"], seconds)


def main() -> None:
    """Run both against every defect; print each row of the table as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operation", default="/resources/taxes/v2.0", metavar="PATH")
    parser.add_argument("--defect", action="append", metavar="NAME", help="default: every named one; repeatable")
    parser.add_argument("--api-version", default="3.90.0", metavar="VERSION")
    parser.add_argument("--output", type=Path, default=Path("/dev/stdout"), metavar="FILE")
    options = parser.parse_args()
    defects = options.defect or [defect.name for defect in listed_defects()]
    with options.output.open("w", encoding="utf-8") as output:

        def write(line: str) -> None:
            output.write(f"{line}\n")
            output.flush()

        now = f"{datetime.now(UTC):%Y-%m-%d}"
        write(f"{now}, AMPECO {options.api_version}, `{options.operation}`, Schemathesis {version('schemathesis')}\n")
        write("| Defect | Suite | requests | seconds | Schemathesis | requests | seconds |")
        write("| --- | --- | ---: | ---: | --- | ---: | ---: |")
        runs: list[tuple[ToolResult, ToolResult]] = []
        for name in (HEALTHY, *defects):
            defect = None if name == HEALTHY else name
            pair = tuple(run(defect, options.operation, options.api_version) for run in (suite, schemathesis))
            runs.append((pair[0], pair[1]))
            cells = [
                cell
                for healthy, one in zip(runs[0], pair, strict=True)
                for cell in (_result(one, None if defect is None else healthy), one.requests, f"{one.seconds:.0f}")
            ]
            write(f"| {name} | " + " | ".join(str(cell) for cell in cells) + " |")
        write("")
        _write_ratios(runs, write)


def _result(outcome: ToolResult, healthy: ToolResult | None) -> str:
    if healthy is None:
        return f"{len(outcome.failures)} false alarms" if outcome.failures else "clean"
    return "found" if outcome.failures - healthy.failures else "not found"


def _write_ratios(runs: list[tuple[ToolResult, ToolResult]], write: Callable[[str], None]) -> None:
    healthy, *others = runs
    found = [sum(bool(pair[side].failures - healthy[side].failures) for pair in others) for side in (0, 1)]
    requests = [sum(pair[side].requests for pair in runs) for side in (0, 1)]
    seconds = [sum(pair[side].seconds for pair in runs) for side in (0, 1)]
    write(f"Found: {found[0]} of {len(others)} against {found[1]}.")
    write(f"Requests: {requests[0]} against {requests[1]}, {requests[1] / max(1, requests[0]):.1f} to one.")
    write(f"Time: {seconds[0]:.0f} s against {seconds[1]:.0f} s, {seconds[1] / max(1.0, seconds[0]):.1f} to one.")


if __name__ == "__main__":
    main()
