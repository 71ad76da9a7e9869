"""All pairs of versions at once, and the lives of operations through the versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ampeco_conformance.compatibility.contracts import Contract
from ampeco_conformance.compatibility.operation_diff import Memory
from ampeco_conformance.compatibility.policy import Policy
from ampeco_conformance.compatibility.report import compare
from ampeco_conformance.compatibility.rules import Severity


@dataclass(frozen=True, slots=True)
class Cell:
    """One pair of versions: findings by severity, and those that are not safe in words."""

    breaking: int
    maybe: int
    safe: int
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """`cells[i][j]` is the way from version i to version j."""

    versions: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]


class Life(StrEnum):
    """What an operation is in one version."""

    ABSENT = "absent"
    PRESENT = "present"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True)
class LifeLine:
    """One operation through the versions."""

    operation: str
    lives: tuple[Life, ...]

    @property
    def eventful(self) -> bool:
        """Whether anything ever happened to it."""
        return len(set(self.lives)) > 1


def compare_all(versions: Sequence[str], contracts: Sequence[Contract], policy: Policy) -> Matrix:
    """Compare every pair in both directions; a pair of operations is only compared once, wherever it occurs."""
    memory: Memory = {}
    cells = tuple(tuple(_cell(old, new, policy, memory) for new in contracts) for old in contracts)
    return Matrix(tuple(versions), cells)


def life_lines(contracts: Sequence[Contract]) -> list[LifeLine]:
    """The life of every operation, by path."""
    labels = {key: operation.label for contract in contracts for key, operation in contract.operations.items()}
    lines = [LifeLine(label, tuple(_life(contract, key) for contract in contracts)) for key, label in labels.items()]
    return sorted(lines, key=lambda line: line.operation.partition(" ")[::-1])


def _life(contract: Contract, key: tuple[str, str]) -> Life:
    operation = contract.operations.get(key)
    if operation is None:
        return Life.ABSENT
    return Life.DEPRECATED if operation.definition.get("deprecated") else Life.PRESENT


def _cell(old: Contract, new: Contract, policy: Policy, memory: Memory) -> Cell:
    if old is new:
        return Cell(0, 0, 0, ())
    report = compare(old, new, policy, memory=memory)
    counts = report.counts
    told = tuple(
        f"{finding.severity}: {change.operation} {change.location}: {change.message}"
        + (f" (and {len(finding.changes) - 1} more places)" if len(finding.changes) > 1 else "")
        for finding in report.findings
        if finding.severity is not Severity.SAFE
        for change in (finding.first,)
    )
    return Cell(counts[Severity.BREAKING], counts[Severity.MAYBE], counts[Severity.SAFE], told)
