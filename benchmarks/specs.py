"""How fast a specification loads, against plain PyYAML reading the same document.

Run: python benchmarks/specs.py [VERSION]
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from ampeco_conformance.specs import (
    DEFAULT_VERSIONS,
    CatalogEntry,
    load_catalog,
    load_specification,
    loading,
    store_directory,
)
from ampeco_conformance.specs.caching import DocumentCache
from ampeco_conformance.specs.loading import resolve_file
from ampeco_conformance.specs.writing import to_yaml

REPETITIONS = 7


def main() -> None:
    """Print the median times and their ratios to the time of PyYAML."""
    version = sys.argv[1] if len(sys.argv) > 1 else DEFAULT_VERSIONS["ampeco"]
    store = store_directory()
    entry = load_catalog(store).find("ampeco", version)
    with tempfile.TemporaryDirectory() as folder:
        exported = Path(folder) / "exported.yaml"
        exported.write_text(to_yaml(load_specification(version).document))
        plain = median(lambda: yaml.load(exported.read_bytes(), Loader=yaml.CSafeLoader))
        cold = median(lambda: resolve_cold(store, entry))
        warm = median(lambda: load_in_new_process(version))
        again = median(lambda: load_specification(version))
        size = exported.stat().st_size
    print(f"ampeco {version}: {size / 1000:,.0f} kB of YAML, median of {REPETITIONS} runs")
    print(f"  PyYAML CSafeLoader  {plain * 1000:7.1f} ms")
    for name, seconds in (("resolved cold", cold), ("loaded warm", warm), ("loaded again", again)):
        print(f"  {name:18}  {seconds * 1000:7.1f} ms   {plain / seconds:5.1f} times as fast as PyYAML")


def resolve_cold(store: Path, entry: CatalogEntry) -> None:
    """Resolve a version with an empty cache."""
    with tempfile.TemporaryDirectory() as folder:
        resolve_file(store / entry.file, DocumentCache(store, Path(folder)))


def load_in_new_process(version: str) -> None:
    """Load a version from the cache on disk, as a new process does."""
    loading._load.cache_clear()
    load_specification(version)


def median(action: Callable[[], Any]) -> float:
    """The median time of an action in seconds."""
    times = []
    for _ in range(REPETITIONS):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


if __name__ == "__main__":
    main()
