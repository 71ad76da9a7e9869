"""Objects and lists read as they were written, part by part: `bankDetails.bankCode`, the translations of a name.

Source: the write and read schemas of each resource. A part counts when both schemas have it in the same type. A list of
objects reads with the elements that were written, and no others, in that order; of translations, whose locale tells
them apart, there may be others, in any order. Other lists are sets, to which the server may add.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.checks.resource_fields import (
    Properties,
    comparable_fields,
    is_comparable,
    properties,
    read_name,
    written_and_read,
)
from ampeco_conformance.checks.resources import RESOURCE_KEEPS_FIELDS, kept_violations
from ampeco_conformance.checks.values import same_value
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Check, Severity, Strictness, Violation, declare
from ampeco_conformance.specs import Operation

RESOURCE_KEEPS_LISTS = declare(
    "resource_keeps_lists",
    title="Lists of objects read as written",
    severity=Severity.NORMAL,
    claim="A list of objects reads without elements that were not written, and in the order in which it was written.",
    source="RFC 8259: an array is an ordered sequence; the write and read schemas of the resource",
    aspect="resources",
    on_tenants=Strictness.ADVISORY,
)

#: What tells the elements of a set of translations apart.
_LOCALE = "locale"


def echo_violations(
    contract: ApiContract, written: Properties, read: Properties, sent: Mapping[str, Any], shown: Mapping[str, Any]
) -> Iterator[Violation]:
    """The parts of the objects and lists among the fields of `sent` that differ in `shown`."""
    nested = {name: value for name, value in sent.items() if isinstance(value, dict | list)}
    for part in _Comparison(contract).of_objects(written, read, nested, shown, ""):
        message = f"{part.location[1:].replace('/', '.')} was written as {part.sent!r} and reads {part.shown!r}"
        yield part.check.violation(message, part.location, expected=part.sent, actual=part.shown)


def answer_violations(
    contract: ApiContract, operation: Operation, sent: Mapping[str, Any], answered: Mapping[str, Any]
) -> Iterator[Violation]:
    """The fields of a body, and their parts, that the response to it shows otherwise."""
    fields = [field for field in comparable_fields(contract, operation, operation) if field.read_as in answered]
    written, read = written_and_read(contract, operation, operation)
    yield from kept_violations(fields, sent, answered)
    yield from echo_violations(
        contract, written, {name: known for name, known in read.items() if name in answered}, sent, answered
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """A part that differs."""

    location: str
    sent: Any
    shown: Any
    check: Check = RESOURCE_KEEPS_FIELDS


@dataclass(frozen=True, slots=True)
class _Comparison:
    contract: ApiContract

    def of_objects(
        self, written: Properties, read: Properties, sent: Mapping[str, Any], shown: Mapping[str, Any], location: str
    ) -> Iterator[_Part]:
        for name, value in sent.items():
            read_as = read_name(name, read)
            if value is None or name not in written or read_as not in read:
                continue
            schemas, always_shown = (written[name][0], read[read_as][0]), read[read_as][1]
            if is_comparable(name, *schemas) and (read_as in shown or always_shown):
                yield from self.of_values(*schemas, value, shown.get(read_as), f"{location}/{read_as}")

    def of_values(
        self, written: Mapping[str, Any], read: Mapping[str, Any], sent: Any, shown: Any, location: str
    ) -> Iterator[_Part]:
        if isinstance(sent, dict) and isinstance(shown, dict):
            yield from self.of_objects(self._parts(written, sent), self._parts(read, sent), sent, shown, location)
        elif isinstance(sent, list):
            yield from self._of_lists(written, read, sent, shown if isinstance(shown, list) else [], location)
        elif sent != {} and not same_value(sent, shown, written):
            yield _Part(location, sent, shown)

    def _parts(self, schema: Mapping[str, Any], sent: Mapping[str, Any]) -> Properties:
        """The properties of an object; those that were sent, where it is a map."""
        known = properties(self.contract, schema)
        values = schema.get("additionalProperties")
        if known or not isinstance(values, dict):
            return known
        return dict.fromkeys(sent, (self.contract.schemas.resolve(values, "")[0], True))

    def _of_lists(
        self, written: Mapping[str, Any], read: Mapping[str, Any], sent: list[Any], shown: list[Any], location: str
    ) -> Iterator[_Part]:
        wrote, reads = (self.contract.schemas.resolve(schema.get("items", {}), "")[0] for schema in (written, read))
        # Numbers in a list are ids; only the name says of what.
        is_number = wrote.get("type") in ("integer", "number") and not location.endswith("Ids")
        if is_number or wrote.get("type") != reads.get("type"):
            return
        matching = [
            [n for n, other in enumerate(shown) if not any(self.of_values(wrote, reads, element, other, location))]
            for element in sent
        ]
        lost = [element for element, places in zip(sent, matching, strict=True) if not places]
        yield from (_Part(location, element, shown) for element in lost)
        if not lost and not _is_as_written(sent, shown, matching):
            yield _Part(location, sent, shown, RESOURCE_KEEPS_LISTS)


def _is_as_written(sent: list[Any], shown: list[Any], matching: list[list[int]]) -> bool:
    """Whether a list shows what was sent, where every element has its places in the list, and nothing else."""
    if not all(isinstance(element, dict) for element in sent):
        return True
    locales = [element.get(_LOCALE) for element in sent]
    if all(locales):
        shown_locales = [element.get(_LOCALE) for element in shown if isinstance(element, dict)]
        return all(shown_locales.count(locale) == locales.count(locale) for locale in locales)
    return len(shown) == len(sent) and all(n in places for n, places in enumerate(matching))
