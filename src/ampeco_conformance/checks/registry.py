"""The table of all checks: what each claims, where that is written, how much a violation hurts, how it is proven.

Ids are stable: known issues, strictness rules and histories refer to them. Rules of stories (`wallet-adds`, written
with hyphens) are not listed one by one: what they claim stands in the story's own docstring.
"""

from dataclasses import dataclass
from enum import StrEnum

from ampeco_conformance.core.findings import Severity


class Strictness(StrEnum):
    """What a setting makes of what a check finds."""

    STRICT = "strict"
    """A violation: the run fails."""
    TOLERANT = "tolerant"
    """Drift: listed with the undocumented fields, and a failure under `--strict` only."""
    ADVISORY = "advisory"
    """Shown, never a failure."""
    OFF = "off"
    """Not shown."""


class Reproduction(StrEnum):
    """How a finding of a check is proven before it is shown."""

    ANSWER = "answer"
    """The answer alone breaks the specification: the request is sent again and the new answer judged the same way."""
    STATUS = "status"
    """The status is what is wrong: the request is sent again and the status compared."""
    TEST = "test"
    """It takes several requests to see: the test itself repeats them before it speaks."""
    COMPARISON = "comparison"
    """No request is needed: two documents show it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One rule: `claim` is what the contract says, `source` is where it says so, `aspect` is the test that looks."""

    id: str
    title: str
    severity: Severity
    claim: str
    source: str
    aspect: str
    reproduction: Reproduction = Reproduction.TEST
    strictness: Strictness = Strictness.STRICT


