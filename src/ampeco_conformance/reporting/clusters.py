"""From item results to clusters: findings that share check, place and kind of message are one.

Reports show and count causes, which join the clusters of one fault in several schemas (see causes.py).

A cluster's id holds neither API version nor target nor operation, so the same cause has the same id in every run.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ampeco_conformance.core.checks import Severity
from ampeco_conformance.core.findings import Certainty, Standing
from ampeco_conformance.core.fingerprints import INDEX, digest
from ampeco_conformance.core.item_results import FindingResult, ItemResult
from ampeco_conformance.reporting.tested import OPERATION
from ampeco_conformance.reporting.text import normalised

_WORST_FIRST = tuple(Severity)
#: Stand for a check where a failure is not a finding: a scenario's assertion, an item that could not be judged.
ASSERTION, BROKEN = "assertion", "not_judged"

_EXAMPLES = 5
#: A known issue and a violation of the same kind are two clusters, or the one would hide the other.
_SUFFIXES: dict[Standing, str] = {
    standing: f"-{standing}" for standing in Standing if standing is not Standing.VIOLATION
}


@dataclass(frozen=True, slots=True)
class Example:
    """One operation, or scenario, that shows a cause: what is wrong there, and the commands that show it again."""

    name: str
    message: str
    case: str | None
    rerun: str | None
    replay: str | None


@dataclass(slots=True)
class Cluster:
    """One root cause: what is wrong, and everything it affects.

    `items` are "aspect: operation or scenario" in every version; standing, certainty, setting, issue, owner,
    expected and actual are those of the findings (see findings.py), `case`, `rerun` and `replay` repeat the first of
    them.
    `section` and `first_seen` (seconds since the epoch) come from the history of runs. `kind` is shared by clusters
    that differ only in their place; `parts` are the ids of the clusters that one stands for, and `places` where they
    are, when there are several. `examples` are its first operations.
    """

    id: str
    kind: str
    check: str
    severity: Severity
    message: str
    location: str
    source: str
    operations: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    node_ids: list[str] = field(default_factory=list)
    fingerprints: list[str] = field(default_factory=list)
    rerun: str | None = None
    standing: Standing = Standing.VIOLATION
    certainty: Certainty | None = None
    setting: str = ""
    issue: str | None = None
    owner: str | None = None
    case: str | None = None
    replay: str | None = None
    expected: str | None = None
    actual: str | None = None
    places: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    section: str = "new"
    first_seen: float | None = None

    @property
    def cause(self) -> str:
        """The id without the standing: the same whether the cause is a known issue or not."""
        return self.id.partition("-")[0]

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """Worst first: severity, how many operations and versions, then the id, so that the order is stable."""
        return (_WORST_FIRST.index(self.severity), -len(self.operations), -len(self.versions), self.id)

    def add(self, other: "Cluster") -> None:
        """Add what another item shows of the same cause."""
        self.severity = min(self.severity, other.severity, key=_WORST_FIRST.index)
        for name in LISTS:
            values = getattr(self, name)
            values += [value for value in getattr(other, name) if value and value not in values]
        shown = {example.name for example in self.examples}
        self.examples += [example for example in other.examples if example.name not in shown]
        del self.examples[_EXAMPLES:]

    @property
    def is_counted(self) -> bool:
        """Whether it counts as a cause of this run: a violation, and not an item that could not be judged."""
        return self.standing is Standing.VIOLATION and self.check != BROKEN


LISTS = ("operations", "versions", "items", "node_ids", "fingerprints")


def clusters_of(results: Iterable[ItemResult]) -> list[Cluster]:
    """The clusters of a run, worst first; the order of the results does not matter.

    The plain test of an operation shows a cause best, so it comes first.
    """
    found: dict[str, Cluster] = {}
    for result in sorted(results, key=lambda result: (result.aspect != OPERATION, result.node_id)):
        for cause in _causes(result):
            if cause.id in found:
                found[cause.id].add(cause)
            else:
                found[cause.id] = cause
    return sorted(found.values(), key=lambda cluster: cluster.rank)


def _causes(result: ItemResult) -> Iterator[Cluster]:
    """The causes that one item shows, each as a cluster."""
    for finding in result.findings:
        yield _of_finding(finding, result)
    if not result.findings and result.is_failure:
        yield _of_failure(result)


def _of_finding(finding: FindingResult, result: ItemResult) -> Cluster:
    location, source = finding.location, finding.source
    # A schema that several operations share is one place; elsewhere it is the field's own name.
    place = source if source.startswith("/components/") else leaf_of(location)
    # Results of earlier releases have no kind; their messages tell causes apart.
    kind = finding.kind or normalised(finding.message.replace(location, ""))
    status = str(finding.status or "")
    return _seen_in(
        result,
        Cluster(
            id=cause_id(finding.check, place, kind, status) + _SUFFIXES.get(finding.standing, ""),
            # A fault of a field or header has one cause in whatever statuses; elsewhere the status is what is wrong.
            kind=cause_id(finding.check, finding.cause_kind or kind, "" if location else status),
            check=finding.check,
            severity=finding.severity,
            message=finding.message,
            location=finding.cause_location or location,
            source=source,
            operations=[finding.operation],
            fingerprints=[finding.fingerprint],
            standing=finding.standing,
            certainty=finding.certainty,
            setting=finding.setting,
            issue=finding.issue,
            owner=finding.owner,
            case=finding.case,
            replay=finding.replay,
            expected=finding.expected,
            actual=finding.actual,
        ),
    )


def _of_failure(result: ItemResult) -> Cluster:
    """Items that could not be judged share a cause by their message; each failed scenario is a cause of its own."""
    message = (result.message or "").partition("\n")[0]
    # An assertion of a contract test is the suite's own fault.
    failed = result.status == "failed" and result.layer == "scenario"
    check, scenario = (ASSERTION, result.story or "") if failed else (BROKEN, "")
    return _seen_in(
        result,
        Cluster(
            id=cause_id(check, scenario, normalised(message)),
            kind=cause_id(check, scenario),
            check=check,
            severity=Severity.CRITICAL if failed else Severity.NORMAL,
            message=f"{scenario}: {message}" if scenario else message,
            location="",
            source="",
            operations=[result.operation] if result.operation else [],
        ),
    )


def _seen_in(result: ItemResult, cluster: Cluster) -> Cluster:
    """The cluster, with the item that shows it."""
    cluster.versions += [result.api_version] if result.api_version else []
    cluster.items.append(result.name)
    cluster.node_ids.append(result.node_id)
    cluster.rerun = result.rerun
    name = cluster.operations[0] if cluster.operations else result.story or result.name
    cluster.examples.append(Example(name, cluster.message, cluster.case, result.rerun, cluster.replay))
    return cluster


def leaf_of(location: str) -> str:
    """The last name of a location, without indexes of lists."""
    return INDEX.sub("", location).rpartition("/")[2] or location


def cause_id(*parts: str) -> str:
    """The id of a cause: `c` and 12 hexadecimal digits; earlier releases made the digits of messages, without `c`."""
    return f"c{digest(*parts)}"
