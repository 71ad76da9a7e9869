"""Tries each field of a body at the greatest value, or length, that its schema documents."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ampeco_conformance.checks.acceptance import refused_bound_violation
from ampeco_conformance.checks.resource_fields import Field, writable_properties
from ampeco_conformance.contract.answers import Meaning
from ampeco_conformance.contract.requests import invalid_inputs
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.exercise.happy_path import SuccessAttempt, SuccessFinder
from ampeco_conformance.specs import Operation


class BoundTrials:
    """Sends bodies like one that was accepted, with fields at their bounds: together, or alone if that is refused."""

    def __init__(self, contract: ApiContract, finder: SuccessFinder) -> None:
        self._contract = contract
        self._finder = finder

    def findings(self, operation: Operation, attempt: SuccessAttempt, accepted: Mapping[str, Any]) -> Iterator[Finding]:
        """Fields that are refused at a documented bound, and what is wrong with the responses."""
        bounds = greatest_values(writable_properties(self._contract, operation), accepted)
        if not bounds:
            return
        answer = self._finder.send_like(operation, attempt, {name: value for name, (_, value) in bounds.items()})
        yield from self._contract.check_response(answer.exchange, operation)
        for name, (bound, value) in bounds.items() if answer.meaning is Meaning.REFUSED else ():
            alone = self._finder.send_like(operation, attempt, {name: value})
            is_valid = not invalid_inputs(self._contract, operation, alone.exchange)
            if (
                alone.meaning is Meaning.REFUSED
                and is_valid
                and self._finder.send_like(operation, attempt, {}).succeeded
            ):
                violation = refused_bound_violation(name, bound, alone.exchange)
                yield from self._contract.findings(operation, alone.exchange, [violation])


def greatest_values(schemas: Mapping[str, Mapping[str, Any]], body: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    """The keyword that bounds each field of a body, and the greatest value that it allows.

    Numbers with the bounds of another field are left out: they may have to be less than it, or add up with it. Of
    texts, only those in which anything may be said are made longer.
    """
    shared = Counter(_range(schema) for schema in schemas.values())
    found: dict[str, tuple[str, Any]] = {}
    for name, schema in schemas.items():
        if "maximum" in schema and shared[_range(schema)] == 1 and not schema.get("exclusiveMaximum"):
            found[name] = "maximum", schema["maximum"]
        elif "maxLength" in schema and Field(name, name, schema, always_shown=True).is_plain_text:
            found[name] = "maxLength", (str(body.get(name) or "c") * schema["maxLength"])[: schema["maxLength"]]
    return {name: (bound, value) for name, (bound, value) in found.items() if name in body and body[name] != value}


def _range(schema: Mapping[str, Any]) -> tuple[Any, Any]:
    return schema.get("minimum"), schema.get("maximum")
