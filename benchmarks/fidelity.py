"""How true the emulator is to the specification, by an independent judge: `schemathesis run`, one table row a version.

    python benchmarks/fidelity.py [VERSION ...] [--examples 2] [--seed 1] [--details]

The emulator serves one version in strict mode; Schemathesis gets the exported document, runs all of its phases and all
of its checks, and counts the operations for which a check fails. A request that breaks the specification and is
accepted is no violation where the operation documents no answer that would refuse it: that has a column of its own.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from ampeco_conformance.specs import Specification, load_specification

VERSIONS = ("3.49.0", "3.66.0", "3.85.1", "3.90.0", "3.96.4", "3.99.0", "3.106.5", "3.110.0")
TOKEN = "emulator-token"
REFUSALS = {"400", "422"}
COLUMNS = {
    "ServerError": "server errors",
    "JsonSchemaError": "schema",
    "MalformedJson": "schema",
    "UndefinedStatusCode": "status",
    "UndefinedContentType": "content type",
    "MissingContentType": "content type",
    "MalformedMediaType": "content type",
    "RejectedPositiveData": "valid refused",
}
NOT_REFUSED, CANNOT_REFUSE, OTHER = "invalid accepted", "no refusal documented", "other"
HEADS = ("server errors", "schema", "status", "content type", NOT_REFUSED, CANNOT_REFUSE, "valid refused", OTHER)


def judged(specification: Specification, examples: int, seed: int) -> dict[str, Any]:
    """Schemathesis' own report of a run against an emulator of this version."""
    serve = [sys.executable, "-m", "ampeco_emulator", "--port", "0", "--token", TOKEN, "--strict"]
    with tempfile.TemporaryDirectory() as folder:
        document, report = Path(folder, "openapi.json"), Path(folder, "report.json")
        document.write_text(json.dumps(specification.document))
        with subprocess.Popen(
            [*serve, "--api-version", specification.version], stdout=subprocess.PIPE, text=True
        ) as emulator:
            assert emulator.stdout is not None
            address = emulator.stdout.readline().split()[-1]
            options = ["--checks", "all", "--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure"]
            fixed = ["--header", f"Authorization: Bearer {TOKEN}", "--warnings", "off"]
            reported = ["--report", "json", "--report-json-path", str(report)]
            judge = str(Path(sys.executable).with_name("schemathesis"))
            subprocess.run(
                [judge, "run", str(document), "--url", address, *options, *fixed, *reported],
                stdout=subprocess.DEVNULL,
                cwd=folder,
                check=False,
            )
            emulator.terminate()
        content: dict[str, Any] = json.loads(report.read_text())
        return content


def counted(specification: Specification, report: dict[str, Any]) -> dict[str, list[str]]:
    """The operations under each column."""
    responses = {item.label: set(item.definition["responses"]) for item in specification.operations}
    found: dict[str, list[str]] = {head: [] for head in HEADS}
    for failure in report["failures"]:
        for label in failure["operations"]:
            column = COLUMNS.get(failure["type"], OTHER)
            if failure["type"] == "AcceptedNegativeData":
                column = NOT_REFUSED if REFUSALS & responses[label] else CANNOT_REFUSE
            found[column].append(f"{label}: {failure['title']}")
    return found


def main() -> None:
    """Print the table, row by row as the runs end."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("versions", nargs="*", default=VERSIONS)
    parser.add_argument("--examples", type=int, default=2, help="of the fuzzing phase, for each operation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--details", action="store_true", help="name the operations, but for those of no refusal")
    options = parser.parse_args()
    print(f"| version | operations | cases | {' | '.join(HEADS)} |")
    print("| --- " * (len(HEADS) + 3) + "|", flush=True)
    for version in options.versions:
        specification = load_specification(version)
        report = judged(specification, options.examples, options.seed)
        found = counted(specification, report)
        figures = [str(report["operations"]["tested"]), f"{report['test_cases']['generated']:,}"]
        figures += [str(len(found[head])) for head in HEADS]
        print(f"| {version} | {' | '.join(figures)} |", flush=True)
        if options.details:
            kinds = Counter(item for head in HEADS if head != CANNOT_REFUSE for item in found[head])
            print("\n".join(f"    {item}" for item in sorted(kinds)), flush=True)


if __name__ == "__main__":
    main()
