"""A write that is refused has no effect: nothing is changed, created or removed by it.

Source: the documented 401 and 422 of the writes; RFC 9110, 15.5: a client error means that the request failed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.checks.resource_fields import Field
from ampeco_conformance.checks.values import same_value
from ampeco_conformance.core.checks import Severity, Violation, declare
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.specs import Operation

REFUSAL_WITHOUT_EFFECT = declare(
    "refusal_without_effect",
    title="A refused write changes nothing",
    severity=Severity.CRITICAL,
    claim="A write that is refused, because it has no token or an invalid body, changes, creates and removes nothing.",
    source="the documented 401 and 422 of the writes; RFC 9110, 15.5",
    aspect="resources",
)
#: The texts of samples have numbers that are used once; a shorter one may be shown of another item by chance.
_TELLING = re.compile(r"(?=.*\d).{6,}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RefusedWrite:
    """A write that was refused, what is wrong with it in words, and the body that was sent; empty for a removal."""

    operation: Operation
    exchange: Exchange
    description: str
    body: Mapping[str, Any]

    @property
    def status(self) -> int:
        """The status of the refusal."""
        return self.exchange.response.status_code if self.exchange.response is not None else 0


def change_violations(
    refused: RefusedWrite, fields: Iterable[Field], before: Mapping[str, Any], shown: Mapping[str, Any] | None
) -> Iterator[Violation]:
    """The effect of a refused change, replacement or removal: what it sent is shown, or the item is gone."""
    if shown is None:
        if refused.operation.method == "DELETE":
            yield _violation(refused, "the item was removed", "", expected="the item", actual="nothing")
        return
    for field in fields:
        value, was, reads = refused.body.get(field.name), before.get(field.read_as), shown.get(field.read_as)
        if value is not None and same_value(value, reads, field.schema) and not same_value(was, reads, field.schema):
            effect = f"{field.read_as} was changed to {reads!r}"
            yield _violation(refused, effect, f"/{field.read_as}", expected=was, actual=reads)


def creation_violations(
    refused: RefusedWrite, fields: Iterable[Field], listed: Iterable[Mapping[str, Any]]
) -> Iterator[Violation]:
    """The effect of a refused creation: an item is listed that has one of its texts, which no other request had."""
    telling = [
        field for field in fields if field.is_plain_text and _TELLING.fullmatch(str(refused.body.get(field.name) or ""))
    ]
    for item in listed:
        for field in telling:
            if same_value(refused.body[field.name], item.get(field.read_as), field.schema):
                effect = f"an item with the {field.read_as} {item[field.read_as]!r} is listed"
                yield _violation(refused, effect, "/data", expected="no such item", actual=item[field.read_as])
                return


def _violation(refused: RefusedWrite, effect: str, place: str, *, expected: Any, actual: Any) -> Violation:
    message = f"a {refused.operation.method} with {refused.description} was refused with {refused.status}, and {effect}"
    return REFUSAL_WITHOUT_EFFECT.violation(message, place, expected=expected, actual=actual)
