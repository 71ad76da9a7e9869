"""`--export-har`: the traffic of a run as a HAR file, masked as its reports are.

Every process writes its own part; the one that controls the run joins them at its end.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.har_writing import HarPart, join_parts
from ampeco_conformance.core.redaction import Redactor
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
    return HarPart(file.with_name(f"{file.name}.{worker}.part"), _RunMask(redactor_of_run(config))).add


def _parts(file: Path) -> Iterator[Path]:
    return file.parent.glob(f"{file.name}.*.part")


class _RunMask:
    """Masks exchanges as the reports of the run do."""

    def __init__(self, redact: Redactor) -> None:
        self._redact = redact

    def __call__(self, exchange: Exchange) -> Exchange:
        redact = self._redact.knowing(exchange)
        request, response = exchange.request, exchange.response
        body = redact.sent_body(request.body).encode("utf-8", "replace") if request.body else request.body
        shown = replace(request, url=redact.url(request.url), headers=redact.headers(request.headers), body=body)
        if response is not None:
            received = redact.body(response.body, received=True).encode("utf-8", "replace") if response.body else b""
            response = replace(
                response,
                reason=redact.reason(response.reason, response.status_code),
                headers=redact.headers(response.headers, received=True),
                body=received,
            )
        error = redact.text(exchange.error) if exchange.error else exchange.error
        return replace(exchange, request=shown, response=response, error=error)
