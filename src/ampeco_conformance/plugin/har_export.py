"""`--export-har`: the traffic of a run as a HAR file, masked as its reports are.

Every process writes its own part; the one that controls the run joins them at its end.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ampeco_conformance.core.exchange_mask import ExchangeMask
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.har_writing import HarPart, join_parts
from ampeco_conformance.plugin.masking import redactor_of_run
from ampeco_conformance.plugin.options import run_options

_WRITES = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Remove what a killed run left."""
    file: Path | None = run_options(config).export_har
    if file is not None and not hasattr(config, "workerinput") and not config.option.collectonly:
        config.stash[_WRITES] = True
        for part in _parts(file):
            part.unlink()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Join the parts, once all workers have ended."""
    if not config.stash.get(_WRITES, False):
        return
    file: Path = run_options(config).export_har
    parts = sorted(_parts(file))
    join_parts(parts, file, append=run_options(config).append)
    for part in parts:
        part.unlink()


def exporter(config: pytest.Config) -> Callable[[Exchange], None] | None:
    """What writes the exchanges of this process; None without `--export-har`."""
    file: Path | None = run_options(config).export_har
    if file is None:
        return None
    worker = getattr(config, "workerinput", {}).get("workerid", "main")
    redact = redactor_of_run(config)
    part = file.with_name(f"{file.name}.{worker}.part")
    return HarPart(part, lambda exchange: ExchangeMask(redact.knowing(exchange))(exchange)).add


def _parts(file: Path) -> Iterator[Path]:
    return file.parent.glob(f"{file.name}.*.part")
