"""Compares thousands of random pairs of documents and looks for what another validator refutes.

    .venv/bin/python -m tools.comparison_campaign [--pairs 2000] [--first 0] [--version 3.110.0]

Of every second pair the schemas are random and refer to each other; of the others they are those of a version, with one
to three random changes. Each comparison must end within a minute of CPU time; its witnesses must be what `jsonschema`
says of them; and no value may break what is called compatible. Every pair is compared in three processes with different
hash seeds, which must print the same bytes. Prints what is wrong, with the number of the pair, then one line of
figures; exits with 1 when something is wrong.
"""

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from functools import cache
from time import process_time

from ampeco_conformance.compatibility.inputs import load_contract
from ampeco_conformance.compatibility.rendering.json import render_json
from ampeco_conformance.compatibility.report import ComparisonReport
from tests.support.schema_pairs import (
    Json,
    changed_schemas,
    contradictions,
    has_one_direction,
    pair_of,
    random_schemas,
)

VERSION = "3.110.0"
HASH_SEEDS = ("0", "1", "2")
LONGEST = 60
"""CPU seconds after which a comparison counts as one that does not end."""


@cache
def _real_schemas(version: str) -> tuple[dict[str, Json], list[str]]:
    """The schemas of a version, and the names of those that are alike in requests and in responses."""
    schemas = load_contract(version).document["components"]["schemas"]
    return schemas, sorted(name for name in schemas if not has_one_direction(schemas, name))


def compared_pair(number: int, version: str = VERSION) -> tuple[ComparisonReport, list[str]]:
    """The comparison of the pair with a number, and what is wrong with it."""
    chance = random.Random(number)
    made = random_schemas(chance)
    if number % 2:
        return contradictions(pair_of(made, changed_schemas(made, chance)), chance)
    real, names = _real_schemas(version)
    name = chance.choice(names)
    before = {**real, **made}  # a change may refer to those made
    after = {**before, **changed_schemas({name: real[name]}, chance)}
    root = {"$ref": f"#/components/schemas/{name}"}
    return contradictions(pair_of(before, after, root, "3.0.3"), chance, root)


def digest(reports: Iterable[ComparisonReport]) -> str:
    """One name for all that is said in the reports."""
    return hashlib.blake2b("".join(map(render_json, reports)).encode(), digest_size=8).hexdigest()


def judge(numbers: Iterable[int], version: str) -> bool:
    """Compare the pairs, print what is wrong, the figures, and a digest of all reports; whether nothing is wrong."""
    reports, slowest, wrong = [], 0.0, 0
    signal.signal(signal.SIGVTALRM, signal.default_int_handler)
    for number in numbers:
        begun = process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST, 1)  # again, as an interrupt in a callback of others is lost
        try:
            report, found = compared_pair(number, version)
            reports.append(report)
        except KeyboardInterrupt:
            found = [f"no end after {LONGEST} seconds"]
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        slowest = max(slowest, process_time() - begun)
        wrong += len(found)
        for line in found:
            print(f"pair {number}: {line}", flush=True)
    findings = Counter[str]()
    for report in reports:
        findings.update({str(severity): count for severity, count in report.counts.items()})
    verdicts = Counter(f"{one.verdict} {one.proof}".strip() for report in reports for one in report.verdicts)
    figures = ", ".join(f"{count} {name}" for name, count in [*findings.items(), *sorted(verdicts.items())])
    print(f"{len(reports)} pairs, {wrong} wrong, slowest {slowest:.1f} s, {figures}: {digest(reports)}", flush=True)
    return not wrong


def main() -> int:
    """Run the campaign in one process for each hash seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="number of the first pair")
    parser.add_argument("--version", default=VERSION)
    chosen = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") in HASH_SEEDS:
        return 0 if judge(range(chosen.first, chosen.first + chosen.pairs), chosen.version) else 1
    command, printed = [sys.executable, "-m", "tools.comparison_campaign", *sys.argv[1:]], []
    for seed in HASH_SEEDS:
        process = subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, stdout=subprocess.PIPE, check=False
        )
        printed.append((process.stdout.decode(), process.returncode))
        print(printed[-1][0], end="", flush=True)
    digests = {output.rpartition(": ")[2] for output, _ in printed}
    print("same bytes" if len(digests) == 1 else "the bytes depend on the hash seed")
    return int(len(digests) > 1 or any(code for _, code in printed))


if __name__ == "__main__":
    sys.exit(main())
