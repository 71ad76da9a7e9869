"""Confirms what several requests show, by playing them again.

From its first finding on, nothing that a play meets can turn the item into a skip: what the second play cannot show,
because it is impossible, counts as state-dependent.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import pytest

from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.errors import NotTestable
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Certainty, ContractViolation, Finding
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import NotPermitted


@dataclass(frozen=True, slots=True)
class Discovery:
    """A violation, with the operation that caused it and the exchange that shows it."""

    violation: Violation
    operation: Operation
    exchange: Exchange

    def finding(self, record: Recorder) -> Finding:
        """The discovery as a finding."""
        return record.contract.findings(self.operation, self.exchange, [self.violation])[0]


class PartRefused(Exception):
    """A part of a request was refused that the contract allows, and the request succeeds without it."""

    def __init__(self, discovery: Discovery) -> None:
        self.discovery = discovery
        super().__init__(discovery.violation.message)


Play = Callable[[], Iterable[Finding]]


def confirm(record: Recorder, play: Play, *, replays: int = 1) -> None:
    """Play, and again when something is found. Raises ContractViolation with what is confirmed.

    What the second play does not show is dropped, unless it shows the same check at another place (flaky) or ends
    early (state-dependent). More `replays` follow as long as nothing is confirmed. Raises NotTestable when the first
    play is impossible and has found nothing.
    """
    first, end = _played(record, play)
    found = list(end.findings) if isinstance(end, ContractViolation) else []
    if not first:
        if end is not None:
            raise end
        return
    for _ in range(replays):
        again, end = _played(record, play)
        confirmed = (_confirmed(finding, again, is_whole=end is None) for finding in first)
        found += [finding for finding in confirmed if finding is not None]
        found += end.findings if isinstance(end, ContractViolation) else ()
        if found:
            break
    record.expect_none(found)


def _played(record: Recorder, play: Play) -> tuple[list[Finding], BaseException | None]:
    """The findings of a play, and what ended it early."""
    found: list[Finding] = []
    try:
        for finding in play():
            found.append(finding)  # noqa: PERF402 - what is found before an exception counts
    except PartRefused as refused:
        return [*found, refused.discovery.finding(record)], refused
    except (NotTestable, NotPermitted, ContractViolation, pytest.skip.Exception) as end:
        return found, end
    return found, None


def _confirmed(finding: Finding, second: list[Finding], *, is_whole: bool) -> Finding | None:
    if any(_same_place(finding, other) for other in second):
        return finding
    if not is_whole:
        return replace(finding, certainty=Certainty.STATE_DEPENDENT)
    is_of_kind = any((finding.check, finding.operation) == (other.check, other.operation) for other in second)
    return replace(finding, certainty=Certainty.FLAKY) if is_of_kind else None


def _same_place(one: Finding, other: Finding) -> bool:
    return (one.check, one.operation, one.place) == (other.check, other.operation, other.place)
