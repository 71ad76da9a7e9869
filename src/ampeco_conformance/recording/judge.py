"""Judges findings: reproduces them, applies the strictness settings, compares them with the known issues."""

from collections.abc import Iterable
from dataclasses import replace

from ampeco_conformance.core.checks import Strictness
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Certainty, Finding, FindingIdentity, Standing
from ampeco_conformance.core.item_results import DriftEntry
from ampeco_conformance.drift.log import DriftLog
from ampeco_conformance.specs import Operation
from ampeco_conformance.triage.known_issues import Ledger, today
from ampeco_conformance.triage.reproduce import NotRepeated, Reproducer
from ampeco_conformance.triage.strictness import StrictnessSettings

_STANDINGS = {
    Strictness.STRICT: Standing.VIOLATION,
    Strictness.TOLERANT: Standing.DRIFT,
    Strictness.ADVISORY: Standing.ADVISORY,
}


class Judge:
    """Judges the findings of one run against one target; each fault is reproduced once."""

    def __init__(
        self,
        settings: StrictnessSettings,
        reproducer: Reproducer | NotRepeated,
        ledger: Ledger,
        drift: DriftLog,
        target: str,
    ) -> None:
        self._drift = drift
        self._settings = settings
        self._ledger = ledger
        self._target = target
        self._reproducer = reproducer
        self._reproduced: dict[FindingIdentity, tuple[Certainty, str, Exchange | None]] = {}

    def drift_in(self, operation: Operation, exchange: Exchange) -> list[tuple[DriftEntry, Finding | None]]:
        """What a response has that is not documented and is new; with a finding where that can fail the run."""
        return list(self._drift.news(operation, exchange))

    def unanswered_again(self, exchange: Exchange) -> Exchange | None:
        """The repeated exchange of a request that gets no response again, while the target answers another one."""
        return self._reproducer.unanswered_again(exchange)

    def judged(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings with standing, certainty and setting; without those that a setting turns off.

        Judging again what was judged already changes nothing.
        """
        return [judged for finding in findings if (judged := self._judged(finding)) is not None]

    def _judged(self, finding: Finding) -> Finding | None:
        if finding.setting:
            return finding
        strictness, setting = self._settings.governing(
            finding.check,
            finding.operation,
            finding.api_version,
            finding.location,
            is_growth=finding.violation.is_growth,
        )
        if strictness is Strictness.OFF:
            return None
        certainty, doubt = self._certainty_of(finding)
        if doubt:
            return replace(
                finding,
                standing=Standing.ADVISORY,
                certainty=certainty,
                setting=f"{setting}; advisory, because it was {doubt}",
            )
        judged = replace(finding, standing=_STANDINGS[strictness], certainty=certainty, setting=setting)
        known = self._ledger.find(finding, self._target) if judged.standing is Standing.VIOLATION else None
        if known is None:
            return judged
        if known.expired(today()):
            # An entry that has expired hides nothing any more; the card says so.
            issue = f"{known.ticket}, expired on {known.expires}"
            return replace(judged, setting=f"{setting}; {issue}: {known.reason}", issue=issue, owner=known.owner)
        words = f"known until {known.expires}: {known.reason}"
        setting = f"{setting}; {words}"
        return replace(judged, standing=Standing.KNOWN, setting=setting, issue=known.ticket, owner=known.owner)

    def _certainty_of(self, finding: Finding) -> tuple[Certainty, str]:
        """A finding that could not be reproduced counts, as flaky, once another request shows it too."""
        key = finding.identity
        if key not in self._reproduced:
            self._reproduced[key] = (*self._reproducer.certainty_of(finding), finding.exchange)
        certainty, doubt, first = self._reproduced[key]
        if doubt and finding.exchange is not first:
            certainty, doubt = Certainty.FLAKY, ""
            self._reproduced[key] = (certainty, doubt, first)
        return certainty, doubt
