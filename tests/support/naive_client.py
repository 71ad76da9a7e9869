"""A client that knows only the specification: it takes ids from listings, and makes bodies from schemas."""

import itertools
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx

from ampeco_conformance.specs import Operation, Specification
from ampeco_emulator.backend.resource_types import resource_type_of_field
from ampeco_emulator.openapi.endpoints import Endpoint, Router
from ampeco_emulator.openapi.values import Values

ATTEMPTS = 12
BODYLESS = ("GET", "DELETE")


class NaiveClient:
    """Listings are read again after every change."""

    def __init__(self, client: httpx.Client, specification: Specification) -> None:
        self.client = client
        self.specification = specification
        self._listings: dict[str, list[Any]] = {}
        self._references: dict[str, int | None] = {}
        self.router = Router(specification)
        self.values = Values(self.router.book, lambda: datetime(2026, 6, 1, 13, tzinfo=UTC), self.reference)
        self.collections = {
            endpoint.names[-1]: endpoint.collection
            for endpoint in self.router.endpoints
            if endpoint.ends_in_parameter and endpoint.operation.method == "GET"
        }

    def reference(self, name: str, kind: str) -> Any:
        resource_type = resource_type_of_field(name)
        if resource_type is None or kind not in ("integer", "number"):
            return None
        if self._references.get(resource_type) is None:
            self._references[resource_type] = self._first_id(resource_type)
        return self._references[resource_type]

    def _first_id(self, resource_type: str) -> int | None:
        for endpoint in self.router.listings():
            if f"/{resource_type}/" in endpoint.path and not endpoint.names:
                items = self._listed(endpoint.path)
                return int(items[0]["id"]) if items and "id" in items[0] else None
        return None

    def paths(self, endpoint: Endpoint) -> Iterator[str]:
        """The path with ids filled in, one after the other."""
        yield from self._filled(endpoint.path, endpoint)

    def _filled(self, path: str, endpoint: Endpoint) -> Iterator[str]:
        match = re.search(r"\{([^}]+)\}", path)
        if match is None:
            yield path
            return
        for value in self._values(path, match, endpoint):
            yield from self._filled(path[: match.start()] + str(value) + path[match.end() :], endpoint)

    def _values(self, path: str, match: "re.Match[str]", endpoint: Endpoint) -> Iterator[Any]:
        name, prefix = match.group(1), path[: match.start() - 1]
        parameter = next(item for item in endpoint.parameters if item.name == name)
        schema = self.router.book.deref(parameter.schema)
        if "enum" in schema:
            yield from schema["enum"]
            return
        in_charge_point = "/actions/charge-point/" in path and name in ("evse", "evseNetworkId")
        collection = prefix if "/resources/" in path or "/notifications/" in path else self.collections.get(name, "")
        items = self._listed(collection)
        if in_charge_point:
            yield from ("1", "2")
        elif items:
            for item in items:
                key = item.get("key", item.get("phase", item.get("date", item.get("webhookId"))))
                yield item.get("id", key["name"] if isinstance(key, dict) else key) if isinstance(item, dict) else item
        elif schema.get("format") == "date":
            yield "2026-06-01"
        else:
            yield from range(1, 4)

    def _listed(self, collection: str) -> list[Any]:
        if not collection or "{" in collection:
            return []
        if collection not in self._listings:
            answer = self.client.get(collection, params={"per_page": 100})
            data = answer.json().get("data") if answer.status_code == 200 else None
            self._listings[collection] = data if isinstance(data, list) else []
        return self._listings[collection]

    def bodies(self, endpoint: Endpoint) -> list[Any]:
        if endpoint.body_schema is None:
            return [None]
        return [self.values.make(endpoint.body_schema), self.values.make(endpoint.body_schema, full=True)]

    def corrected(self, endpoint: Endpoint, body: dict[str, Any], errors: Iterable[str]) -> dict[str, Any]:
        """The body with the fields that a refusal misses, and without those that contradict others."""
        assert endpoint.body_schema is not None
        full = _unique(self.values.make(endpoint.body_schema, full=True))
        named = {name.partition(".")[0] for name in errors}
        required = {name for name in named if name in self.values.required(endpoint.body_schema)}
        missing = {name: full[name] for name in named - body.keys() if name in full}
        kept = {name: value for name, value in _unique(body).items() if name not in named}
        return {**kept, **missing, **dict.fromkeys(required)}

    def unreached(self) -> list[str]:
        """Try every operation, removals last; gives those that never succeed."""
        operations = sorted(self.specification.operations, key=lambda operation: ORDER[operation.method])
        return [operation.label for operation in operations if not self.reach(operation)]

    def reach(self, operation: Operation) -> bool:
        """Whether some attempt at the operation succeeds."""
        endpoint = self.router.get(operation.method, operation.path)
        assert endpoint is not None
        bodies = [None] if operation.method in BODYLESS else self.bodies(endpoint)
        for path, body in itertools.islice(itertools.product(self.paths(endpoint), bodies), ATTEMPTS * len(bodies)):
            body = _unique(body)
            answer = self.client.request(operation.method, path, json=body)
            if answer.status_code == 422 and isinstance(body, dict):
                again = self.corrected(endpoint, body, answer.json().get("errors", ()))
                answer = self.client.request(operation.method, path, json=again)
            assert answer.status_code < 500, f"{operation.label}: {answer.text}"
            if operation.method != "GET":
                self._listings.clear()
            if answer.is_success:
                return True
        return False


def _unique(body: Any) -> Any:
    number = next(_NUMBERS)
    known = {"email": f"naive-{number}@example.com", "networkId": str(number)}
    return {**body, **{k: v for k, v in known.items() if k in body}} if isinstance(body, dict) else body


_NUMBERS = itertools.count(100)
# Removals last, so that there is something to read.
ORDER = {"GET": 0, "POST": 1, "PUT": 2, "PATCH": 3, "DELETE": 4}
