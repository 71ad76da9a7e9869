"""Defects found per 1,000 requests: the suite beside `schemathesis run`, until the first finding of each defect.

    .venv/bin/python -m benchmarks.request_count [--operation PATH] [--defects N] [--seed S] [--defect NAME ...]

Both get a new emulator for each defect, the same specification and all operations of one path, with one worker. The
sample is drawn by the seed from the classes of defects that one resource can show; each run stops at its first finding.
The suite runs its contract tests in the standard profile. What Schemathesis reports of the emulator without defects is
its baseline, which counts for no defect. The requests of a defect that is not found count too. Prints Markdown.
"""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from random import Random

from ampeco_conformance.emulator_client.process import listed_defects, running_emulator
from ampeco_conformance.specs import load_specification
from benchmarks.side_by_side import BINARIES, TOKEN

#: The classes of defects that need a flow of several resources.
_OF_FLOWS = ("domain", "webhooks", "spirii")

#: Whether a defect was found, after how many requests.
SearchResult = tuple[bool, int]


def main() -> None:
    """Run both against every defect of the sample; print each row as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operation", default="/resources/taxes/v2.0", metavar="PATH")
    parser.add_argument("--defects", type=int, default=20, metavar="N")
    parser.add_argument("--defect", action="append", metavar="NAME", help="these instead of a sample; repeatable")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--api-version", default="3.90.0", metavar="VERSION")
    options = parser.parse_args()
    known = [defect.name for defect in listed_defects() if defect.area not in _OF_FLOWS]
    names = options.defect or Random(options.seed).sample(known, options.defects)
    with tempfile.TemporaryDirectory() as folder:
        document, baseline = Path(folder, "openapi.json"), Path(folder, "baseline.json")
        document.write_text(json.dumps(load_specification(options.api_version, "ampeco").document))

        def schemathesis(defect: str | None) -> SearchResult:
            is_first = "--baseline-update" if defect is None else "--max-failures=1"
            with running_emulator("ampeco", options.api_version, TOKEN, defect) as base_url:
                process = subprocess.run(
                    [
                        *(BINARIES / "schemathesis", "run", document, "--url", base_url, "--seed", str(options.seed)),
                        *("-H", f"Authorization: Bearer {TOKEN}", "--include-path-regex", options.operation),
                        *("--baseline", baseline, is_first, "--report", "json"),
                        *("--report-json-path", Path(folder, "report.json")),
                    ],
                    cwd=folder,
                    capture_output=True,
                    check=False,
                )
            report = json.loads(Path(folder, "report.json").read_text())
            return process.returncode == 1, report["test_cases"]["generated"]

        def suite(defect: str | None) -> SearchResult:
            reports = Path(folder, "reports")
            process = subprocess.run(
                [
                    *("./conform", "run", "--no-html", "--workers", "1", "--seed", str(options.seed)),
                    *("--api-version", options.api_version, "--operation", f"*{options.operation}*"),
                    *("--reports", reports, *(() if defect is None else ("--defect", defect))),
                    *("--", "--deselect=scenarios", "--maxfail=1"),
                ],
                cwd=Path(__file__).parents[1],
                capture_output=True,
                check=False,
            )
            return process.returncode == 1, json.loads((reports / "run.json").read_text())["requests"]

        _compare(names, suite, schemathesis, options)


def _compare(
    names: Sequence[str],
    suite: Callable[[str | None], SearchResult],
    schemathesis: Callable[[str | None], SearchResult],
    options: argparse.Namespace,
) -> None:
    now = f"{datetime.now(UTC):%Y-%m-%d}, AMPECO {options.api_version}, `{options.operation}`, seed {options.seed}"
    print(f"{now}, Schemathesis {version('schemathesis')}\n")
    print("| Defect | Suite | requests | Schemathesis | requests |\n| --- | --- | ---: | --- | ---: |", flush=True)
    clean = suite(None), schemathesis(None)
    print(
        f"| none | {'finding' if clean[0][0] else 'clean'} | {clean[0][1]} | its baseline | {clean[1][1]} |", flush=True
    )
    rows: list[tuple[SearchResult, SearchResult]] = []
    for name in names:
        rows.append((suite(name), schemathesis(name)))
        cells = (f"{'found' if found else 'not found'} | {requests}" for found, requests in rows[-1])
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    print()
    for side, tool in enumerate(("The suite", "Schemathesis")):
        found, requests = sum(row[side][0] for row in rows), sum(row[side][1] for row in rows)
        rate = 1000 * found / max(1, requests)
        print(f"{tool}: {found} of {len(rows)} found with {requests} requests, {rate:.1f} per 1,000 requests.")


if __name__ == "__main__":
    main()
