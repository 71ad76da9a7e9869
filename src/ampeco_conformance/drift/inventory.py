"""The drift of a whole run: joined with what earlier runs saw, and looked up in newer specifications."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from ampeco_conformance.contract.allow_list import allow_list_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.contract.undocumented import UndocumentedFinder
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.exchanges import Response, header
from ampeco_conformance.core.har import read_har
from ampeco_conformance.core.item_results import DriftEntry, ItemResult
from ampeco_conformance.core.recorded_files import parsed_json
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.core.tenant_data import TenantData
from ampeco_conformance.drift.log import DriftLog, joined, masked_entry, read_drift, write_drift
from ampeco_conformance.specs import Specification, load_catalog, load_specification, store_directory
from ampeco_conformance.triage.strictness import StrictnessSettings

#: Answers without a body, and that of a recorder that got none.
_WITHOUT_BODY = frozenset({0, 204, 304})


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


@dataclass(frozen=True, slots=True)
class TrafficDrift:
    """The drift that recorded traffic shows; its requests to no operation of the API; what of it was left out.

    `unread` is how many responses have a body that the recording lacks, or that is not the JSON it should be.
    """

    entries: list[DriftEntry]
    unknown_requests: tuple[str, ...]
    skipped: tuple[str, ...]
    unread: int = 0


def drift_of_har(file: Path, specification: Specification, settings: StrictnessSettings) -> TrafficDrift:
    """The drift that recorded traffic shows. Raises ConfigurationError when it cannot be read or fits no operation."""
    contract = ApiContract(specification)
    log = DriftLog(UndocumentedFinder(contract), settings, specification, file.name)
    tenant = TenantData(allow_list_of(specification))
    recording = read_har(file)
    entries: list[DriftEntry] = []
    unknown: list[str] = []
    unread = 0
    for exchange in recording.exchanges:
        tenant.observe(exchange)
        request = exchange.request
        operation = contract.operation_of(request.method, request.url)
        if operation is None:
            unknown.append(f"{request.method} {urlsplit(request.url).path}")
        elif exchange.response is not None:
            entries += [entry for entry, _ in log.news(operation, exchange)]
            unread += not _is_read(exchange.response)
    if len(unknown) == len(recording.exchanges):
        raise ConfigurationError(
            f"{file} has no request to an operation of {specification.api} {specification.version}"
        )
    redact = Redactor((), tenant=tenant)
    return TrafficDrift(
        [masked_entry(entry, redact) for entry in looked_up(joined(entries))],
        tuple(redact.text(request) for request in dict.fromkeys(unknown)),
        recording.skipped,
        unread,
    )


def _is_read(response: Response) -> bool:
    if response.status_code in _WITHOUT_BODY:
        return True
    is_json = "json" in (header(response.headers, "Content-Type") or "json").lower()
    return response.body_is_known and (not is_json or parsed_json(response.body) is not None)


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
