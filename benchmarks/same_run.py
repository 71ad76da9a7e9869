"""Whether two runs did the same: for every item its status, findings, number of requests and responses.

    .venv/bin/python benchmarks/same_run.py REPORTS REPORTS

Proves that a change of the suite's speed changed nothing else. Run both with one worker, the same seed and the same
shard: `./conform run --workers 1 --seed 0 --shard 1/24 --reports DIR`. Hypothesis takes some of its values from the
source text of the project, so a few generated requests differ when code was edited. Exits with 1 on a difference.
"""

import argparse
import sys
from pathlib import Path

from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting.results import read_results


def main() -> int:
    """Print the items that differ and the totals; 1 when there are any."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, metavar="REPORTS")
    parser.add_argument("after", type=Path, metavar="REPORTS")
    options = parser.parse_args()
    before, after = _by_node_id(options.before), _by_node_id(options.after)
    different = [node_id for node_id in sorted(before | after) if before.get(node_id) != after.get(node_id)]
    for node_id in different:
        print(f"{node_id}\n  before: {before.get(node_id)}\n  after:  {after.get(node_id)}")
    print(f"{len(before)} and {len(after)} items, {len(different)} different")
    return 1 if different else 0


def _by_node_id(reports: Path) -> dict[str, tuple[object, ...]]:
    return {result.node_id: _behaviour(result) for result in read_results(reports)}


def _behaviour(result: ItemResult) -> tuple[object, ...]:
    findings = sorted(f"{finding.check} {finding.operation} {finding.location}" for finding in result.findings)
    answers = {operation: dict(statuses) for operation, statuses in result.answers.items()}
    return result.status, result.requests, answers, findings


if __name__ == "__main__":
    sys.exit(main())
