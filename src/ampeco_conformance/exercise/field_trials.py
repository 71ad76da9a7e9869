"""Tries the documented fields of a body that the search for a successful request left out, one at a time.

That search leaves out what a refusal names, so a field that is always refused would never be noticed.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from ampeco_conformance.apis import FieldDependencies
from ampeco_conformance.checks.acceptance import refused_field_violation
from ampeco_conformance.checks.resource_fields import Properties, written_and_read
from ampeco_conformance.contract.answers import Meaning
from ampeco_conformance.contract.requests import invalid_inputs
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.exercise.bound_trials import BoundTrials
from ampeco_conformance.exercise.happy_path import SuccessAttempt, SuccessFinder
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.specs import Operation

_VALUES_TRIED = 3
_FIELDS_TRIED = 8
_REFERENCE = re.compile(r"(?<!external)(?<!externalSession)(Ids?|ID)$")
_MOMENT = re.compile(r"(Time|At|Date)$")


class FieldTrials:
    """Adds fields to a body like one that was accepted."""

    def __init__(
        self, contract: ApiContract, pool: IdPool, finder: SuccessFinder, dependencies: FieldDependencies
    ) -> None:
        self._contract = contract
        self._pool = pool
        self._finder = finder
        self._dependencies = dependencies
        self._bounds = BoundTrials(contract, finder)

    def findings(self, operation: Operation, attempt: SuccessAttempt, order: Random) -> Iterator[Finding]:
        """Optional fields that are refused with every value, while the body without them is accepted, or at a bound.

        Besides, everything that is wrong with the responses. `order` decides which fields come first.
        """
        if not attempt.succeeded or not isinstance(attempt.body, dict):
            return
        yield from self._bounds.findings(operation, attempt, attempt.body)
        properties, _ = written_and_read(self._contract, operation, operation)
        names = [name for name in properties if name not in attempt.body and self._may_be_sent(name, *properties[name])]
        order.shuffle(names)
        for name in names[:_FIELDS_TRIED]:
            refusal, companions = None, self._companions(name, properties)
            values = self._finder.variation.others(name, properties[name][0], None)
            for value in itertools.islice(values, _VALUES_TRIED):
                answer = self._finder.send_like(operation, attempt, {**companions, name: value})
                yield from self._contract.check_response(answer.exchange, operation)
                if answer.meaning is not Meaning.REFUSED:
                    refusal = None
                    break
                if not invalid_inputs(self._contract, operation, answer.exchange):
                    refusal = answer.exchange
            if refusal is not None and self._finder.send_like(operation, attempt, companions).succeeded:
                yield from self._contract.findings(operation, refusal, [refused_field_violation(name, refusal)])

    def _may_be_sent(self, name: str, schema: Mapping[str, Any], is_in_every_variant: bool) -> bool:
        if schema.get("readOnly") or not is_in_every_variant or name in self._dependencies.conditional:
            return False
        if schema.get("type") == "string" and not schema.keys() & {"format", "enum"} and _MOMENT.search(name):
            # A moment in a form that the schema does not tell.
            return False
        items, _ = self._contract.schemas.resolve(schema.get("items", schema), "")
        # An invented id is rightly refused.
        is_reference = _REFERENCE.search(name) is not None or self._pool.resources.sources_of_field(name)
        return not is_reference or self._pool.field_value(name, items) is not None

    def _companions(self, name: str, properties: Properties) -> dict[str, Any]:
        wanted = self._dependencies.companions.get(name, {})
        return {
            other: self._finder.sample(properties[other][0], other) if value is None else value
            for other, value in wanted.items()
            if other in properties
        }
