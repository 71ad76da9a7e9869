"""How much CPU time commands cost before they send anything, as ratios to a baseline of the same run.

Run: python benchmarks/startup.py [VERSION]
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.specs import DEFAULT_VERSIONS

REPETITIONS = 3


def main() -> None:
    """Print the median CPU seconds of each command, and how many times its baseline that is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("version", nargs="?", default=DEFAULT_VERSIONS["ampeco"], metavar="VERSION")
    version = parser.parse_args().version
    with tempfile.TemporaryDirectory() as folder:
        reports = ("--reports", folder)
        conform, pytest = str(PROJECT / "conform"), (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
        collect = (*pytest, "contract_tests", "scenarios", "--collect-only", "--api-version", version, *reports)
        python = show("python -c pass", (sys.executable, "-c", "pass"))
        show("conform --version", (conform, "--version"), python)
        show("conform run --help", (conform, "run", "--help"), python)
        empty = show("pytest --collect-only, empty folder", (*pytest, "-c", "pyproject.toml", "--collect-only", folder))
        show(f"collection, ampeco {version}", collect, empty)
        show(
            f"conform run --dry-run, ampeco {version}",
            (conform, "run", "--dry-run", "--api-version", version, *reports),
            empty,
        )


def show(name: str, command: Sequence[str], baseline: float | None = None) -> float:
    """Run a command and print its CPU seconds; the first run only fills the caches."""
    cpu_seconds(command)
    seconds = statistics.median(cpu_seconds(command) for _ in range(REPETITIONS))
    ratio = "" if baseline is None else f"  {seconds / baseline:6.1f} times the baseline"
    sys.stdout.write(f"{name:42}{seconds:7.2f} s{ratio}\n")
    return seconds


def cpu_seconds(command: Sequence[str]) -> float:
    """The CPU time of a command and its children, in seconds. Exits with a line when the command fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    # 5 is pytest's code for an empty folder.
    if ended.returncode not in (0, 5):
        said = (ended.stderr or ended.stdout).strip().splitlines()
        sys.exit(f"{' '.join(command)} ended with {ended.returncode}: {said[-1] if said else 'it printed nothing'}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
