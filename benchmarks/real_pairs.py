"""Verdict, CPU time and memory for pairs of real documents, ours beside oasdiff's when it is on PATH.

`python benchmarks/real_pairs.py FOLDER`: each folder in it holds two documents, `a.yaml` and `b.yaml` (or .json), or
two folders `a` and `b` with one OpenAPI document in or below each. Whole processes, one after the other: ours without
its cache of parsed files (cold), then with it (warm). Prints a table in Markdown.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ampeco_conformance.core.project import PROJECT, cache_folders

MEMORY = 3 << 30
"""Bytes of address space for either program."""
SECONDS = 60


@dataclass(frozen=True)
class Measured:
    """What one process printed (empty when it failed or was ended), and needed."""

    output: str
    cpu: float
    memory: float

    @property
    def figures(self) -> str:
        """`1.3, 81`: CPU seconds and MB."""
        return f"{self.cpu:.1f}, {self.memory:.0f}"


def measure(command: list[str]) -> Measured:
    """Run a command to its end, or for a minute of CPU time."""

    def limits() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=limits) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    ended = process.returncode < 0
    return Measured("" if ended else output.decode(), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def documents(folder: Path) -> tuple[Path, Path] | None:
    """The two documents of a pair; None when the folder holds none."""
    found = []
    for side in ("a", "b"):
        inner = [*folder.glob(f"{side}/*.*"), *folder.glob(f"{side}/*/*.*")]
        inner = [file for file in inner if file.is_file() and b"openapi" in file.read_bytes()[:2_000]]
        found += [*folder.glob(f"{side}.*"), *inner][:1]
    return (found[0], found[1]) if len(found) == 2 else None


def ours(report: dict[str, Any]) -> str:
    """`34 / 1 / 78`: breaking, maybe, safe."""
    return " / ".join(str(report["summary"][name]) for name in ("breaking", "maybe", "safe"))


def peers(output: str) -> str:
    """`3 / 19`: errors and warnings; nothing when there is no answer."""
    try:
        levels = [change["level"] for change in json.loads(output)] if output.strip() else []
    except ValueError:
        return "no answer"
    return f"{levels.count(3)} / {levels.count(2)}"


def main(root: Path) -> None:
    """Measure every pair and print the table."""
    peer = shutil.which("oasdiff")
    print("| pair | ours: breaking / maybe / safe | cold: s, MB | warm: s, MB | oasdiff: ERR / WARN | s, MB |")
    print("| --- | --- | ---: | ---: | --- | ---: |")
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        pair = documents(folder)
        if pair is None:
            continue
        for cache in cache_folders("parsed", PROJECT):
            shutil.rmtree(cache, ignore_errors=True)
        files = [str(file) for file in pair]
        command = [sys.executable, "-m", "ampeco_conformance.cli.main", "diff", *files]
        cold, warm = (measure([*command, "--policy", "strict", "--format", "json"]) for _ in range(2))
        cells = [folder.name, ours(json.loads(cold.output)) if cold.output else "no answer", cold.figures, warm.figures]
        if peer:
            found = measure([peer, "changelog", *files, "-f", "json"])
            cells += [peers(found.output), found.figures]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
