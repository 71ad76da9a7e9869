"""Finds the operation that a call addresses, also when parts of its path are not known, or the nearest to it."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher, get_close_matches
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from ampeco_conformance.apis import describe
from ampeco_conformance.client_check.model import HOLE
from ampeco_conformance.contract.path_templates import is_version_segment
from ampeco_conformance.specs import Operation, Specification

_NEAR = 0.8


def is_version(segment: str) -> bool:
    """Whether a segment of a path is a version, such as `v1.0`; that its number is not known does not matter."""
    return is_version_segment(segment.replace(HOLE, "1")) and segment != HOLE


def segments_of(path: str) -> list[str]:
    """The segments of a path, decoded; an empty one at the end does not count."""
    return [unquote(part) for part in path.strip("/").split("/")] if path.strip("/") else []


class Routes:
    """The paths of a specification."""

    def __init__(self, specification: Specification) -> None:
        self.prefix = segments_of(describe(specification.api).path_prefix)
        servers = specification.document.get("servers") or ()
        self.hosts = {host for server in servers if (host := urlsplit(str(server.get("url"))).netloc)}
        self._operations = [(operation, segments_of(operation.path)) for operation in specification.operations]
        self._by_length: dict[int, list[tuple[Operation, list[str]]]] = {}
        #: Those of a length by what they have at the place of `_telling`, where most differ; a parameter is "".
        self._by_part: dict[tuple[int, str], list[tuple[Operation, list[str]]]] = {}
        for operation, parts in self._operations:
            self._by_length.setdefault(len(parts), []).append((operation, parts))
            told = self._telling(parts)
            self._by_part.setdefault((len(parts), "" if _is_parameter(told) else told), []).append((operation, parts))
        self._nearest: dict[tuple[str, str], Operation | None] = {}
        self._first = {parts[len(self.prefix)] for _, parts in self._operations}
        self._resources = {
            parts[index - 1]
            for _, parts in self._operations
            for index in range(1, len(parts))
            if is_version(parts[index]) and parts[index - 1] not in self._first
        }

    def after_prefix(self, parts: Sequence[str]) -> list[str] | None:
        """The segments from the prefix on; None when the prefix is not there."""
        width = len(self.prefix)
        for start in range(len(parts) - width + 1):
            if width and list(parts[start : start + width]) == self.prefix:
                return list(parts[start:])
        return None

    def completed(self, parts: Sequence[str]) -> list[str] | None:
        """The whole path of one that lacks its first segments: the prefix, or that and the kind of resource.

        None when it does not look like a path of the API: without the prefix, it must have a version.
        """
        parts = list(parts)
        if not any(map(is_version, parts)):
            return None
        for start in range(len(parts)):
            if parts[start] in self._first and self._fits_below(parts[start:]):
                return [*self.prefix, *parts[start:]]
        resource = next((start for start in range(len(parts) - 1) if is_version(parts[start + 1])), None)
        return self._below_kind(parts[resource:]) if self.prefix and resource is not None else None

    def _fits_below(self, parts: Sequence[str]) -> bool:
        """Whether a version comes where the API has one."""
        if is_version(parts[0]):
            return len(parts) > 1
        return any(map(is_version, parts[1:3]))

    def _below_kind(self, parts: list[str]) -> list[str] | None:
        """`users/v1.0/...` with what stands before it in the operation that it fits best."""
        if not get_close_matches(parts[0], self._resources, 1, _NEAR):
            return None
        kinds = sorted({op_parts[len(self.prefix)] for _, op_parts in self._operations if len(op_parts) > 3})
        candidates = [[*self.prefix, kind, *parts] for kind in kinds]
        known = [candidate for candidate in candidates if self.matching(candidate)]
        return known[0] if known else max(candidates, key=self._likeness)

    def _likeness(self, parts: Sequence[str]) -> float:
        near = self.nearest(parts)
        return 0.0 if near is None else SequenceMatcher(None, near.path, "/" + "/".join(parts)).ratio()

    def names_resource(self, parts: Sequence[str]) -> bool:
        """Whether a path has a version behind the name of a resource, or behind that of a kind of resource."""
        known = self._resources | self._first
        return any(part in known for part, then in pairwise(parts) if is_version(then))

    def is_beginning(self, parts: Sequence[str]) -> bool:
        """Whether the segments are the beginning of longer paths, as a base address is."""
        return any(len(own) > len(parts) and _fit(parts, own[: len(parts)]) for _, own in self._operations)

    def starts_like_the_api(self, parts: Sequence[str]) -> bool:
        """Whether the first segment is one that paths of the API have after their prefix."""
        return bool(parts) and parts[0] in self._first

    def matching(self, parts: Sequence[str]) -> list[Operation]:
        """The operations of all methods that a path may address; of those that fit, only the most literal ones."""
        found = [
            (_guessed(parts, template), sum(map(_is_parameter, template)), operation)
            for operation, template in self._candidates(parts)
            if _fit(parts, template)
        ]
        if not found:
            return []
        guessed, literal, _ = min(found, key=lambda entry: entry[:2])
        return [op for count, own, op in found if count == guessed and (guessed or own == literal)]

    def _telling(self, parts: Sequence[str]) -> str:
        return parts[min(len(self.prefix) + 1, len(parts) - 1)] if parts else ""

    def _candidates(self, parts: Sequence[str]) -> list[tuple[Operation, list[str]]]:
        """The operations of which one may fit."""
        length, told = len(parts), self._telling(parts)
        if HOLE in told:
            return self._by_length.get(length, [])
        return self._by_part.get((length, told), []) + (self._by_part.get((length, ""), []) if told else [])

    def with_other_version(self, parts: Sequence[str]) -> list[str]:
        """The versions that a path has, if not the one in it."""
        found = set()
        for index, part in enumerate(parts):
            if is_version(part):
                for _, template in self._operations:
                    other = [*parts[:index], template[index], *parts[index + 1 :]] if index < len(template) else []
                    if other and is_version(template[index]) and len(template) == len(parts) and _fit(other, template):
                        found.add(template[index])
        return sorted(found, key=lambda version: [int(number) for number in re.findall(r"\d+", version)])

    def nearest(self, parts: Sequence[str], method: str = "") -> Operation | None:
        """The operation whose path is most like a path that none has."""
        path = "/".join("{}" if HOLE in part or part.isdigit() else part for part in parts)
        if (path, method) not in self._nearest:
            self._nearest[path, method] = self._most_like(path, method)
        return self._nearest[path, method]

    def _most_like(self, path: str, method: str) -> Operation | None:
        def likeness(entry: tuple[Operation, list[str]]) -> tuple[float, bool]:
            operation, template = entry
            plain = "/".join("{}" if _is_parameter(part) else part for part in template)
            matcher = SequenceMatcher(None, plain, path)
            return (matcher.ratio() if matcher.real_quick_ratio() > _NEAR else 0.0, operation.method == method)

        best = max(self._operations, key=likeness, default=None)
        return best[0] if best is not None and likeness(best)[0] > _NEAR else None


def _is_parameter(segment: str) -> bool:
    return segment[:1] == "{" and segment[-1:] == "}"


def _guessed(parts: Sequence[str], template: Sequence[str]) -> int:
    """How many literal segments are not known to be the ones of the path."""
    return sum(HOLE in part and not _is_parameter(own) for part, own in zip(parts, template, strict=True))


def _fit(parts: Sequence[str], template: Sequence[str]) -> bool:
    for part, own in zip(parts, template, strict=True):
        if own != part and not (part and _is_parameter(own)) and not (HOLE in part and _pattern(part).fullmatch(own)):
            return False
    return True


def _pattern(part: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, part.split(HOLE))))
