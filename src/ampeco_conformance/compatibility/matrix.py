"""All pairs of versions at once, and the timelines of operations through the versions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.operation_diff import Memory
from ampeco_conformance.compatibility.policy import VendorPolicy
from ampeco_conformance.compatibility.report import compare
from ampeco_conformance.compatibility.rules import ChangeSeverity
from ampeco_conformance.core.counting import counted


@dataclass(frozen=True, slots=True)
class Cell:
    """One pair of versions: the number of groups by severity, and a line for each that is not safe."""

    breaking: int
    maybe: int
    safe: int
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """`cells[i][j]` is the way from version i to version j; `known[i]` says whether the fields of i are known."""

    versions: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    known: tuple[bool, ...]


class OperationState(StrEnum):
    """The state of an operation in one version."""

    ABSENT = "absent"
    PRESENT = "present"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True)
class OperationTimeline:
    """One operation through the versions."""

    operation: str
    states: tuple[OperationState, ...]

    @property
    def eventful(self) -> bool:
        """Whether its state ever changes."""
        return len(set(self.states)) > 1


def compare_all(
    versions: Sequence[str],
    contracts: Sequence[ContractDocument],
    policy: VendorPolicy,
    compared: Callable[[str], object] = lambda _version: None,
) -> Matrix:
    """Compare every pair in both directions; a pair of operations is only compared once, wherever it occurs.

    `compared` is told each version that was compared with all.
    """
    memory: Memory = {}
    cells = []
    for version, old in zip(versions, contracts, strict=True):
        cells.append(tuple(_cell(old, new, policy, memory) for new in contracts))
        compared(version)
    return Matrix(tuple(versions), tuple(cells), tuple(contract.unknown_fields is None for contract in contracts))


def operation_timelines(contracts: Sequence[ContractDocument]) -> list[OperationTimeline]:
    """The timeline of every operation, by path."""
    labels = {key: operation.label for contract in contracts for key, operation in contract.operations.items()}
    lines = [
        OperationTimeline(label, tuple(_state(contract, key) for contract in contracts))
        for key, label in labels.items()
    ]
    return sorted(lines, key=lambda line: line.operation.partition(" ")[::-1])


def _state(contract: ContractDocument, key: tuple[str, str]) -> OperationState:
    operation = contract.operations.get(key)
    if operation is None:
        return OperationState.ABSENT
    return OperationState.DEPRECATED if operation.definition.get("deprecated") else OperationState.PRESENT


def _cell(old: ContractDocument, new: ContractDocument, policy: VendorPolicy, memory: Memory) -> Cell:
    if old is new:
        return Cell(0, 0, 0, ())
    report = compare(old, new, policy, memory=memory)
    counts = report.counts
    messages = tuple(
        f"{group.severity}: {change.operation} {change.location}: {change.message}"
        + (f" (and {counted(len(group.changes) - 1, 'more place')})" if len(group.changes) > 1 else "")
        for group in report.groups
        if group.severity is not ChangeSeverity.SAFE
        for change in (group.first,)
    )
    return Cell(counts[ChangeSeverity.BREAKING], counts[ChangeSeverity.MAYBE], counts[ChangeSeverity.SAFE], messages)
