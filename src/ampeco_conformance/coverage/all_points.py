"""Everything that an operation documents, and what of it a run can reach."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from ampeco_conformance.checks.authentication import credentials, requires_a_token
from ampeco_conformance.checks.resource_fields import writable_properties
from ampeco_conformance.checks.robustness import PARALLEL_READS, hostile_bodies, hostile_queries, reads, takes_a_body
from ampeco_conformance.contract.filters import filters_of
from ampeco_conformance.contract.resource_map import ResourceMap
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.coverage.operation_points import OperationPoints
from ampeco_conformance.coverage.schema_tree import Point
from ampeco_conformance.coverage.unreachable_keywords import unreachable_keywords
from ampeco_conformance.generate.unknown_references import reference_fields
from ampeco_conformance.specs import Operation

_WRITES = ("POST", "PUT", "PATCH")
_resource_map = cache(ResourceMap)
_A_TOKEN = "token"


@dataclass(frozen=True, slots=True)
class DocumentedPoints:
    """What a run can reach of an operation, and what no request can, with the reasons."""

    reachable: frozenset[Point]
    unreachable: Mapping[Point, str]


def documented_points(contract: ApiContract, operation: Operation) -> DocumentedPoints:
    """Everything that an operation documents."""
    points = frozenset(_all_points(contract, operation))
    unreachable = unreachable_keywords(contract, operation, points)
    return DocumentedPoints(points.difference(unreachable), unreachable)


def _all_points(contract: ApiContract, operation: Operation) -> Iterator[Point]:
    """What exchanges of an operation show, and what its tests state."""
    yield from OperationPoints(contract, operation).points()
    if operation.method == "GET":
        yield from ((CoverageKind.FILTERS, rule.name) for rule in filters_of(contract, operation))
    if operation.method in _WRITES and "/actions/" not in operation.path:
        yield from ((CoverageKind.CHANGED_FIELDS, name) for name in writable_properties(contract, operation))
    if requires_a_token(operation, contract):
        yield from ((CoverageKind.CREDENTIALS, credential.kind) for credential in credentials(_A_TOKEN))
    yield from ((CoverageKind.HOSTILE_REQUESTS, what) for what in _hostile_requests(contract, operation))
    if operation.method != "GET":
        references = reference_fields(contract, _resource_map(contract), operation)
        yield from ((CoverageKind.BROKEN_REFERENCES, name) for name in references)


def _hostile_requests(contract: ApiContract, operation: Operation) -> Iterator[str]:
    if reads(operation, contract):
        yield PARALLEL_READS
        yield from (what for what, _ in hostile_queries(contract, operation))
    if takes_a_body(operation, contract):
        yield from (hostile.description for hostile in hostile_bodies({}))
