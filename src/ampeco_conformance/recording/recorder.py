"""Records what one item did: the answers it got, the operations that succeeded, its notes."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from ampeco_conformance.checks.availability import FEATURE_ENABLED, feature_violation
from ampeco_conformance.checks.robustness import unanswered_violation
from ampeco_conformance.contract.features import TenantFeatures
from ampeco_conformance.contract.responses import RESPONSE_SCHEMA_CONFORMANCE, ApiContract
from ampeco_conformance.core.checks import Reproduction, Violation
from ampeco_conformance.core.errors import NotTestable
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import ContractViolation, Finding, Standing
from ampeco_conformance.core.item_results import FIELDS_NOT_ENABLED, NOT_ENABLED, DriftEntry
from ampeco_conformance.coverage.recording import CoverageObserver, CoverageRecord
from ampeco_conformance.recording.judge import Judge
from ampeco_conformance.recording.passing import PassingChecks
from ampeco_conformance.specs import Operation

#: Where the body of a read, or of a listing, has an item.
_ITEM = re.compile(r"^/data(?:/\d+)?(?=/|$)")


class Recorder:
    """Judges exchanges against the specification and records them for the report."""

    def __init__(
        self,
        contract: ApiContract,
        judge: Judge | None = None,
        passing: PassingChecks | None = None,
        observer: CoverageObserver | None = None,
        features: TenantFeatures | None = None,
    ) -> None:
        self.contract = contract
        self.features = features or TenantFeatures(contract.specification.api)
        self._passing = passing
        self._observer = observer
        self.coverage = CoverageRecord()
        self.tolerated: list[Finding] = []
        self.writes: list[Exchange] = []
        self.drift: list[DriftEntry] = []
        self._seen_in_passing: list[Finding] = []
        self._judge = judge
        self.statuses: Counter[int] = Counter()
        self.lost = 0
        self._lost_exchanges: dict[str, tuple[Operation, Exchange]] = {}
        self.answers: dict[str, Counter[str]] = {}
        self.milliseconds: dict[str, list[float]] = {}
        self.reached: set[str] = set()
        self.notes: list[str] = []
        self._features_off: dict[str, Exchange] = {}
        self._pending: list[Finding] = []

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self.statuses.total()

    def observe(self, exchange: Exchange) -> None:
        """Count an exchange, with the status and time of its operation; status 0 means no response.

        `lost` counts the requests that got no response, also when they were repeated.
        Successful writes are kept: a replay may have to repeat them.
        """
        self.statuses[exchange.response.status_code if exchange.response else 0] += 1
        operation = self.contract.operation_of(exchange.request.method, exchange.request.url)
        if exchange.response is None and not exchange.is_repeated:
            self.lost += 1
            if operation is not None:
                self._lost_exchanges.setdefault(operation.label, (operation, exchange))
        if operation is not None and exchange.response is not None:
            if self.features.says_off(exchange):
                self._features_off.setdefault(operation.label, exchange)
                if not self.features.fields_off(exchange):
                    self.features.off.add(operation.path)
            self.answers.setdefault(operation.label, Counter())[str(exchange.response.status_code)] += 1
            self.milliseconds.setdefault(operation.label, []).append(round(exchange.elapsed * 1000, 1))
            if operation.method != "GET" and 200 <= exchange.response.status_code < 300:
                self.writes.append(exchange)
            if self._observer is not None:
                self._observer.observe(operation, exchange, self.coverage)
            if self._passing is not None:
                self._seen_in_passing += self._passing.news(operation, exchange)
            if self._judge is not None:
                for entry, finding in self._judge.drift_in(operation, exchange):
                    self.drift.append(entry)
                    self._seen_in_passing += [finding] if finding else []

    def check(self, exchange: Exchange) -> list[Finding]:
        """Every violation in an answer; after a 2xx answer without one the operation counts as succeeded."""
        operation = self.contract.operation_of(exchange.request.method, exchange.request.url)
        if operation is None or exchange.response is None:
            return []
        findings = self.contract.check_response(exchange, operation)
        self._pending += findings
        if not findings and 200 <= exchange.response.status_code < 300:
            self.reached.add(operation.label)
        return findings

    def findings(self, operation: Operation, exchange: Exchange, violations: Iterable[Violation]) -> list[Finding]:
        """The findings that an exchange shows; they count even if the item is skipped later on."""
        findings = self.contract.findings(operation, exchange, violations)
        self._pending += findings
        return findings

    def expect_conformance(self, exchange: Exchange) -> None:
        """Raise ContractViolation when the answer breaks the specification in a way that fails the item.

        Raises NotTestable when the feature is switched off on the target.
        """
        self.expect_none(self.check(exchange))
        operation = self.contract.operation_of(exchange.request.method, exchange.request.url)
        if operation is not None and self.features.says_off(exchange):
            self.expect_feature(operation)

    def expect_feature(self, operation: Operation) -> None:
        """Raise NotTestable when no answer was a success, and one was that the feature is switched off.

        Likewise when nothing was sent, because what the operation is below is switched off.
        Raises ContractViolation when the feature must be on.
        """
        if self._is_switched_off(operation.label) and (feature := self.features.required_by(operation.label)):
            exchange = self._features_off[operation.label]
            self.expect_none(self.findings(operation, exchange, [feature_violation(feature)]))
        if (reason := self.why_not_enabled(operation)) is not None:
            raise NotTestable(reason)

    def why_not_enabled(self, operation: Operation) -> str | None:
        """Why an operation cannot be tested here, when its feature is switched off; None when it is not."""
        is_out_of_reach = operation.label not in self.answers and self.features.is_below_off(operation.path)
        # None of the words of the answer, which are masked when they come from a tenant.
        return f"{NOT_ENABLED}{operation.label}" if is_out_of_reach or self._is_switched_off(operation.label) else None

    def expect_none(self, findings: Iterable[Finding]) -> None:
        """Raise ContractViolation with those of the findings that fail the item."""
        if violations := self.violations(findings):
            raise ContractViolation(violations)

    def violations(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings that fail the item, reproduced; the others are kept in `tolerated`, each once.

        What a feature shows that is switched off is no finding.
        """
        findings = [finding for finding in findings if not self._shows_a_switched_off_feature(finding)]
        settled = set(map(id, findings))
        self._pending = [finding for finding in self._pending if id(finding) not in settled]
        violations: list[Finding] = []
        for judged in self._judge.judged(findings) if self._judge else findings:
            finding = self._known_by_its_cause(self._doubted(judged))
            if finding.standing is Standing.VIOLATION:
                violations.append(finding)
            elif all(finding.fingerprint != other.fingerprint for other in self.tolerated):
                self.tolerated.append(finding)
        return violations

    def pending_violations(self) -> list[Finding]:
        """The findings that fail the item and were not decided on yet."""
        return self.violations(self._pending)

    def _shows_a_switched_off_feature(self, finding: Finding) -> bool:
        """Whether a finding only shows a feature that may be off: of the operation, or of fields of its body."""
        exchange = finding.exchange
        if exchange is None or not self.features.says_off(exchange):
            return False
        if fields := self.features.fields_off(exchange):
            if any(map(self.features.requires_field, fields)):
                return False
            self.note(f"{FIELDS_NOT_ENABLED}{', '.join(fields)} of {finding.operation}")
            return True
        return self._is_switched_off(finding.operation) and finding.check != FEATURE_ENABLED.id

    def _is_switched_off(self, label: str) -> bool:
        has_succeeded = any(status.startswith("2") for status in self.answers.get(label, ()))
        return label in self._features_off and not has_succeeded

    def _doubted(self, finding: Finding) -> Finding:
        """The finding; advisory when it may be the consequence of a request that got lost before."""
        is_about_the_loss = finding.exchange is not None and finding.exchange.response is None
        if not self.lost or is_about_the_loss or finding.violation.check.reproduction is not Reproduction.TEST:
            return finding
        setting = f"{finding.setting}; advisory, because a request of the item got no response".removeprefix("; ")
        return replace(finding, standing=Standing.ADVISORY, setting=setting)

    def _known_by_its_cause(self, finding: Finding) -> Finding:
        """The finding; known when it compares a field in which responses break their schema, and that is known."""
        field = _field(finding.location)
        is_compared = finding.violation.check.reproduction is Reproduction.TEST
        if self._judge is None or not (field and is_compared and finding.standing is Standing.VIOLATION):
            return finding
        own = self.contract.check_response(finding.exchange) if finding.exchange is not None else []
        faults = [*self.tolerated, *self._judge.judged(fault for fault in own if _breaks(fault, field))]
        known = (fault for fault in faults if fault.standing is Standing.KNOWN and _breaks(fault, field))
        if (cause := next(known, None)) is None:
            return finding
        return replace(finding, standing=Standing.KNOWN, setting=cause.setting, issue=cause.issue, owner=cause.owner)

    def expect_nothing_in_passing(self) -> None:
        """Raise ContractViolation for what responses showed besides what they were asked for.

        Secrets and the like; what is not documented, where a setting is strict about it; and a request that got no
        response, and gets none when it is repeated.
        """
        seen, self._seen_in_passing = self._seen_in_passing, []
        self.expect_none([*seen, *self._unanswered()])

    def _unanswered(self) -> list[Finding]:
        """A finding for each operation that gets no response again, while the target answers another one."""
        found: list[Finding] = []
        for operation, exchange in [*self._lost_exchanges.values()]:
            if self._judge is not None and (again := self._judge.unanswered_again(exchange)) is not None:
                found += self.contract.findings(operation, again, [unanswered_violation(again.error)])
        self._lost_exchanges.clear()
        return found

    def note(self, text: str) -> None:
        """Add a note for the reader, such as why an operation did not succeed."""
        if text not in self.notes:
            self.notes.append(text)


def _field(location: str) -> str:
    """A location in an item, whether it is that of a body or that of the item."""
    return _ITEM.sub("", location)


def _breaks(fault: Finding, field: str) -> bool:
    """Whether a response breaks its schema in a field, or shows a value of another type where the field should be."""
    broken = _field(fault.location)
    is_another_type = fault.violation.kind == "type" and f"{field}/".startswith(f"{broken}/")
    return fault.check == RESPONSE_SCHEMA_CONFORMANCE.id and (is_another_type or f"{broken}/".startswith(f"{field}/"))
