"""Defects of validation: invalid requests that are accepted, valid ones that are refused."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from ampeco_emulator.backend.backend import EmulatorResponse
from ampeco_emulator.backend.rules import Override, always, override
from ampeco_emulator.crud.calls import EndpointCall
from ampeco_emulator.crud.resources import refuse_unknown_references
from ampeco_emulator.domain.billing.wallet import refuse_known_email
from ampeco_emulator.faults import corruption
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.http.api import EmulatedApi, Respond, RoutedRequest, noticed_problems, refusal_of, respond
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.validation import Incoming, Problem, read_request, without

#: A field in an item of a list after the first one.
_LATER_ITEM = re.compile(r"(^|\.)[1-9]\d*(\.|$)")

_RefuseInvalid = Callable[[EmulatedApi, Endpoint, Incoming, list[Problem]], EmulatorResponse | None]


def overlooking(is_overlooked: Callable[[Problem], bool]) -> Override:
    """Let requests pass that are invalid in this way."""
    return override(
        noticed_problems,
        lambda decide, api, problems: [problem for problem in decide(api, problems) if not is_overlooked(problem)],
    )


def is_kind(*kinds: str) -> Callable[[Problem], bool]:
    """Whether a problem is of one of these kinds."""
    return lambda problem: problem.kind in kinds


def _is_invalid_body(problem: Problem) -> bool:
    return problem.place == "body" and problem.kind not in ("syntax", "required")


def _broken_body_is_empty(
    refuse: _RefuseInvalid, api: EmulatedApi, endpoint: Endpoint, incoming: Incoming, problems: list[Problem]
) -> EmulatorResponse | None:
    is_item = "{" in endpoint.path and any(problem.field == "body" for problem in problems)
    return None if is_item else refuse(api, endpoint, incoming, problems)


def _accepting_references(is_accepting: Callable[[EndpointCall], bool]) -> Override:
    """Accept the references of some calls, whether they exist or not."""
    return override(refuse_unknown_references, lambda refuse, call: None if is_accepting(call) else refuse(call))


def _without_lists(refuse: Callable[[EndpointCall], None], call: EndpointCall) -> None:
    kept = {name: value for name, value in call.body.items() if not isinstance(value, list)}
    refuse(replace(call, incoming=replace(call.incoming, body=kept)))


def _invalid_in_secret(decide: Respond, api: EmulatedApi, routed: RoutedRequest) -> EmulatorResponse:
    endpoint, request, response = routed.endpoint, routed.request, decide(api, routed)
    if request.method in ("POST", "PATCH") and response.status == 422:
        types = request.headers.get("content-type", "")
        incoming, problems = read_request(endpoint, routed.path_values, [], types, routed.raw)
        # What is left of the body may not do.
        with suppress(Exception):
            api.call(EndpointCall(api.backend, endpoint, without(incoming, problems), str(request.url)))
    return response


def _refuse_body(
    refuse: _RefuseInvalid, api: EmulatedApi, endpoint: Endpoint, incoming: Incoming, problems: list[Problem]
) -> EmulatorResponse | None:
    invented = [Problem("body", "body", "The body is invalid.")]
    return refuse(api, endpoint, incoming, invented if incoming.has_body else problems)


VALIDATION = (
    Defect(
        "invalid-written-in-secret",
        "validation",
        "an invalid body is refused, and its valid part is written all the same",
        override(respond, _invalid_in_secret),
    ),
    Defect(
        "accept-invalid-body",
        "validation",
        "a body that violates its schema is accepted",
        overlooking(_is_invalid_body),
    ),
    Defect("accept-missing-fields", "validation", "required fields may be missing", overlooking(is_kind("required"))),
    Defect(
        "accept-invalid-query",
        "validation",
        "query parameters that violate their schema are accepted",
        overlooking(lambda problem: problem.place == "query"),
    ),
    Defect(
        "accept-broken-json",
        "validation",
        "a body that is not JSON is treated as empty",
        overlooking(is_kind("syntax")),
    ),
    Defect(
        "broken-body-changes-nothing",
        "validation",
        "a body that is not JSON, or not an object, is treated as empty where the path has an id",
        override(refusal_of, _broken_body_is_empty),
    ),
    Defect("refuse-valid-body", "validation", "every body is refused", override(refusal_of, _refuse_body)),
    Defect(
        "accept-unknown-reference",
        "validation",
        "ids of records that do not exist are accepted",
        always(refuse_unknown_references, None),
    ),
    Defect(
        "changes-accept-unknown-reference",
        "validation",
        "a change may refer to records that do not exist",
        _accepting_references(lambda call: call.endpoint.operation.method in ("PATCH", "PUT")),
    ),
    Defect(
        "actions-accept-unknown-reference",
        "validation",
        "an action may refer to records that do not exist",
        _accepting_references(lambda call: "/actions/" in call.endpoint.path),
    ),
    Defect(
        "lists-accept-unknown-reference",
        "validation",
        "a list of ids may have those of records that do not exist",
        override(refuse_unknown_references, _without_lists),
    ),
    Defect(
        "accept-invalid-nested",
        "validation",
        "nested objects that violate their schema are accepted",
        overlooking(lambda problem: problem.place == "body" and "." in problem.field),
    ),
    Defect(
        "later-items-unchecked",
        "validation",
        "only the first item of a list has to fit its schema",
        overlooking(lambda problem: problem.place == "body" and _LATER_ITEM.search(problem.field) is not None),
    ),
    Defect(
        "invalid-action-as-rejected",
        "validation",
        "an invalid body of an action is answered 406, as if the charge point had rejected it",
        corruption.below("/actions/", corruption.status("POST", 422, 406)),
    ),
    Defect(
        "accept-known-email",
        "validation",
        "two users may have the same e-mail address",
        always(refuse_known_email, None),
    ),
    Defect("accept-unknown-words", "validation", "values outside an enum are accepted", overlooking(is_kind("enum"))),
    Defect(
        "accept-out-of-bounds",
        "validation",
        "numbers beyond their bounds are accepted",
        overlooking(is_kind("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")),
    ),
)
