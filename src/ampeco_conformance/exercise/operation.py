"""Tests one operation: a successful request first, then every boundary and fault, then random data."""

from collections.abc import Iterator
from random import Random

from hypothesis.errors import Flaky
from schemathesis import Response

from ampeco_conformance.contract.path_templates import fill
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.findings import ContractViolation, Finding
from ampeco_conformance.core.item_results import NOT_SUCCEEDED, NOTHING_SEEN
from ampeco_conformance.core.profiles import Effort
from ampeco_conformance.core.rotation import Rotation
from ampeco_conformance.exercise.action_effect import ActionEffects
from ampeco_conformance.exercise.answered_fields import answered_otherwise
from ampeco_conformance.exercise.field_trials import FieldTrials
from ampeco_conformance.exercise.happy_path import SuccessAttempt, SuccessFinder
from ampeco_conformance.exercise.schemathesis_checks import judge
from ampeco_conformance.exercise.steadiness import Steady
from ampeco_conformance.generate.broken_queries import packed_broken_queries
from ampeco_conformance.generate.cases import AnyCase, CaseGenerator, send
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import NotPermitted

#: The status, and the fields that a rejection names: a response unlike all before justifies another round.
Signature = tuple[int, frozenset[str]]

_SHOWN_FINDINGS = 5
_SHRINKING_REQUESTS = 60


class OperationRunner:
    """Tests the operations of one target; one instance per process."""

    def __init__(
        self,
        client: ApiClient,
        pool: IdPool,
        success_finder: SuccessFinder,
        field_trials: FieldTrials,
        action_effects: ActionEffects,
        cases: CaseGenerator,
        rotation: Rotation,
    ) -> None:
        self._client = client
        self._pool = pool
        self._finder = success_finder
        self._trials = field_trials
        self._effects = action_effects
        self._cases = cases
        self._rotation = rotation

    def run(self, operation: Operation, effort: Effort, record: Recorder) -> None:
        """Test an operation. Raises ContractViolation with all findings, TargetError when there is no response."""
        attempt = self._finder.find(operation)
        if attempt.succeeded:
            record.reached.add(operation.label)
            if attempt.is_empty:
                record.note(NOTHING_SEEN)
        else:
            record.expect_feature(operation)
            record.note(f"{NOT_SUCCEEDED[0]}{attempt.reason}")
        findings = _Findings(record.violations([*attempt.findings, *self._sampled(operation, effort, attempt)]))
        findings.add(record.violations(answered_otherwise(operation, attempt, record)))
        seen: set[Signature] = set()
        limit = effort.coverage if "requestBody" in operation.definition else -(-effort.coverage // 4)
        turn = self._rotation.turn(operation.label)
        for case in self._cases.coverage(operation, attempt.path_values, limit, turn):
            findings.add(self._check(operation, case, record, seen))
            if len(findings) >= _SHOWN_FINDINGS:
                break
        if operation.method == "GET" and attempt.succeeded and effort.coverage:
            findings.add(self._answered_wrongly(operation, attempt, record))
        if not findings and self._rotation.is_due(operation.label):
            self._fuzz(operation, effort, attempt.path_values, record, seen)
        findings.raise_if_any()

    def _sampled(self, operation: Operation, effort: Effort, attempt: SuccessAttempt) -> Iterator[Finding]:
        """What is wrong with reads of other items, and with writes of other fields; the seed decides which."""
        if attempt.succeeded and effort.coverage:
            order = Random(f"{self._rotation.seed} {operation.label}")
            yield from self._finder.find_others(operation, attempt.path_values, order)
            yield from self._trials.findings(operation, attempt, order)
            yield from self._effects.findings(operation, attempt, order)

    def _answered_wrongly(self, operation: Operation, attempt: SuccessAttempt, record: Recorder) -> list[Finding]:
        """What is wrong with the responses to queries that are wrong; one without a value is left to other tests."""
        path = fill(operation.path, attempt.path_values)
        queries = packed_broken_queries(record.contract, operation)
        answers = (self._client.send("GET", path, query=query) for query in queries)
        return record.violations([finding for answer in answers for finding in record.check(answer)])

    def _fuzz(
        self,
        operation: Operation,
        effort: Effort,
        values: dict[str, object],
        record: Recorder,
        seen: set[Signature],
    ) -> None:
        """Send random cases while they show something new; shrinking is bounded, as each of its steps is a request."""
        failed: dict[int, ContractViolation] = {}
        sent_after_failure = 0

        @Steady
        def test(case: AnyCase) -> None:
            nonlocal sent_after_failure
            if failed:
                if (known := failed.get(hash(case))) is not None:
                    raise known
                if sent_after_failure >= _SHRINKING_REQUESTS:
                    return
                sent_after_failure += 1
            if findings := self._check(operation, case, record, seen):
                violation = failed[hash(case)] = ContractViolation(findings)
                raise violation

        for number in range(effort.rounds):
            known = len(seen) + len(record.notes)
            try:
                self._cases.fuzz(operation, values, effort.random, number, test)
            except (Flaky, TargetError) as error:
                # The replayed case did not fail: generated names differ each time, or the server is not deterministic.
                raise next(reversed(failed.values()), test.loss or error) from None
            if len(seen) + len(record.notes) == known:
                break

    def _check(self, operation: Operation, case: AnyCase, record: Recorder, seen: set[Signature]) -> list[Finding]:
        try:
            exchange, response = send(case, self._client)
        except NotPermitted:
            # The generated path addresses data that this run did not create.
            return []
        if response is None:
            raise TargetError(f"{operation.label}: {exchange.error}")
        seen.add(_signature(response))
        self._pool.learn(operation, exchange)
        return record.violations(judge(record.contract, operation, case, exchange, response, record.note))


def _signature(response: Response) -> Signature:
    """The status of a response, and the fields that a rejection names."""
    try:
        body = response.json()
    except ValueError:
        body = None
    errors = body.get("errors") if isinstance(body, dict) else None
    return response.status_code, frozenset(map(str, errors)) if isinstance(errors, dict) else frozenset()


class _Findings:
    """Findings without repetitions: one per check, location and source."""

    def __init__(self, findings: list[Finding]) -> None:
        self._by_kind: dict[tuple[str, str, str], Finding] = {}
        self.add(findings)

    def __len__(self) -> int:
        return len(self._by_kind)

    def add(self, findings: list[Finding]) -> None:
        for finding in findings:
            self._by_kind.setdefault((finding.check, finding.location, finding.source), finding)

    def raise_if_any(self) -> None:
        if self._by_kind:
            raise ContractViolation(list(self._by_kind.values())[:_SHOWN_FINDINGS])
