"""The keywords of requests that no request can reach, each with the reason: they are listed, and not counted."""

from collections.abc import Iterator, Set

from ampeco_conformance.contract.requests import body_schema_pointer
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.coverage.schema_tree import Point
from ampeco_conformance.coverage.violability import Violability
from ampeco_conformance.specs import Operation

_VALID, _INVALID = CoverageKind.VALID_KEYWORDS, CoverageKind.INVALID_KEYWORDS
_TEXT = "every text of a URL satisfies it"
_VOID = "it says nothing about values of the documented type"
_LET_PASS = "another variant of the body lets pass whatever violates it"


def unreachable_keywords(contract: ApiContract, operation: Operation, points: Set[Point]) -> dict[Point, str]:
    """The keywords among the points of an operation that cannot be satisfied, or cannot be violated."""
    valid, invalid = ({place for known, place in points if known is kind} for kind in (_VALID, _INVALID))
    found = {(_INVALID, place): _TEXT for place in valid - invalid}
    pointer = body_schema_pointer(contract, operation)
    if pointer is not None:
        body = Violability(contract.schemas, contract.schemas.at(pointer))
        found |= _of_body(body, {place for place in invalid if place.startswith("body")})
    return found


def _of_body(body: Violability, places: Set[str]) -> Iterator[tuple[Point, str]]:
    for place in places:
        inner, _, keyword = place.rpartition(" ")
        if body.is_void(inner, keyword):
            yield (_VALID, place), _VOID
            yield (_INVALID, place), _VOID
        elif not body.is_violable(inner, keyword):
            yield (_INVALID, place), _LET_PASS
