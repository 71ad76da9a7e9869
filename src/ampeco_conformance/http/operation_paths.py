"""The paths of requests beside those of their operations."""

from urllib.parse import urlsplit

from ampeco_conformance.specs import Operation


def head(operation: Operation) -> str:
    """The path up to its first parameter."""
    return operation.path.partition("{")[0]


def is_creation(operation: Operation) -> bool:
    """Whether an operation creates, as its method and path tell."""
    return operation.method == "POST" and "/actions/" not in operation.path


def path_below(operation: Operation, url: str) -> str:
    """The path of a request without the prefix that the base URL may have."""
    segments = urlsplit(url).path.rstrip("/").split("/")
    return "/" + "/".join(segments[len(segments) - operation.path.rstrip("/").count("/") :])
