"""The kinds of things that a specification documents and a run can reach."""

from enum import StrEnum


class CoverageKind(StrEnum):
    """One kind, by its key in verdict.json and in `--min-coverage`."""

    STATUSES = "statuses"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    PARAMETERS_ALONE = "parameters-alone"
    PARAMETERS_TOGETHER = "parameters-together"
    PARAMETER_BOUNDS = "parameter-bounds"
    REQUEST_FIELDS = "request-fields"
    RESPONSE_FIELDS = "response-fields"
    REQUEST_ENUMS = "request-enums"
    RESPONSE_ENUMS = "response-enums"
    FILTER_ENUMS = "filter-enums"
    VALID_KEYWORDS = "valid-keywords"
    INVALID_KEYWORDS = "invalid-keywords"
    FILTERS = "filters"
    CHANGED_FIELDS = "changed-fields"
    BROKEN_REFERENCES = "broken-references"
    CREDENTIALS = "credentials"
    HOSTILE_REQUESTS = "hostile-requests"


#: What counts as reached, for each kind.
MEANINGS = {
    CoverageKind.STATUSES: "documented statuses that were received",
    CoverageKind.FORBIDDEN: "operations that document 403 and answered it",
    CoverageKind.NOT_FOUND: "operations that document 404 and answered it",
    CoverageKind.PARAMETERS_ALONE: "query parameters that succeeded as the only optional one",
    CoverageKind.PARAMETERS_TOGETHER: "query parameters that succeeded together with another optional one",
    CoverageKind.PARAMETER_BOUNDS: "documented bounds of query parameters that succeeded as the value",
    CoverageKind.REQUEST_FIELDS: "fields of bodies in requests that succeeded",
    CoverageKind.RESPONSE_FIELDS: "fields that responses showed",
    CoverageKind.REQUEST_ENUMS: "enum values of bodies and queries in requests that succeeded",
    CoverageKind.RESPONSE_ENUMS: "enum values that responses showed",
    CoverageKind.FILTER_ENUMS: "enum values of filters in requests that succeeded",
    CoverageKind.VALID_KEYWORDS: "keywords of request schemas that a sent value satisfied",
    CoverageKind.INVALID_KEYWORDS: "keywords of request schemas that a sent value violated",
    CoverageKind.FILTERS: "filters whose results were judged",
    CoverageKind.CHANGED_FIELDS: "writable fields that were written with another value, or created with two",
    CoverageKind.BROKEN_REFERENCES: "reference fields of bodies that were sent with an unknown id",
    CoverageKind.CREDENTIALS: "kinds of invalid credentials that were sent",
    CoverageKind.HOSTILE_REQUESTS: "kinds of odd queries and bodies that were sent, and parallel reads",
}
