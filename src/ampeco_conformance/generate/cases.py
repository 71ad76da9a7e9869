"""Schemathesis' generated cases for an operation, with real ids, sent through the suite's own client."""

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode, Response
from schemathesis.config import GenerationConfig, SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.drivers import CoverageGenerator
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.overrides import Override

from ampeco_conformance.contract.resource_map import UNUSED_ID
from ampeco_conformance.core.exchanges import Exchange, Request
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.specs import Operation, Specification

AnyCase = Case[Any]

# Percent signs are in it because a value may be encoded already.
_UNROUTABLE = re.compile(r"[\x00-\x1f\x7f/\\?#%]")

# Fields that hold any text, best first; names in several languages are a list of translations.
_TAGGED_FIELDS = ("externalId", "name", "title", "label", "translation")

_CONFIGURATION = {
    # Which methods a path does not have is not documented by these APIs; the answer to them is left to the server.
    "phases": {"coverage": {"unexpected-methods": []}},
    "generation": {"with-security-parameters": False},
}


class CaseGenerator:
    """Generates cases for the operations of one specification; the same seed gives the same cases.

    `tag`, where given, is what names in bodies that create something begin with.
    """

    def __init__(self, specification: Specification, pool: IdPool, seed: int, tag: str | None = None) -> None:
        configuration = SchemathesisConfig.from_dict(_CONFIGURATION)
        self._schema = schemathesis.openapi.from_dict(specification.document, config=configuration)
        self._generation: GenerationConfig = self._schema.config.generation_for(phase="coverage")
        self._pool = pool
        self.seed = seed
        self._tag = tag

    def coverage(self, operation: Operation, values: Mapping[str, Any], limit: int) -> Iterator[AnyCase]:
        """Schemathesis' coverage phase: every boundary and every single fault, thinned out evenly to `limit` cases."""
        if not limit:
            return
        generator = CoverageGenerator(
            operation=self._schema[operation.path][operation.method],
            generation_modes=list(GenerationMode),
            generation_config=self._generation,
            auth_storage=None,
            override=Override(),
            feedback=FeedbackSources(),
        )
        cases = [case for case in generator if has_addressable_path(case)]
        step = max(1.0, len(cases) / limit)
        for index in range(min(limit, len(cases))):
            yield self._with_real_ids(cases[int(index * step)], values)

    def fuzz(
        self,
        operation: Operation,
        values: Mapping[str, Any],
        examples: int,
        number: int,
        test: Callable[[AnyCase], None],
    ) -> None:
        """Schemathesis' fuzzing phase: `examples` random cases of each mode; a failing one is shrunk and raised.

        Every round, by its `number`, has other cases.
        """
        target = self._schema[operation.path][operation.method]
        for mode in GenerationMode:
            strategy = (
                target.as_strategy(generation_mode=mode)
                .filter(has_addressable_path)
                .map(lambda case: self._with_real_ids(case, values))
            )

            @seed(f"{self.seed} {operation.label} {mode.value} {number}")
            @settings(
                max_examples=examples,
                phases=[Phase.generate, Phase.shrink],
                database=None,
                deadline=None,
                report_multiple_bugs=False,
                verbosity=Verbosity.quiet,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=strategy)
            def run(case: AnyCase) -> None:
                test(case)

            # Some operations have nothing that could be wrong, or only paths that reach no operation.
            with warnings.catch_warnings(), suppress(Unsatisfiable):
                warnings.simplefilter("ignore")
                run()

    def _with_real_ids(self, case: AnyCase, values: Mapping[str, Any]) -> AnyCase:
        """Put ids that exist where the case is meant to be valid, so that it gets past the look-up of its resource."""
        if not _is_negative_at(case, ParameterLocation.PATH):
            case.path_parameters = {
                name: values.get(name, UNUSED_ID if isinstance(value, int) else value)
                for name, value in case.path_parameters.items()
            }
        return self.with_known_ids(case)

    def with_known_ids(self, case: AnyCase) -> AnyCase:
        """The case, with ids that exist wherever its body refers to something."""
        if isinstance(case.body, dict | list):
            case.body = self._with_known_references(case.body)
            if self._tag is not None and case.method == "POST" and not _is_negative_at(case, ParameterLocation.BODY):
                case.body = _tagged(case.body, self._tag)
        return case

    def _with_known_references(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._with_known_references(item) for item in value]
        if not isinstance(value, dict):
            return value
        known = {
            name: self._pool.field_value(name, {"type": "integer"})
            for name, item in value.items()
            if isinstance(item, int) and not isinstance(item, bool)
        }
        return {
            name: known[name] if known.get(name) is not None else self._with_known_references(item)
            for name, item in value.items()
        }


def send(case: AnyCase, client: ApiClient) -> tuple[Exchange, Response | None]:
    """Send a case; gives the exchange and, when there was an answer, Schemathesis' view of it."""
    prepared = requests.Request(**case.as_transport_kwargs(base_url=client.base_url)).prepare()
    body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
    assert body is None or isinstance(body, bytes)
    headers = tuple((name, str(value)) for name, value in prepared.headers.items() if name.lower() != "content-length")
    exchange = client.forward(Request(str(prepared.method), str(prepared.url), headers, body))
    if exchange.response is None:
        return exchange, None
    received: dict[str, list[str]] = {}
    for name, value in exchange.response.headers:
        received.setdefault(name.lower(), []).append(value)
    return exchange, Response(
        status_code=exchange.response.status_code,
        headers=received,
        content=exchange.response.body,
        request=prepared,
        elapsed=exchange.elapsed,
        verify=True,
        message=exchange.response.reason,
        encoding="utf-8",
    )


def has_addressable_path(case: AnyCase) -> bool:
    """Whether the case's path reaches its operation: a control character, a slash or a dot segment is the router's."""
    return all(not _UNROUTABLE.search(str(value)) and str(value).strip(". ") for value in case.path_parameters.values())


def _tagged(body: Any, tag: str) -> Any:
    """A body whose first name begins with the tag, as long as it was before if it was long enough."""
    if isinstance(body, str):
        return tag + body[len(tag) :]
    if isinstance(body, list):
        return [_tagged(body[0], tag), *body[1:]] if body else body
    if isinstance(body, dict):
        name = next((name for name in _TAGGED_FIELDS if isinstance(body.get(name), str | list)), None)
        return body if name is None else {**body, name: _tagged(body[name], tag)}
    return body


def _is_negative_at(case: AnyCase, location: ParameterLocation) -> bool:
    return case.meta is not None and case.meta.is_negative_at(location)
