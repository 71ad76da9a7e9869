"""A token may do what its role allows, and see only what it is limited to.

Source: tokens have a role and may belong to one partner; a call that is not permitted is answered 403.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ampeco_conformance.contract.answers import Meaning, answer_of
from ampeco_conformance.contract.resource_map import items_of
from ampeco_conformance.core.checks import Severity, Strictness, Violation, declare
from ampeco_conformance.core.exchanges import Exchange, Response

PERMISSION_REQUIRED = declare(
    "permission_required",
    title="Tokens are limited to their role",
    severity=Severity.BLOCKER,
    claim="A read-only token is answered 403 to a write, and nothing is done; a partner's token sees its own only; a "
    "token without permissions reads nothing, and a 403 shows no data.",
    source="the documented 403 of the operation, and that tokens have a role and may belong to one partner",
    aspect="permissions",
)
UNLISTED_IS_NOT_READ = declare(
    "unlisted_is_not_read",
    title="What a token does not list, it does not read",
    severity=Severity.CRITICAL,
    claim="An item that is missing in the listing for the token of a partner is not read with it by its id.",
    source="that tokens may belong to one partner; advice on tenants, as nobody publishes whose sessions are",
    aspect="permissions",
    on_tenants=Strictness.ADVISORY,
)
#: Whose an item is that shows one of these may follow from its user, or from where it is.
_OF_SOMEBODY = frozenset({"userId", "chargePointId", "sessionId", "locationId"})


def write_violations(exchange: Exchange) -> Iterator[Violation]:
    """A write of a read-only token that was accepted, or refused as if the token were none."""
    status = exchange.response.status_code if exchange.response is not None else 0
    if 200 <= status < 300 or status == 401:
        message = f"a read-only token was answered {status} instead of 403"
        yield PERMISSION_REQUIRED.violation(message, expected=403, actual=status)
    yield from _data_violations(exchange)


def read_violations(exchange: Exchange) -> Iterator[Violation]:
    """A read of a token without permissions that was not refused as such."""
    status = exchange.response.status_code if exchange.response is not None else 0
    if 200 <= status < 300 or status == 401:
        message = f"a token without permissions was answered {status} instead of 403"
        yield PERMISSION_REQUIRED.violation(message, expected=403, actual=status, kind="read")
    yield from _data_violations(exchange)


def _data_violations(exchange: Exchange) -> Iterator[Violation]:
    """Data in a 403."""
    if exchange.response is not None and exchange.response.status_code == 403 and _has_data(exchange.response):
        yield PERMISSION_REQUIRED.violation(
            "a 403 shows data", "/data", expected="absent", actual="present", kind="data"
        )


def effect_violations(written: Any, before: Exchange, after: Exchange) -> Iterator[Violation]:
    """A write that was refused with 403 and done all the same: reads before and after it show the effect."""
    if before.response is None or after.response is None or before.response.status_code != 200:
        return
    if after.response.status_code in (404, 410):
        message = "a read-only token was refused with 403, and the resource was deleted all the same"
        yield PERMISSION_REQUIRED.violation(message, expected=200, actual=after.response.status_code, kind="effect")
        return
    old, new = _item(before.response), _item(after.response)
    for name, value in written.items() if isinstance(written, dict) else ():
        if name in new and new[name] == value != old.get(name):
            message = f"a read-only token was refused with 403, and {name} was changed all the same"
            yield PERMISSION_REQUIRED.violation(
                message, f"/{name}", expected=old.get(name), actual=value, kind="effect"
            )


def owner_of(item: Mapping[str, Any]) -> Any:
    """The id of the partner that an item belongs to; None when it shows none."""
    partner = item.get("partner")
    inner = partner.get("id") if isinstance(partner, dict) else None
    return next(
        (owner for owner in (item.get("partnerId"), item.get("ownerPartnerId"), inner) if owner is not None), None
    )


def shows_owners(properties: Collection[str]) -> bool:
    """Whether the fields of an item say which partner it belongs to, itself or as a part of a charge point.

    What has a user too may be seen by the partner of that user.
    """
    is_a_part = "chargePointId" in properties and "userId" not in properties
    return is_a_part or not {"partnerId", "ownerPartnerId", "partner"}.isdisjoint(properties)


def may_be_somebodys(properties: Collection[str]) -> bool:
    """Whether the fields of an item name a user or a place, but no owner."""
    return not shows_owners(properties) and not _OF_SOMEBODY.isdisjoint(properties)


def unlisted_violations(own: int, exchange: Exchange) -> Iterator[Violation]:
    """A read, with the token of the partner `own`, of what the listing for it does not have."""
    if answer_of(exchange).meaning is Meaning.VALUE:
        message = f"the token of partner {own} reads what it does not list"
        yield UNLISTED_IS_NOT_READ.violation(message, expected="403 or 404", actual=200)


def foreign_item_violations(own: int, owners: Iterable[Any]) -> Iterator[Violation]:
    """Items of other partners in a listing for the token of the partner `own`; None owns what shows no owner."""
    foreign = sorted({str(owner) for owner in owners if owner not in (None, own)})
    if foreign:
        message = f"the token of partner {own} lists what belongs to {len(foreign)} other partners"
        yield PERMISSION_REQUIRED.violation(message, "/data", expected=own, actual=foreign[:5], kind="foreign items")


def foreign_access_violations(own: int, exchange: Exchange) -> Iterator[Violation]:
    """A request of the token of the partner `own` for what belongs to another one that was accepted.

    A list of what is below it may be answered as empty: that shows nothing of it.
    """
    status = exchange.response.status_code if exchange.response is not None else 0
    is_empty_list = exchange.request.method == "GET" and answer_of(exchange).meaning is Meaning.EMPTY
    if 200 <= status < 300 and not is_empty_list:
        message = f"the token of partner {own} was answered {status} for what belongs to another partner"
        yield PERMISSION_REQUIRED.violation(message, expected="403 or 404", actual=status, kind="foreign access")


def foreign_creation_violations(own: int, owner: Any) -> Iterator[Violation]:
    """Something that the token of the partner `own` has created, which belongs to its `owner`; None is nobody."""
    if owner not in (None, own):
        message = f"the token of partner {own} created what belongs to another partner"
        yield PERMISSION_REQUIRED.violation(message, expected=own, actual=owner, kind="foreign creation")


def _has_data(response: Response) -> bool:
    try:
        body = response.json()
    except ValueError:
        return False
    return isinstance(body, dict) and bool(body.get("data"))


def _item(response: Response) -> Mapping[str, Any]:
    try:
        return next(items_of(response.json()), {})
    except ValueError:
        return {}


def partner_violations(own: int, seen: Iterable[int]) -> Iterator[Violation]:
    """Partners that the token of the partner `own` sees besides it."""
    seen = set(seen)
    if seen - {own}:
        message = f"the token of partner {own} lists {len(seen)} partners"
        yield PERMISSION_REQUIRED.violation(message, expected=403, actual=sorted(seen)[:5])
