"""Runs the suite against faulty and correct servers, and says which faults it found and whom it accused.

    .venv/bin/python -m tools.adversarial_servers [--only TEXT ...] [--verbose]

Every row is one run of `./conform run` (standard profile, seed 0) on the operations concerned, against an emulator
behind a proxy that rewrites requests or answers. Prints a Markdown table; exit 1 when a row is not as expected.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx

from tests.support.loopback import NO_TLS
from tests.support.runs import COMMAND, TOKEN, environment
from tests.support.shared_tenant import shared_tenant
from tools.adversary.correct import CORRECT
from tools.adversary.correct_writes import CORRECT_WRITES
from tools.adversary.faulty_access import ACCESS
from tools.adversary.faulty_answers import ANSWERS
from tools.adversary.faulty_listings import LISTINGS
from tools.adversary.faulty_writes import WRITES
from tools.adversary.server import ServerRow, front

FAULTY = (*LISTINGS, *WRITES, *ACCESS, *ANSWERS)


def examine(row: ServerRow, upstream: str) -> tuple[int, list[str], str]:
    """Run the suite against one server; exit code, the checks that found something, and what it said."""
    httpx.post(f"{upstream}/_emulator/reset", trust_env=False, verify=NO_TLS).raise_for_status()
    operations = [word for pattern in row.operations for word in ("--operation", pattern)]
    with front(upstream, row) as base_url, tempfile.TemporaryDirectory() as folder:
        target = ("--base-url", base_url, "--token-env", "SUITE_TOKEN", "--reports", folder, "--workers", "1")
        safety = () if "--safety" in row.options else ("--safety", "full", "--yes-really")
        command = [*COMMAND, *target, *safety, *operations, *row.options, "--", *row.selection]
        run = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        page = Path(folder, "verdict.json")
        causes = json.loads(page.read_text())["causes"] if page.is_file() else []
    said = f"{run.stdout}{run.stderr}"
    return run.returncode, sorted({cause["check"] for cause in causes}), said


def main() -> int:
    """Examine the servers; 1 when a row is not as expected."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", metavar="TEXT", help="rows whose meaning has this text")
    parser.add_argument("--verbose", action="store_true", help="show what the runs said")
    options = parser.parse_args()
    failing = 0
    print("| Server | Exit | Found by | As expected |")
    print("| --- | ---: | --- | --- |")
    with shared_tenant(TOKEN) as tenant:
        for rows, code in ((FAULTY, 1), ((*CORRECT, *CORRECT_WRITES), 0)):
            failing += sum(
                not _is_expected(row, code, tenant.upstream, options.verbose) for row in _chosen(rows, options.only)
            )
    return 1 if failing else 0


def _chosen(rows: Sequence[ServerRow], texts: Sequence[str] | None) -> list[ServerRow]:
    return [row for row in rows if texts is None or any(text in row.meaning for text in texts)]


def _is_expected(row: ServerRow, expected: int, upstream: str, verbose: bool) -> bool:
    code, checks, said = examine(row, upstream)
    is_expected = code == expected
    print(f"| {row.meaning} | {code} | {', '.join(checks) or '-'} | {'yes' if is_expected else '**no**'} |", flush=True)
    if verbose:
        sys.stderr.write(said + "\n")
    return is_expected


if __name__ == "__main__":
    sys.exit(main())
