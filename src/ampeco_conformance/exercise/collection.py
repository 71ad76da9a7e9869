"""The items of one resource on the target: addresses, requests, reads and listings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.contract.resource_map import fill, items_of, parameters_of
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.exercise.resource_type import ResourceOperations
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

_PAGES_READ = 20
_PER_PAGE = 100


@dataclass(slots=True)
class Item:
    """An item of the model: its address, the values it showed last, and the values written to it."""

    identifier: Any
    values: Mapping[str, Any]
    shown: Mapping[str, Any] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)


class Collection:
    """Sends requests to the items of one resource; every response is checked against the specification."""

    def __init__(self, resource: ResourceOperations, pool: IdPool, client: ApiClient, record: Recorder) -> None:
        self._resource = resource
        self._pool = pool
        self._client = client
        self._record = record
        self._seen: list[Mapping[str, Any]] = []
        #: The operation that lists the items, and its last exchange.
        self.last_listing: tuple[Operation, Exchange]

    def send(self, operation: Operation, item: Item, body: Any = None, *, checked: bool = True) -> Exchange:
        """Call an operation on an item or on its collection. Raises TargetError when there is no response."""
        path = fill(operation.path, self.address(operation, item))
        exchange = self._client.send(operation.method, path, json=body)
        if exchange.response is None:
            raise TargetError(f"{operation.label}: {exchange.error}")
        if checked:
            self._record.expect_conformance(exchange)
        self._pool.learn(operation, exchange)
        return exchange

    def address(self, operation: Operation, item: Item) -> dict[str, Any]:
        """The path parameters of an operation on an item or on its collection."""
        names = parameters_of(operation.path)
        return {**item.values, names[-1]: item.identifier} if operation.path.endswith("}") else dict(item.values)

    def look(self, item: Item) -> tuple[Mapping[str, Any] | None, Exchange]:
        """Read the item from its own address, else from its listing; None when it does not exist."""
        if self._resource.read is not None:
            exchange = self.send(self._resource.read, item)
            return object_in(exchange), exchange
        self.listed(item)
        found = (listed for listed in self._seen if str(listed.get("id")) == str(item.identifier))
        return next(found, None), self.last_listing[1]

    def listed(self, item: Item) -> dict[str, Mapping[str, Any]] | None:
        """All items of the listing that the item belongs to, by id; None without a listing or beyond its page limit."""
        if self._resource.listing is None:
            return None
        path = fill(self._resource.listing.path, item.values)
        query: dict[str, Any] = {
            name: value
            for name, value in (("cursor", ""), ("per_page", _PER_PAGE))
            if takes_query(self._record.contract, self._resource.listing, name)
        }
        self._seen = []
        for _ in range(_PAGES_READ):
            exchange = self._client.send("GET", path, query=query)
            if exchange.response is None:
                raise TargetError(f"{self._resource.listing.label}: {exchange.error}")
            self._record.expect_conformance(exchange)
            self.last_listing = (self._resource.listing, exchange)
            if not is_success(exchange):
                return None
            body = exchange.response.json()
            self._seen += items_of(body)
            link = (body.get("links") or {}).get("next") if isinstance(body, dict) else None
            if link is None:
                found = {str(listed["id"]): listed for listed in self._seen if "id" in listed}
                return found if found or not self._seen else None
            if not str(link).startswith(f"{self._client.base_url}/"):
                return None
            path, query = link, {}
        return None


def object_in(exchange: Exchange) -> Mapping[str, Any] | None:
    """The object in a successful response; None for any other response."""
    if not is_success(exchange) or exchange.response is None:
        return None
    try:
        return next(items_of(exchange.response.json()), {})
    except ValueError:
        return None


def is_success(exchange: Exchange) -> bool:
    """Whether the response status is 2xx."""
    return exchange.response is not None and 200 <= exchange.response.status_code < 300
