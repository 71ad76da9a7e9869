"""The result of a comparison: changes with their witnesses, grouped by cause."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from ampeco_conformance.compatibility.contracts import ContractDocument, section
from ampeco_conformance.compatibility.rules import RULES, ChangeSeverity, ComparisonRule
from ampeco_conformance.specs.walking import escape_pointer

Json = Any


@dataclass(frozen=True, slots=True)
class Witness:
    """A concrete request or response that `accepted_by` allows and `refused_by` does not.

    `value` has the parts of a request (path, query, headers, cookies, body) or of a response (status, headers, body);
    a body is under its media type. `control` is a request that the refusing contract allows, to be sent beside it.
    """

    kind: str
    operation: str
    value: Json
    accepted_by: str
    refused_by: str
    reason: str
    control: Json = None


@dataclass(frozen=True, slots=True)
class Change:
    """One change at one place of one operation.

    `location` is a path such as `200 body.data[].type`; `cause` the component that it comes from, when it is shared.
    `clause` is the clause of the vendor's policy that it breaks, `variant` the variants of unions that lead there,
    `origin` the schemas around the place in their document, innermost first.
    """

    rule: str
    operation: str
    location: str
    message: str
    severity: ChangeSeverity
    before: Json = None
    after: Json = None
    cause: str = ""
    subject: str = ""
    witness: Witness | None = None
    clause: str = ""
    variant: str = ""
    origin: tuple[ContractDocument, tuple[Json, ...]] | None = field(default=None, repr=False, compare=False)

    @property
    def pointer(self) -> str:
        """The JSON pointer of the schema, or of the operation, in the new document; in the old one when it is gone."""
        contract, schemas = self.origin or (None, ())
        for schema in schemas:
            if contract is not None and (pointer := contract.pointer(schema)):
                is_field = self.subject in section(schema, "properties")
                return f"{pointer}/properties/{escape_pointer(self.subject)}" if is_field else pointer
        method, _, path = self.operation.partition(" ")
        return f"/paths/{escape_pointer(path)}/{method.lower()}" if path.startswith("/") else ""

    @property
    def definition(self) -> ComparisonRule:
        """The rule that found it."""
        return RULES[self.rule]


@dataclass(frozen=True)
class ChangeGroup:
    """All changes of one cause: one rule at one place of one shared schema, in every operation that uses it."""

    changes: tuple[Change, ...]
    names_place: bool = False
    """Whether the headline names the operation and the place, because another group has the same one."""

    @cached_property
    def first(self) -> Change:
        """The representative: the first change of the worst severity."""
        return min(self.changes, key=lambda change: change.severity.rank)

    @property
    def severity(self) -> ChangeSeverity:
        """The worst severity."""
        return self.first.severity

    @property
    def id(self) -> str:
        """Names the finding from run to run: its rule, place and subject."""
        change = self.first
        place = change.cause or f"{change.operation} {change.location}"
        text = "\0".join([change.rule, change.message, place, change.subject, change.variant])
        return hashlib.blake2b(text.encode(), digest_size=5).hexdigest()

    @property
    def headline(self) -> str:
        """The message after the field that it is about, in the shared schema or in the only place."""
        change = self.first
        shared = change.cause.rpartition("/")[2] if change.cause.startswith("#") else ""
        place = shared or change.location.partition("body.")[2] or change.operation
        if change.message.endswith(f": {change.subject}"):
            place = place.removesuffix(f".{change.subject}")
        place = change.operation if place == change.subject else place
        variant = f"({change.variant})" if change.variant and change.variant not in place else ""
        place = " ".join(part for part in (place, variant) if part)
        headline = f"{place}: {change.message}" if place else change.message
        if not self.names_place:
            return headline
        return f"{headline} (in {f'{change.operation} {change.location}'.strip() or 'the document'})"

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations, each once, in order."""
        return tuple(dict.fromkeys(change.operation for change in self.changes))


def group_changes(changes: Iterable[Change]) -> tuple[ChangeGroup, ...]:
    """The changes grouped by cause, worst first, otherwise in their order. Nothing is left out."""
    groups: dict[Any, list[Change]] = {}
    for change in changes:
        key: Any = (change.operation, change.location)
        if change.cause:
            key = (change.cause, change.subject, repr(change.before), repr(change.after))
        groups.setdefault((change.rule, change.message, key), []).append(change)
    found = [ChangeGroup(tuple(members)) for members in groups.values()]
    count = Counter(group.headline for group in found)
    named = (replace(group, names_place=count[group.headline] > 1) for group in found)
    return tuple(sorted(named, key=lambda group: group.severity.rank))
