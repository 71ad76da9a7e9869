"""The drift of a whole run: joined with what earlier runs saw, and looked up in newer specifications."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from ampeco_conformance.contract.allow_list import allow_list_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.contract.undocumented import UndocumentedFinder
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.har import har_exchanges
from ampeco_conformance.core.item_results import DriftEntry, ItemResult
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.core.tenant_data import TenantData
from ampeco_conformance.drift.log import DriftLog, joined, masked_entry, read_drift, write_drift
from ampeco_conformance.specs import Specification, load_catalog, load_specification, store_directory
from ampeco_conformance.triage.strictness import StrictnessSettings


def keep_drift(results: Iterable[ItemResult], reports: Path) -> list[DriftEntry]:
    """Join the drift of a run's items with the inventory in its reports folder, write that, and return the run's own.

    Raises OSError when it cannot be written.
    """
    own = looked_up(joined(entry for result in results for entry in result.drift))
    try:
        earlier = read_drift(reports)
    except ConfigurationError:
        # Written by an incompatible version of this project, or damaged: start again.
        earlier = []
    write_drift(joined([*earlier, *own]), reports)
    return own


def drift_of_har(file: Path, specification: Specification, settings: StrictnessSettings) -> list[DriftEntry]:
    """The drift that recorded traffic shows. Raises ConfigurationError when it cannot be read or fits no operation."""
    contract = ApiContract(specification)
    log = DriftLog(UndocumentedFinder(contract), settings, specification, file.name)
    tenant = TenantData(allow_list_of(specification))
    entries: list[DriftEntry] = []
    fitting = 0
    for exchange in har_exchanges(file):
        tenant.observe(exchange)
        if exchange.response is None:
            continue
        operation = contract.operation_of(exchange.request.method, exchange.request.url)
        if operation is not None:
            fitting += 1
            entries += [entry for entry, _ in log.news(operation, exchange)]
    if not fitting:
        raise ConfigurationError(
            f"{file} has no request to an operation of {specification.api} {specification.version}"
        )
    redact = Redactor((), tenant=tenant)
    return [masked_entry(entry, redact) for entry in looked_up(joined(entries))]


def looked_up(entries: Iterable[DriftEntry]) -> list[DriftEntry]:
    """The entries, fields with the oldest newer version that documents them.

    Found by halving: what is documented once stays so.
    """
    return [
        replace(entry, documented_in=_documented_in(entry)) if entry.check == "undocumented_field" else entry
        for entry in entries
    ]


def _documented_in(entry: DriftEntry) -> str | None:
    versions = [listed.version for listed in load_catalog(store_directory()).versions(entry.api)]
    newer = versions[versions.index(entry.api_version) + 1 :] if entry.api_version in versions else []
    if not newer or not _documents(entry, newer[-1]):
        return None
    low, high = 0, len(newer) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _documents(entry, newer[middle]) else (middle + 1, high)
    return newer[low]


def _documents(entry: DriftEntry, version: str) -> bool:
    return _undocumenteds(entry.api, version).documents(entry.operation, entry.status or 0, entry.location)


@cache
def _undocumenteds(api: str, version: str) -> UndocumentedFinder:
    return UndocumentedFinder(ApiContract(load_specification(version, api)))
