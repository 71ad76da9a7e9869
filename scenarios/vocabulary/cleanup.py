"""Deletes what a scenario created when it ends, in reverse order, whatever the outcome."""

from typing import Any

from allure import attach
from allure_commons.types import AttachmentType

from ampeco_conformance.apis import describe
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.specs import Specification
from ampeco_conformance.target.safety import NotPermitted


class Cleanup:
    """Requests to send at the end of a scenario. Their responses are ignored: a resource may be gone already."""

    def __init__(self, client: ApiClient, specification: Specification) -> None:
        self._client = client
        self._prefix = describe(specification.api).path_prefix
        self._known = {(operation.method, operation.path) for operation in specification.operations}
        self._requests: list[tuple[str, str, Any]] = []
        self._settled: set[str] = set()

    def later(self, method: str, path: str, json: Any = None, **ids: int | str) -> None:
        """Remember a request; one the version has no operation for is left out."""
        path = self._prefix + path
        if (method, path) in self._known:
            self._requests.append((method, path.format_map(ids), json))

    def settle(self, path: str, **ids: int | str) -> None:
        """Send no request to a path any more: what it is for has happened."""
        self._settled.add(self._prefix + path.format_map(ids))

    def now(self) -> None:
        """Send what was remembered, last first."""
        while self._requests:
            method, path, json = self._requests.pop()
            if path in self._settled:
                continue
            try:
                self._client.send(method, path, json=json)
            except NotPermitted as refused:
                # What was not permitted to begin with needs no clean-up; the guard still deletes what was created.
                attach(str(refused), f"not cleaned up: {method} {path}", AttachmentType.TEXT)
