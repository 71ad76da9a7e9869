"""Schemathesis' stateful phase: created items are read, changed and removed in random order with random data.

The links are derived here: the id in the response to a creation addresses the collection's item. Schemathesis' own
inference is turned off, because it links operations that merely have field names in common.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.errors import Flaky
from schemathesis import Response
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.stateful import run_state_machine_as_test

from ampeco_conformance.contract.path_templates import parameters_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.exercise.steadiness import Steady
from ampeco_conformance.generate.cases import AnyCase
from ampeco_conformance.generate.documents import generable_document
from ampeco_conformance.specs import Operation
from ampeco_conformance.specs.patterns import is_generable, without_patterns

#: Sends a case of an operation and checks the response.
SendStep = Callable[[Operation, AnyCase], Response]

_STEPS = 6
_CREATED = ("200", "201")
_FOLLOWING = ("GET", "PATCH", "PUT", "DELETE")
_CONFIGURATION = {
    "phases": {"stateful": {"inference": {"algorithms": []}}},
    "generation": {"with-security-parameters": False},
}


def followers(contract: ApiContract, creation: Operation) -> list[Operation]:
    """The operations on one item of the collection that `creation` creates in."""
    if creation.method != "POST" or "/actions/" in creation.path:
        return []
    return [
        operation
        for operation in contract.specification.operations
        if operation.method in _FOLLOWING
        and operation.path.rpartition("/")[0] == creation.path
        and operation.path.endswith("}")
    ]


def run_stateful(
    contract: ApiContract,
    creation: Operation,
    values: Mapping[str, Any],
    sequences: int,
    seed_value: int,
    step: SendStep,
) -> None:
    """Run `sequences` sequences, each beginning with a creation below the parents in `values`."""
    steady = Steady(step)
    operations = {operation.label: operation for operation in (creation, *followers(contract, creation))}
    schema = schemathesis.openapi.from_dict(
        _linked(contract, operations.values()), config=SchemathesisConfig.from_dict(_CONFIGURATION)
    )

    class Sequence(schema.as_state_machine()):  # type: ignore[misc] # a class made at run time
        """Leaves sending and checking to the caller."""

        def call(self, case: AnyCase, **_kwargs: Any) -> Response:
            for name, value in values.items():
                case.path_parameters[name] = value
            return steady(operations[case.operation.label], case)

        def validate_response(self, *_arguments: Any, **_kwargs: Any) -> None:
            """The caller has checked the response."""

    try:
        run_state_machine_as_test(
            seed(f"{seed_value} {creation.label}")(Sequence),
            settings=settings(
                max_examples=sequences,
                stateful_step_count=_STEPS,
                phases=[Phase.generate],
                database=None,
                deadline=None,
                verbosity=Verbosity.quiet,
                suppress_health_check=list(HealthCheck),
            ),
        )
    except Flaky:
        if steady.loss is None:
            raise
        raise steady.loss from None


def _linked(contract: ApiContract, operations: Any) -> dict[str, Any]:
    """The document reduced to these operations, with links from the creation to the others."""
    document = contract.specification.document
    creation, *others = operations
    paths: dict[str, dict[str, Any]] = {}
    for operation in (creation, *others):
        item = document["paths"][operation.path]
        shared = {"parameters": item["parameters"]} if "parameters" in item else {}
        definition = dict(operation.definition)
        if operation is creation:
            definition["responses"] = dict(_with_links(contract, creation, others))
        paths.setdefault(operation.path, shared)[operation.method.lower()] = definition
    return {**generable_document(contract.specification), "paths": without_patterns(paths, is_generable)}


def _with_links(contract: ApiContract, creation: Operation, others: list[Operation]) -> Iterator[tuple[str, Any]]:
    parents = {name: f"$request.path.{name}" for name in parameters_of(creation.path)}
    for status, response in creation.definition["responses"].items():
        resolved, _ = contract.schemas.resolve(response, "")
        if str(status) in _CREATED:
            links = {
                other.operation_id: {
                    "operationId": other.operation_id,
                    "parameters": {**parents, parameters_of(other.path)[-1]: "$response.body#/data/id"},
                }
                for other in others
            }
            resolved = {**resolved, "links": links}
        yield str(status), resolved
