"""Time and memory of comparing two large documents, ours against oasdiff when it is on PATH.

Whole processes, alternating, the best of several: `python benchmarks/compare.py [OLD NEW]`. Without documents it
takes the newest two documented versions and copies their paths until each file has some 3 MB.
"""

import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ampeco_conformance.specs import load_specification

RUNS = 5
SIZE = 2_900_000
"""Bytes of a document: what oasdiff's own benchmark pair has."""


def enlarged(version: str) -> dict[str, Any]:
    """The document of a version with its operations copied under other prefixes."""
    document = copy.deepcopy(load_specification(version).document)
    paths, number = dict(document["paths"]), 1
    while len(json.dumps(document)) < SIZE:
        document["paths"].update({f"/copy{number}{path}": copy.deepcopy(item) for path, item in paths.items()})
        number += 1
    return document


def measure(command: list[str]) -> tuple[float, float]:
    """Seconds of wall time and peak memory in MB of one process. Raises CalledProcessError when it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise subprocess.CalledProcessError(os.waitstatus_to_exitcode(status), command)
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def main(arguments: list[str]) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        if len(arguments) == 2:
            files = arguments
        else:
            files = [str(Path(folder) / f"{version}.json") for version in ("3.96.4", "3.110.0")]
            for file in files:
                Path(file).write_text(json.dumps(enlarged(Path(file).stem)), encoding="utf-8")
        commands = {"conform changelog": [sys.executable, "-m", "ampeco_conformance.cli.main", "changelog", *files]}
        if peer := shutil.which("oasdiff"):
            commands["oasdiff changelog"] = [peer, "changelog", *files]
        else:
            print("oasdiff is not on PATH; ours is measured alone")
        measured: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(RUNS):
            for name, command in commands.items():
                measured[name].append(measure(command))
        print(", ".join(f"{Path(file).name} {Path(file).stat().st_size / 1e6:.1f} MB" for file in files))
        for name, values in measured.items():
            seconds, memory = (sorted(column) for column in zip(*values, strict=True))
            print(f"{name}: best {seconds[0]:.2f} s, median {seconds[len(seconds) // 2]:.2f} s, {memory[0]:.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
