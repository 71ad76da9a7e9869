"""The tokens of partners, what belongs to other partners, and what may be sent to it.

On an emulator any partner can have a token, and everything may be written to. On a tenant one partner has a token that
somebody made (`limited_token`): what it sends writes to nothing but what the run has created for another partner.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.checks.pagination import MAXIMUM_PER_PAGE
from ampeco_conformance.checks.permissions import owner_of
from ampeco_conformance.contract.answers import answer_of
from ampeco_conformance.contract.path_templates import fill, is_parameter, parameters_of
from ampeco_conformance.contract.resource_map import ResourceMap
from ampeco_conformance.core.errors import NotTestable
from ampeco_conformance.emulator_client.control import new_token
from ampeco_conformance.exercise.happy_path import SuccessFinder
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.configuration import LimitedAccess
from ampeco_conformance.target.safety import NotPermitted

PARTNERS = "/public-api/resources/partners/v2.0"
_CHARGE_POINTS = "/public-api/resources/charge-points/v2.0"
#: What is removed can no longer be read, nor changed.
_ORDER = ("GET", "PUT", "PATCH", "POST", "DELETE")


@dataclass(frozen=True, slots=True)
class ForeignItem:
    """An item that belongs to the partner `owner`; `is_expendable` says whether it may be written to."""

    identifier: Any
    owner: Any
    is_expendable: bool


class PartnerTokens:
    """The tokens of partners: of any of them on an emulator, of one on a tenant whose settings name it."""

    def __init__(self, client: ApiClient, limited: LimitedAccess | None) -> None:
        self._client = client
        self._limited = limited
        self._charge_points: dict[Any, Any] = {}
        #: The only partner with a token; None when every partner can have one.
        self.only = None if limited is None else limited.partner

    def known(self) -> list[int]:
        """The partners that can have a token."""
        if self.only is not None:
            return [self.only]
        return [item["id"] for item in answer_of(self._client.send("GET", PARTNERS)).items if "id" in item]

    def owner(self, collection: str, item: Mapping[str, Any]) -> Any:
        """The partner that an item of a collection is, or belongs to, itself or its charge point; None if not known."""
        if collection == PARTNERS:
            return item.get("id")
        point = item.get("chargePointId")
        if (owner := owner_of(item)) is not None or point is None or "userId" in item:
            return owner
        if not self._charge_points:
            listed = answer_of(self._client.send("GET", _CHARGE_POINTS, query={"per_page": MAXIMUM_PER_PAGE}))
            self._charge_points = {shown.get("id"): owner_of(shown) for shown in listed.items}
        if point not in self._charge_points:
            read = answer_of(self._client.send("GET", f"{_CHARGE_POINTS}/{point}"))
            self._charge_points[point] = owner_of(read.item or {})
        return self._charge_points[point]

    def of(self, partner: int) -> tuple[int, str]:
        """A partner, the given one if it can have a token, and its token."""
        if self._limited is not None:
            return self._limited.partner, self._limited.token
        return partner, new_token(self._client, partnerId=partner)

    def any(self) -> tuple[int, str]:
        """A partner that can have a token, and its token. Raises NotTestable when there is no partner."""
        if not (known := self.known()):
            raise NotTestable("there is no partner")
        return self.of(known[0])

    def foreign(
        self, collection: str, own: int, items: Sequence[Mapping[str, Any]], finder: SuccessFinder, pool: IdPool
    ) -> Iterator[ForeignItem]:
        """What a collection has of others than `own`, each once; on a tenant, what is made for it comes first."""
        field = pool.resources.id_field(collection)
        while self.only is not None and (made := self._made(collection, finder, pool)) is not None:
            owner = self.owner(collection, made)
            if owner in (None, own):
                break
            yield ForeignItem(made[field], owner, is_expendable=True)
        for item in items:
            if (owner := self.owner(collection, item)) not in (None, own):
                yield ForeignItem(item.get(field), owner, is_expendable=self.only is None)

    def _made(self, collection: str, finder: SuccessFinder, pool: IdPool) -> Mapping[str, Any] | None:
        """An item that the run creates in a collection; None where that is not permitted, or refused."""
        create = pool.resources.creating(collection)
        try:
            made = finder.attempt(create, {}).exchange if create is not None else None
        except NotPermitted:
            return None
        item = answer_of(made).item if made is not None else None
        return item if item is not None and pool.resources.id_field(collection) in item else None


def for_partner(body: Mapping[str, Any], partner: Any) -> dict[str, Any] | None:
    """A body that names this partner as the owner; None for one that names no owner."""
    named: dict[str, Any] = {name: partner for name in ("partnerId", "ownerPartnerId") if name in body}
    if isinstance(inner := body.get("partner"), dict) and "id" in inner:
        named["partner"] = {**inner, "id": partner}
    return {**body, **named} if named else None


def operations_on(listing: Operation, resources: ResourceMap, operations: Iterable[Operation]) -> list[Operation]:
    """The operations whose path names an item of a listing and nothing else, in the order in which they can be sent."""

    def is_on_it(operation: Operation) -> bool:
        collection, _, last = operation.path.rpartition("/")
        if len(names := parameters_of(operation.path)) != 1 or operation.method not in _ORDER:
            return False
        if not is_parameter(last):
            collection = next((source.collection for source in resources.sources(operation.path, names[0])), "")
        return collection == listing.path

    return sorted(filter(is_on_it, operations), key=lambda operation: _ORDER.index(operation.method))


def reads_below(
    listing: Operation, item: Any, resources: ResourceMap, operations: Iterable[Operation], client: ApiClient
) -> Iterator[tuple[Operation, str]]:
    """The reads of a child of an item of a listing, each with the path of the first child that there is."""
    for operation in operations:
        source, names = resources.listed_by(operation), parameters_of(operation.path)
        if source is None or len(names) != 2 or source.collection.partition("/{")[0] != listing.path:
            continue
        children = answer_of(client.send("GET", fill(source.collection, {names[0]: item}))).items
        if (child := next(filter(None, map(source.identify, children)), None)) is not None:
            yield operation, fill(operation.path, {names[0]: item, names[1]: child})
