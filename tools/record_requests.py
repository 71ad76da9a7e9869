"""Records how many requests each operation and aspect takes, from which `--dry-run` and the budget of a run estimate.

    python tools/record_requests.py FULL CALLED READING NIGHTLY

Each argument is the reports folder of a run on the emulator: a whole one, one whose operations were only called
(`--max-requests` with just enough for them), a whole one that only reads, and one of the nightly profile without
scenarios, which send the same in every profile.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ampeco_conformance.core.item_results import ONLY_CALLED
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.plugin.estimates import RECORDED, counts_of
from ampeco_conformance.reporting.results import read_results


def main(arguments: Sequence[str]) -> None:
    """Write the file."""
    full, called, reading, nightly = (read_results(Path(folder)) for folder in arguments)
    only_called = {result.name: result.requests for result in called if ONLY_CALLED in result.notes}
    content = {}
    for kind, results in (("all", full), ("read-only", reading), ("nightly", nightly)):
        requests: Counter[str] = Counter()
        for result in results:
            requests[result.name] += result.requests
        content[kind] = counts_of(requests, only_called)
    RECORDED.write_bytes(write_json(content) + b"\n")


if __name__ == "__main__":
    main(sys.argv[1:])