_CHECKS = (
    Check(
        "not_a_server_error",
        "No server error",
        Severity.BLOCKER,
        "No request, valid or not, makes the server fail with a 5xx that is not documented.",
        "the documented responses of the operation",
        "operation",
        Reproduction.ANSWER,
    ),
    Check(
        "status_code_conformance",
        "Only documented statuses",
        Severity.CRITICAL,
        "Every answer has a status that the operation documents.",
        "the documented responses of the operation",
        "operation",
        Reproduction.ANSWER,
    ),
    Check(
        "undocumented_not_found",
        "Undocumented 404",
        Severity.TRIVIAL,
        "What a path names and is not there is answered 404, also where an operation leaves that status out.",
        "the answers that reading, changing and removing share; that an operation leaves 404 out is drift",
        "drift",
        Reproduction.ANSWER,
        Strictness.TOLERANT,
    ),
    Check(
        "content_type_conformance",
        "Only documented content types",
        Severity.CRITICAL,
        "An answer with documented content has one of its media types.",
        "the content of the documented response",
        "operation",
        Reproduction.ANSWER,
    ),
    Check(
        "response_schema_conformance",
        "Bodies as documented",
        Severity.CRITICAL,
        "The body of an answer is valid under the schema documented for its status.",
        "the schema of the documented response",
        "operation",
        Reproduction.ANSWER,
    ),
    Check(
        "negative_data_rejection",
        "Invalid requests are refused",
        Severity.NORMAL,
        "A request that breaks the specification is refused with a documented 400 or 422 (404 for a path).",
        "the parameters and the body of the operation, and its documented refusals",
        "operation",
        Reproduction.STATUS,
    ),
    Check(
        "valid_request_refused",
        "Valid requests are taken",
        Severity.CRITICAL,
        "A documented value of a query parameter, or a body of nothing but names, is not refused as invalid.",
        "the parameters and the body of the operation",
        "acceptance",
        Reproduction.STATUS,
    ),
    Check(
        "filter_matches_only",
        "Filters keep nothing else",
        Severity.CRITICAL,
        "Every item of a filtered listing matches the filter.",
        "the documented filters and the vendor's notes on them",
        "filters",
    ),
    Check(
        "filter_matches_all",
        "Filters keep all that matches",
        Severity.CRITICAL,
        "Every item of the listing that matches a filter is in the filtered listing.",
        "the documented filters and the vendor's notes on them",
        "filters",
    ),
    Check(
        "include_unasked",
        "Parts on demand only",
        Severity.NORMAL,
        "What `include[]` or a `with...` flag asks for is left out of answers that were not asked for it.",
        "the documented include[] and with... parameters",
        "includes",
    ),
    Check(
        "include_ignored",
        "Parts when asked for",
        Severity.CRITICAL,
        "What `include[]` or a `with...` flag asks for is there in some answer, alone and with others.",
        "the documented include[] and with... parameters",
        "includes",
    ),
    Check(
        "views_agree",
        "Versions of a resource agree",
        Severity.NORMAL,
        "What two versions of a resource can both say of an item, they say alike.",
        "the schemas of both reads",
        "views",
    ),
    Check(
        "authentication_required",
        "A valid token is required",
        Severity.BLOCKER,
        "A caller without a valid bearer token gets 401 and nothing else.",
        "the security requirement of the operation and its documented 401",
        "authentication",
        Reproduction.STATUS,
    ),
    Check(
        "unauthenticated_message",
        "A 401 says so",
        Severity.MINOR,
        "A caller without a token is told `Unauthenticated.`",
        "the answer of a tenant to a call without a token",
        "authentication",
        Reproduction.STATUS,
    ),
    Check(
        "unauthenticated_leak",
        "A 401 gives nothing away",
        Severity.BLOCKER,
        "The body of a 401 has no data.",
        "the documented 401 response",
        "authentication",
        Reproduction.STATUS,
    ),
    Check(
        "permission_required",
        "A role bounds what a token may do",
        Severity.BLOCKER,
        "A token that may only read is answered 403 to a write; one of a partner sees no other partner.",
        "the documented 403 of the operation, and that tokens carry a role and may belong to one partner",
        "permissions",
    ),
    Check(
        "unknown_reference",
        "References name what exists",
        Severity.NORMAL,
        "A body that is accepted is refused when one of its ids names nothing that exists.",
        "the id fields of the body, and the documented 422 of the operation",
        "errors",
        Reproduction.STATUS,
    ),
    Check(
        "error_status",
        "Refusals have their status",
        Severity.NORMAL,
        "What does not exist is answered 404, a broken or incomplete body with 400, 415 or 422.",
        "the documented error responses of the operation",
        "errors",
        Reproduction.STATUS,
    ),
    Check(
        "error_names_field",
        "A 422 names the field",
        Severity.MINOR,
        "The `errors` of a 422 name the field that is wrong.",
        "the documented 422 response",
        "errors",
        Reproduction.STATUS,
    ),
    Check(
        "pagination_items",
        "Every item once",
        Severity.NORMAL,
        "A walk gives every item once, in both styles of pagination the same items.",
        "the pagination guide",
        "pagination",
    ),
    Check(
        "pagination_meta",
        "Pages count right",
        Severity.NORMAL,
        "`meta` says the page, its size, its first and last item, the last page and the total.",
        "the pagination guide",
        "pagination",
    ),
    Check(
        "pagination_links",
        "Links lead on",
        Severity.NORMAL,
        "`links` lead to the neighbouring, first and last pages on the same host, and are null where there is none.",
        "the pagination guide",
        "pagination",
    ),
    Check(
        "pagination_per_page",
        "Pages have the size asked for",
        Severity.NORMAL,
        "A page has at most `per_page` items, at most 100 without it, and tells no size above the maximum.",
        "the pagination guide",
        "pagination",
    ),
    Check(
        "child_of_its_parent",
        "Children belong to their parent",
        Severity.CRITICAL,
        "What is listed below a parent is read there, and not below a parent that does not list it.",
        "the path of a child, which names its parent, and the documented 404",
        "children",
    ),
    Check(
        "resource_kept",
        "What is written is there",
        Severity.CRITICAL,
        "An item that was created or changed can be read.",
        "the documented create and read operations",
        "resources",
    ),
    Check(
        "resource_keeps_fields",
        "Fields read as written",
        Severity.CRITICAL,
        "A plain field that is neither readOnly nor writeOnly reads as it was written, and as the write was answered.",
        "the write and read schemas of the resource",
        "resources",
    ),
    Check(
        "resource_keeps_other_fields",
        "Other fields stay",
        Severity.CRITICAL,
        "A change of one field, or of another item, leaves every other field as it was; what is readOnly is not taken.",
        "RFC 5789, the documented PATCH",
        "resources",
    ),
    Check(
        "resource_identity",
        "Ids are kept",
        Severity.CRITICAL,
        "An item is read under its id, keeps it whatever is sent, and no other item ever gets it.",
        "the id of the read schema",
        "resources",
    ),
    Check(
        "resource_listing",
        "What is created is listed",
        Severity.CRITICAL,
        "A created item is in the listing of its collection, and is shown there as it reads, also after changes.",
        "the documented listing",
        "resources",
    ),
    Check(
        "resource_removed",
        "What is removed is gone",
        Severity.CRITICAL,
        "A removed item is not read and not listed any more.",
        "the documented DELETE",
        "resources",
    ),
    Check(
        "resource_update_time",
        "Changes move their time",
        Severity.NORMAL,
        "`lastUpdatedAt` never goes back, and moves when an item is changed.",
        "filter[lastUpdatedAfter], which relies on it",
        "resources",
    ),
    Check(
        "resource_creation_time",
        "Creation happens once",
        Severity.MINOR,
        "`createdAt` stays as it is when an item is changed.",
        "the createdAt of the read schema",
        "resources",
    ),
    Check(
        "answers_in_full",
        "Every request is answered",
        Severity.BLOCKER,
        "A request gets a complete answer.",
        "RFC 9112, section 8",
        "robustness",
    ),
    Check(
        "parallel_reads_agree",
        "Parallel reads agree",
        Severity.CRITICAL,
        "Reads at the same time give what one of them gives alone.",
        "RFC 9110, section 9.2.1: reads are safe",
        "robustness",
    ),
    Check(
        "answers_soon",
        "Answers come soon",
        Severity.MINOR,
        "A plain read is answered within two seconds; advice, the API promises no times.",
        "none: the vendors promise no times",
        "robustness",
        strictness=Strictness.ADVISORY,
    ),
    Check(
        "emulator_answers_at_once",
        "The emulator answers at once",
        Severity.MINOR,
        "The emulator answers a plain read within two seconds.",
        "docs/guide/emulator.md, its measurements",
        "robustness",
    ),
    Check(
        "allow_header",
        "A 405 tells what is allowed",
        Severity.MINOR,
        "A 405 has an Allow header with the methods of the path.",
        "RFC 9110, section 15.5.6",
        "headers",
    ),
    Check(
        "rate_limit_headers",
        "A 429 tells the limit",
        Severity.NORMAL,
        "A 429 tells the limit, what is left of it and when to come back.",
        "the documented headers of 429; Retry-After: the Spirii guide, docs/guide/emulator.md",
        "headers",
    ),
    Check(
        "deprecated_still_answers",
        "Deprecated operations answer",
        Severity.CRITICAL,
        "A deprecated operation works in every version that has it.",
        "the backward compatibility guide",
        "deprecation",
    ),
    Check(
        "deprecation_headers",
        "Deprecation headers make sense",
        Severity.MINOR,
        "Deprecation and Sunset, where they are sent, can be read, and agree.",
        "RFC 9745, RFC 8594",
        "deprecation",
    ),
    Check(
        "backward_compatibility",
        "Clients survive the upgrade",
        Severity.CRITICAL,
        "The version under test keeps what the target's last tested version promised.",
        "the two specifications, compared under the vendor's policy (docs/guide/compatibility.md)",
        "compatibility",
        Reproduction.COMPARISON,
    ),
    Check(
        "undocumented_field",
        "Undocumented response fields",
        Severity.TRIVIAL,
        "The fields of an answer are those of its schema; the vendor may add some, so others are drift.",
        "the schema of the documented response",
        "drift",
        Reproduction.ANSWER,
        Strictness.TOLERANT,
    ),
    Check(
        "undocumented_header",
        "Undocumented response headers",
        Severity.TRIVIAL,
        "The headers of an answer are documented or standard; others are drift.",
        "the headers of the documented response, and the registered HTTP headers",
        "drift",
        Reproduction.ANSWER,
        Strictness.TOLERANT,
    ),
)

CHECKS = {check.id: check for check in _CHECKS}


def check_of(id: str) -> Check:
    """The check of this id; for the rule of a story (`wallet-adds`) one that says where its claim is written."""
    if id in CHECKS:
        return CHECKS[id]
    title = id.replace("-", " ").replace("_", " ").capitalize()
    return Check(
        id, title, Severity.CRITICAL, "A business rule that the story tells.", "the story's docstring", "scenario"
    )
