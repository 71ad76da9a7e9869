"""Judges exchanges as they come: what the client does wrong, what the target does wrong, what is not documented."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote

from ampeco_conformance.checks.robustness import broken_response_violation
from ampeco_conformance.client_check.judge import ClientJudge
from ampeco_conformance.client_check.model import Client, ClientFault
from ampeco_conformance.client_check.recorded import call_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.exchanges import Exchange, Headers, Request, Response, header
from ampeco_conformance.core.findings import Finding, Standing
from ampeco_conformance.core.traffic_mask import TrafficMask
from ampeco_conformance.drift.log import entry_message, masked_entry
from ampeco_conformance.proxy.single_answers import single_violations
from ampeco_conformance.recording.judge import Judge
from ampeco_conformance.recording.passing import PassingChecks
from ampeco_conformance.specs import Operation

_SHOWN_ENTRIES = 20
#: Faults of a client that calls what the API does not have: nothing is promised about the answer.
_UNKNOWN = frozenset({"unknown-operation", "unknown-method", "unknown-version", "missing-prefix"})
#: What browsers and tests ask for besides the API.
_BESIDE = re.compile(r"/?|/favicon\.ico|/robots\.txt|/_emulator(/.*)?")
#: Clients ask for the same again and again: what is wrong with so many messages is remembered, none larger than that.
_REMEMBERED, _LARGE = 256, 64 * 1024
_JUDGED_BY = frozenset({"content-type", "deprecation", "sunset"})


class Party(StrEnum):
    """Whose a fault is."""

    CLIENT = "client"
    TARGET = "target"
    DRIFT = "drift"


@dataclass(slots=True)
class TrafficFault:
    """A fault, at all entries of the recording where it was seen; one that does not break the contract is a warning."""

    side: Party
    kind: str
    operation: str
    message: str
    breaks: bool
    count: int = 0
    entries: list[int] = field(default_factory=list)

    def seen_at(self, entry: int) -> None:
        """Count it once more."""
        self.count += 1
        if len(self.entries) < _SHOWN_ENTRIES:
            self.entries.append(entry)


class LiveJudge:
    """The faults in the traffic between a client and a target; `tell` gets each fault when it is seen first.

    `base_path` is what precedes the paths of the API in the URLs of the target.
    """

    def __init__(
        self,
        contract: ApiContract,
        judge: Judge,
        mask: TrafficMask,
        token: str,
        tell: Callable[[TrafficFault], None],
        base_path: str = "",
    ) -> None:
        self._base_path = base_path.rstrip("/")
        self._contract = contract
        self._judge = judge
        self._client_judge = ClientJudge(contract)
        self._passing = PassingChecks(contract, token)
        self._mask = mask
        self._tell = tell
        self._faults: dict[tuple[object, ...], TrafficFault] = {}
        self._operations = {operation.label: operation for operation in contract.specification.operations}
        self._remembered_request = lru_cache(_REMEMBERED)(self._faults_of)
        self._remembered_response = lru_cache(_REMEMBERED)(self._violations_of)
        self.exchanges = 0

    @property
    def faults(self) -> list[TrafficFault]:
        """All faults, those of the client first."""
        order = [*Party]
        return sorted(self._faults.values(), key=lambda fault: (order.index(fault.side), not fault.breaks))

    def observe(self, exchange: Exchange) -> None:
        """Judge an exchange."""
        self.exchanges += 1
        faults = list(self._of_client(exchange))
        self._add(faults, exchange)
        is_unknown = any(fault.kind in _UNKNOWN for _, fault in faults)
        request = exchange.request
        operation = None if is_unknown else self._contract.operation_of(request.method, request.url)
        if operation is not None:
            self._add(self._of_target(operation, exchange), exchange)

    def _add(self, found: Iterable[tuple[tuple[object, ...], TrafficFault]], exchange: Exchange) -> None:
        for key, fault in found:
            if key not in self._faults:
                fault.message = self._mask.message(fault.message, exchange)
                self._faults[key] = fault
                self._tell(fault)
            self._faults[key].seen_at(self.exchanges)

    def _of_client(self, exchange: Exchange) -> Iterator[tuple[tuple[object, ...], TrafficFault]]:
        request = exchange.request
        judge = self._faults_of if len(request.body or b"") > _LARGE else self._remembered_request
        for fault in judge(replace(request, headers=_content_type(request.headers))):
            key = (Party.CLIENT, fault.kind, fault.operation, fault.subject)
            label = self._shown(fault.operation)
            yield key, TrafficFault(Party.CLIENT, fault.kind, label, fault.message, fault.breaks)

    def _faults_of(self, request: Request) -> list[ClientFault]:
        call = call_of(Exchange(request, None, 0.0, 0.0), 0)
        path = call.url.removeprefix(self._base_path) if call else ""
        if call is None or _BESIDE.fullmatch(path):
            return []
        return self._client_judge.faults(Client("traffic", (replace(call, url=path, is_whole=True),)))

    def _shown(self, label: str) -> str:
        """An operation; a path that none has may hold anything, and is masked like that of a URL."""
        if label in self._operations:
            return label
        method, _, path = label.rpartition(" ")
        return f"{method} {self._mask.url(path)}".replace(quote("{}"), "{}").strip()

    def _of_target(self, operation: Operation, exchange: Exchange) -> Iterator[tuple[tuple[object, ...], TrafficFault]]:
        findings: list[Finding] = []
        if exchange.error is not None and not exchange.is_lost:
            findings += self._contract.findings(operation, exchange, [broken_response_violation(exchange.error)])
        response = exchange.response
        if response is not None and response.body_is_known:
            judge = self._violations_of if len(response.body) > _LARGE else self._remembered_response
            violations = judge(operation.label, exchange.request.url, _without_counters(response))
            findings += self._contract.findings(operation, exchange, violations)
            findings += self._passing.news(operation, exchange)
            for entry, strict in self._judge.drift_in(operation, exchange):
                key = (Party.DRIFT, entry.check, entry.operation, entry.status, entry.location)
                message = entry_message(masked_entry(entry, self._mask.redactor))
                yield key, TrafficFault(Party.DRIFT, entry.check, entry.operation, message, breaks=False)
                findings += [strict] if strict else []
        for finding in self._judge.judged(findings):
            if finding.standing is not Standing.KNOWN:
                yield (Party.TARGET, *finding.identity), _of_finding(finding)

    def _violations_of(self, label: str, url: str, response: Response) -> list[Violation]:
        operation = self._operations[label]
        exchange = Exchange(Request(operation.method, url), response, 0.0, 0.0)
        found = [finding.violation for finding in self._contract.check_response(exchange, operation)]
        return [*found, *single_violations(self._contract, operation, exchange)]


def _without_counters(response: Response) -> Response:
    """A response with the headers that it is judged by, and without those that differ from one to the next."""
    if response.status_code == 429:
        return response
    return replace(response, headers=tuple(pair for pair in response.headers if pair[0].lower() in _JUDGED_BY))


def _content_type(headers: Headers) -> Headers:
    """Of the headers what a contract judges bodies by."""
    return tuple(("Content-Type", value) for value in (header(headers, "content-type"),) if value is not None)


def _of_finding(finding: Finding) -> TrafficFault:
    side = Party.DRIFT if finding.standing is Standing.DRIFT else Party.TARGET
    breaks = finding.standing is Standing.VIOLATION
    return TrafficFault(side, finding.check, finding.operation, finding.message, breaks)


def verdict_of(faults: Iterable[TrafficFault]) -> dict[Party, int]:
    """How many faults each side has that break the contract."""
    counts = dict.fromkeys(Party, 0)
    for fault in faults:
        counts[fault.side] += fault.breaks or fault.side is Party.DRIFT
    return counts
