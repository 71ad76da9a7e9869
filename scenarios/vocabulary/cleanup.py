"""Deletes what a scenario created when it ends, in reverse order, whatever the outcome."""

from typing import Any

from ampeco_conformance.apis import describe
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.specs import Specification


class Cleanup:
    """Requests to send at the end of a scenario. Their responses are ignored: a resource may be gone already."""

    def __init__(self, client: ApiClient, specification: Specification) -> None:
        self._client = client
        self._prefix = describe(specification.api).path_prefix
        self._known = {(operation.method, operation.path) for operation in specification.operations}
        self._requests: list[tuple[str, str, Any]] = []

    def later(self, method: str, path: str, json: Any = None, **ids: int | str) -> None:
        """Remember a request; one the version has no operation for is left out."""
        path = self._prefix + path
        if (method, path) in self._known:
            self._requests.append((method, path.format_map(ids), json))

    def now(self) -> None:
        """Send what was remembered, last first."""
        while self._requests:
            method, path, json = self._requests.pop()
            self._client.send(method, path, json=json)
