"""A specification as the rest of the project uses it: a resolved document and its operations."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The keys of a path item that are operations (OpenAPI 3.0.3, Path Item Object)."""

UNTAGGED = "untagged"
"""The tag of an operation to which its document gives none."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path; `definition` is the operation object of the document."""

    method: str
    path: str
    operation_id: str
    summary: str
    tag: str
    deprecated: bool
    definition: dict[str, Any]

    @property
    def label(self) -> str:
        """The name of the operation everywhere: `GET /public-api/resources/users/v1.0`."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, eq=False)
class Specification:
    """The resolved OpenAPI document of one version of one API; `digest` is the SHA-256 of its JSON form.

    Local references are kept. The document is shared between all users of the specification: do not change it.
    A process loads a version once, so that what is derived from it can be kept by its identity.
    """

    api: str
    version: str
    document: dict[str, Any]
    digest: str
    operations: tuple[Operation, ...]

    def operation(self, label: str) -> Operation:
        """The operation of this label. Raises KeyError when the version has none."""
        for operation in self.operations:
            if operation.label == label:
                return operation
        raise KeyError(label)

    def is_public(self, operation: Operation) -> bool:
        """Whether a caller needs no credentials (OpenAPI 3.0.3, Security Requirement Object).

        No requirement at all says nothing: the APIs described here want a token then.
        """
        requirements = operation.definition.get("security", self.document.get("security"))
        return isinstance(requirements, list) and (not requirements or {} in requirements)


def read_operations(document: dict[str, Any]) -> Iterator[Operation]:
    """The operations of a document in its own order."""
    for path, item in document.get("paths", {}).items():
        for method in item:
            if method not in METHODS:
                continue
            # OpenAPI 3.1 lets an operation be without responses.
            definition = item[method] if "responses" in item[method] else {**item[method], "responses": {}}
            yield Operation(
                method=method.upper(),
                path=path,
                operation_id=definition.get("operationId", ""),
                summary=definition.get("summary", ""),
                tag=next(iter(definition.get("tags") or ()), "") or UNTAGGED,
                deprecated=definition.get("deprecated", False),
                definition=definition,
            )
