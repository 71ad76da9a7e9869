"""The items of one resource on the target: addresses, requests, reads and listings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ampeco_conformance.checks.refused_writes import RefusedWrite
from ampeco_conformance.contract.answers import answer_of
from ampeco_conformance.contract.path_templates import fill, parameters_of
from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.core.errors import NotTestable, TargetError
from ampeco_conformance.core.exchanges import Exchange, JsonObject
from ampeco_conformance.exercise.listing import Listing
from ampeco_conformance.exercise.resource_type import ResourceOperations
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

_PAGES_READ = 20


@dataclass(slots=True)
class Item:
    """An item of the model: its address, the values it showed last, the values written to it, and what was refused."""

    identifier: Any
    values: Mapping[str, Any]
    shown: Mapping[str, Any] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    refused: list[RefusedWrite] = field(default_factory=list)


class Collection:
    """Sends requests to the items of one resource; every response is checked against the specification."""

    def __init__(self, resource: ResourceOperations, pool: IdPool, client: ApiClient, record: Recorder) -> None:
        self._resource = resource
        self._pool = pool
        self._client = client
        self._record = record
        #: The field that holds the id of an item.
        self.id_field = pool.resources.id_field(resource.create.path) if resource.create is not None else "id"
        self._seen: list[Mapping[str, Any]] = []
        self._is_whole = False
        #: The operation that lists the items, and its last exchange.
        self.last_listing: tuple[Operation, Exchange]

    def send(
        self, operation: Operation, item: Item, body: Any = None, *, checked: bool = True, authenticated: bool = True
    ) -> Exchange:
        """Call an operation on an item or on its collection. Raises TargetError when there is no response."""
        path = fill(operation.path, self.address(operation, item))
        exchange = self._client.send(operation.method, path, json=body, authenticated=authenticated)
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

    def identifier_in(self, exchange: Exchange) -> Any:
        """The id of the item that a response shows; None where it shows none."""
        shown = object_in(exchange)
        return None if shown is None else shown.get(self.id_field)

    def look(self, item: Item) -> tuple[Mapping[str, Any] | None, Exchange]:
        """Read the item from its own address, else from its listing; None when it does not exist."""
        if self._resource.read is not None:
            exchange = self.send(self._resource.read, item)
            return object_in(exchange), exchange
        self.listed(item)
        found = next((listed for listed in self._seen if str(listed.get(self.id_field)) == str(item.identifier)), None)
        if found is None and not self._is_whole:
            raise NotTestable("its listing, the only way to read it, cannot be read whole")
        return found, self.last_listing[1]

    def listed(self, item: Item) -> dict[str, Mapping[str, Any]] | None:
        """All items of the listing that the item belongs to, by id; None when it cannot be read whole.

        Raises PartRefused for a page that is refused.
        """
        if self._resource.listing is None:
            return None
        listing = Listing(
            self._resource.listing, fill(self._resource.listing.path, item.values), self._client, self._record
        )
        has_cursors = takes_query(self._record.contract, self._resource.listing, "cursor")
        self._seen, self._is_whole = [], False
        try:
            walked = listing.whole({"cursor": ""} if has_cursors else {}, most=_PAGES_READ)
        except NotTestable as reason:
            self._record.note(f"not judged by its listing: {reason}")
            return None
        self.last_listing = (self._resource.listing, walked.pages[-1].exchange)
        self._seen = [listed for page in walked.pages for listed in page.items if isinstance(listed, dict)]
        self._is_whole = walked.is_complete
        found = {str(listed[self.id_field]): listed for listed in self._seen if self.id_field in listed}
        return found if self._is_whole and (found or not self._seen) else None

    def filtered(self, item: Item, query: Mapping[str, Any]) -> list[JsonObject] | None:
        """What the listing that the item belongs to returns for a filter; None when it cannot be read whole.

        Raises PartRefused when the filter is refused.
        """
        operation = self._resource.listing
        if operation is None:
            return None
        listing = Listing(operation, fill(operation.path, item.values), self._client, self._record)
        walked = listing.whole(query)
        self.last_listing = (operation, walked.pages[-1].exchange)
        return [found for page in walked.pages for found in page.items] if walked.is_complete else None


def object_in(exchange: Exchange) -> Mapping[str, Any] | None:
    """The object in a successful response; None for any other response."""
    return answer_of(exchange).item


def is_success(exchange: Exchange) -> bool:
    """Whether the target did what was requested."""
    return answer_of(exchange).succeeded
