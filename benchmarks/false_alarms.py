"""False alarms: the suite must find nothing on the emulator without defects, for every version and seed.

    .venv/bin/python benchmarks/false_alarms.py [--api-version V ...] [--seeds 10] [--sample N] [--operation P ...]

Runs `./conform run` (standard profile) for every version of the store and every seed. Prints a Markdown table, a row
per version, and exits with 1 when a run did not exit with 0. With `--sample N` each run covers one Nth of the items,
a different one for every version and seed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from ampeco_conformance.specs import load_catalog, store_directory


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of one run."""

    exit_code: int
    items: int
    failed: list[str]
    requests: int
    seconds: float


def run(api_version: str, seed: int, patterns: list[str], *, shard: str, scenarios: bool) -> RunResult:
    """Run one shard of the suite with one seed against the emulator of one version."""
    with tempfile.TemporaryDirectory() as reports:
        started = time.perf_counter()
        process = subprocess.run(
            [
                *("./conform", "run", "--no-html", "--api-version", api_version, "--seed", str(seed)),
                *("--reports", reports, "--shard", shard),
                *(word for pattern in patterns for word in ("--operation", pattern)),
                *(() if scenarios else ("--", "--deselect=scenarios")),
            ],
            cwd=Path(__file__).parents[1],
            capture_output=True,
            check=False,
        )
        seconds = time.perf_counter() - started
        summary = json.loads(Path(reports, "run.json").read_text())
    return RunResult(
        process.returncode, sum(summary["items"].values()), summary["headlines"], summary["requests"], seconds
    )


def main() -> int:
    """Run every version and seed; 1 when a run found something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--api-version", action="append", metavar="VERSION", help="default: all; repeatable")
    parser.add_argument("--seeds", type=int, default=10, metavar="N", help="seeds 0 to N-1 (default: 10)")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="one Nth of the items (default: all)")
    parser.add_argument("--operation", action="append", default=[], metavar="PATTERN", help="default: all; repeatable")
    parser.add_argument(
        "--no-scenarios", "--no-stories", dest="scenarios", action="store_false", help="contract tests only"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
    options = parser.parse_args()
    versions = options.api_version or [entry.version for entry in load_catalog(store_directory()).versions("ampeco")]
    if options.output is None:
        return _report(versions, options, sys.stdout)
    with options.output.open("w", encoding="utf-8") as output:
        return _report(versions, options, output)


def _report(versions: list[str], options: argparse.Namespace, output: TextIO) -> int:
    patterns = options.operation
    what = f"operations {', '.join(patterns)}" if patterns else "all operations"
    scenarios = "all scenarios" if options.scenarios else "no scenarios"
    part = "all items" if options.sample == 1 else f"a different 1/{options.sample} of the items each time"
    output.write(f"{datetime.now(UTC):%Y-%m-%d}, {what}, {scenarios}, {part}, seeds 0 to {options.seeds - 1}\n\n")
    output.write("| Version | Runs | Exit 0 | Items | Requests | Seconds | Findings |\n")
    output.write("| --- | ---: | ---: | ---: | ---: | ---: | --- |\n")
    output.flush()
    worst = 0
    for number, version in enumerate(versions):
        shards = [f"{(number + seed) % options.sample + 1}/{options.sample}" for seed in range(options.seeds)]
        runs = [
            run(version, seed, patterns, shard=shard, scenarios=options.scenarios) for seed, shard in enumerate(shards)
        ]
        good = sum(one.exit_code == 0 for one in runs)
        worst = max(worst, int(good < len(runs)))
        findings = sorted({headline.replace("|", "\\|") for one in runs for headline in one.failed})
        numbers = (sum(one.items for one in runs), sum(one.requests for one in runs))
        cells = (version, len(runs), good, *numbers, f"{sum(one.seconds for one in runs):.0f}")
        output.write(f"| {' | '.join(map(str, cells))} | {'<br>'.join(findings) or 'none'} |\n")
        output.flush()
    return worst


if __name__ == "__main__":
    sys.exit(main())
