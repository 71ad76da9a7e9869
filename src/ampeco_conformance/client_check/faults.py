"""The kinds of faults of a client."""

BREAKING = {
    "unknown-operation": "a request to a path that the API does not have",
    "unknown-version": "a request to a version of a resource that the API does not have",
    "unknown-method": "a request to a path by a method that it does not have",
    "missing-prefix": "a request without the prefix of all paths",
    "unfilled-path": "a request with a path parameter that was not filled in",
    "invalid-path": "a path parameter of a wrong type or value",
    "unknown-parameter": "a query parameter that the operation does not have",
    "unknown-filter": "a filter that the listing does not have",
    "invalid-parameter": "a query parameter of a wrong type or value",
    "missing-parameter": "a required query parameter that is not sent",
    "unknown-field": "a field in a body that the operation does not have",
    "invalid-field": "a field in a body of a wrong type or value",
    "missing-field": "a required field that is not sent",
    "missing-body": "a required body that is not sent",
    "unexpected-body": "a body where the operation takes none",
    "invalid-body": "a body that is not JSON",
    "media-type": "a body of a media type that the operation does not take",
    "page-style-ended": "a listing read page by page after the end of that style",
    "unknown-read": "a field that is read of an answer that does not promise it",
}
"""Faults that break the contract."""

UNKNOWN_REQUESTS = ("unknown-operation", "unknown-version", "unknown-method", "missing-prefix")
"""Requests that fit no operation."""

WARNINGS = {
    "deprecated-operation": "a deprecated operation, which still works",
    "page-style-ends": "a listing read page by page before the end of that style",
    "read-only-field": "a field in a body that only answers have",
}
"""What works, but not for long, or has no effect."""

KINDS = {**BREAKING, **WARNINGS}

FaultText = tuple[str, str, str]
"""Kind, subject and message of a fault."""
