"""A token may do what its role allows, and see only what it is limited to (see `checks/permissions.py`).

Source: tokens have a role and may belong to one partner; a call that is not permitted is answered 403. Tokens of
other roles are created on an emulator; on a tenant they are created by hand in the back office, and only a token of a
partner can be given (`limited_token` of tenants.yaml).
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from ampeco_conformance.checks.pagination import MAXIMUM_PER_PAGE
from ampeco_conformance.checks.permissions import (
    effect_violations,
    foreign_access_violations,
    foreign_creation_violations,
    foreign_item_violations,
    may_be_somebodys,
    partner_violations,
    read_violations,
    shows_owners,
    unlisted_violations,
    write_violations,
)
from ampeco_conformance.checks.refused_writes import RefusedWrite, creation_violations
from ampeco_conformance.checks.resource_fields import comparable_fields, shown_properties, shows_list
from ampeco_conformance.contract.answers import answer_of
from ampeco_conformance.contract.path_templates import fill, parameters_of
from ampeco_conformance.contract.requests import filter_names, takes_query
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import NotTestable, TargetError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.rotation import Rotation
from ampeco_conformance.emulator_client.control import new_token
from ampeco_conformance.exercise.confirmation import PartRefused, confirm
from ampeco_conformance.exercise.happy_path import SuccessFinder
from ampeco_conformance.exercise.listing import Listing
from ampeco_conformance.exercise.partner_tokens import (
    PARTNERS,
    ForeignItem,
    PartnerTokens,
    for_partner,
    operations_on,
    reads_below,
)
from ampeco_conformance.exercise.resource_type import ResourceOperations
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import NotPermitted, Safety, SafetyPolicy

_NO_QUERY: Mapping[str, Any] = {}
_NOTHING_FOREIGN = "nothing on the target belongs to one of several partners"


@pytest.fixture(scope="session")
def tokens(client: ApiClient, target_probe: Probe, policy: SafetyPolicy) -> ApiClient:
    """The client of a target that creates tokens of any role."""
    if not target_probe.is_emulator:
        pytest.skip("no token of another role is known on a tenant")
    if policy.safety is not Safety.FULL:
        pytest.skip(f"safety {policy.safety}: no tokens are made")
    return client


@pytest.fixture(scope="session")
def partners(client: ApiClient, target: Target, target_probe: Probe, policy: SafetyPolicy) -> PartnerTokens:
    """The tokens of partners; skipped where there are none."""
    if target.limited is None and not target_probe.is_emulator:
        pytest.skip("no token of a partner is known: limited_token of tenants.yaml names one")
    if target.limited is None and policy.safety is not Safety.FULL:
        pytest.skip(f"safety {policy.safety}: no tokens are made")
    return PartnerTokens(client, target.limited)


@pytest.fixture(scope="session")
def a_partner(partners: PartnerTokens) -> tuple[int, str]:
    """A partner, and its token."""
    return partners.any()


@pytest.fixture(scope="session")
def reader(tokens: ApiClient) -> str:
    """A read-only token."""
    return new_token(tokens, role="read-only")


@pytest.fixture(scope="session")
def outsider(tokens: ApiClient) -> str:
    """A token without permissions."""
    return new_token(tokens, role="no-access")


def reads(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation reads, and documents the response to a caller who may not."""
    return operation.method == "GET" and _refuses(operation, contract)


def writes(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation writes, and documents the response to a caller who may not."""
    return operation.method != "GET" and _refuses(operation, contract)


def _refuses(operation: Operation, contract: ApiContract) -> bool:
    return "403" in operation.definition["responses"] and not contract.specification.is_public(operation)


def lists_what_partners_own(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation lists items that say which partner they belong to."""
    is_listing = operation.method == "GET" and "{" not in operation.path and operation.path != PARTNERS
    return is_listing and shows_owners([*shown_properties(contract, operation)])


def lists_what_may_be_somebodys(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation lists items that name a user or a place but no partner, and that are read by their id."""
    if operation.method != "GET" or "{" in operation.path or _read_of(operation, contract) is None:
        return False
    return may_be_somebodys([*shown_properties(contract, operation)])


def _read_of(listing: Operation, contract: ApiContract) -> Operation | None:
    return ResourceOperations.of(contract, listing, lambda _: True).read


def lists_partners(operation: Operation, _contract: ApiContract) -> bool:
    """Whether the operation is the listing of partners."""
    return operation.method == "GET" and operation.path == PARTNERS


@pytest.mark.operations(selector=writes)
def test_reader_may_not_write(
    operation: Operation,
    reader: str,
    client: ApiClient,
    pool: IdPool,
    success_finder: SuccessFinder,
    record: Recorder,
    rotation: Rotation,
) -> None:
    """A read-only token creates, changes and deletes nothing, and performs no action: no body is accepted from it.

    Whether what is refused is done all the same is looked at in turn.
    """
    looks = rotation.is_due(operation.label)
    confirm(record, lambda: _written_by(reader, operation, client, pool, success_finder, record, looks=looks))


@pytest.mark.operations(selector=reads)
def test_outsider_may_not_read(
    operation: Operation, outsider: str, client: ApiClient, pool: IdPool, record: Recorder
) -> None:
    """A token without permissions reads nothing."""
    path = pool.path(operation) or pool.resources.unused_path(operation)

    def look() -> list[Finding]:
        exchange = _send(client, "GET", path, outsider)
        return record.check(exchange) + record.contract.findings(operation, exchange, read_violations(exchange))

    confirm(record, look)


@pytest.mark.operations(selector=lists_partners)
def test_partner_sees_only_itself(
    operation: Operation,
    partners: PartnerTokens,
    client: ApiClient,
    pool: IdPool,
    success_finder: SuccessFinder,
    record: Recorder,
) -> None:
    """The token of a partner lists that partner, and no other; it reads, changes and removes no other."""
    items = answer_of(client.send("GET", operation.path)).items
    if len(items) < 2 and partners.only is None:
        pytest.skip("there is no other partner that could be seen")
    own, token = partners.of(items[0]["id"] if items else 0)
    others = partners.foreign(operation.path, own, items, success_finder, pool)

    def look() -> Iterator[Finding]:
        foreign = _next(others)
        exchange = _listed_by(token, operation, client)
        seen = {item["id"] for item in answer_of(exchange).items if "id" in item}
        yield from record.contract.findings(operation, exchange, partner_violations(own, seen))
        yield from _accessed(own, token, foreign, operation, client, pool, success_finder, record)

    confirm(record, look)


@pytest.mark.operations(selector=lists_what_partners_own)
def test_partner_sees_only_its_own(
    operation: Operation,
    partners: PartnerTokens,
    client: ApiClient,
    pool: IdPool,
    success_finder: SuccessFinder,
    record: Recorder,
) -> None:
    """The token of a partner lists, reads, changes and removes nothing that belongs to another partner, nor acts on it.

    Nor does it create anything for another one. With the limited token of a tenant, only what the run itself creates
    for another partner is written to.
    """
    path = operation.path
    items = answer_of(client.send("GET", path)).items
    owners = [owner for item in items if (owner := partners.owner(path, item)) is not None]
    own = next((known for known in partners.known() if partners.only == known or set(owners) - {known}), None)
    if own is None:
        pytest.skip(_NOTHING_FOREIGN)
    own, token = partners.of(own)
    # What is removed cannot be removed again: every play is about another item.
    others = partners.foreign(path, own, items, success_finder, pool)

    def look() -> Iterator[Finding]:
        foreign = _next(others)
        for query in _queries_for(foreign.owner, operation, record.contract):
            listed = _listed_by(token, operation, client, query)
            shown = (partners.owner(path, item) for item in answer_of(listed).items)
            yield from record.contract.findings(operation, listed, foreign_item_violations(own, shown))
        create = pool.resources.creating(path) if foreign.is_expendable else None
        body = for_partner(success_finder.object_body(create) or {}, foreign.owner) if create is not None else None
        if create is not None and body is not None:
            with suppress(NotPermitted):
                made = _send(client, "POST", path, token, body)
                pool.learn(create, made)
                violations = foreign_creation_violations(own, partners.owner(path, answer_of(made).item or {}))
                yield from record.contract.findings(create, made, violations)
        yield from _accessed(own, token, foreign, operation, client, pool, success_finder, record)

    confirm(record, look)


@pytest.mark.operations(selector=lists_what_may_be_somebodys)
def test_partner_reads_what_it_lists(
    operation: Operation, a_partner: tuple[int, str], client: ApiClient, pool: IdPool, record: Recorder, seed: int
) -> None:
    """What is missing in the listing for the token of a partner, the token does not read by its id either."""
    reading = _read_of(operation, record.contract)
    assert reading is not None
    field = pool.resources.id_field(operation.path)
    own, token = a_partner
    query = {"per_page": MAXIMUM_PER_PAGE} if takes_query(record.contract, operation, "per_page") else {}

    def look() -> Iterator[Finding]:
        items = answer_of(client.send("GET", operation.path, query=query)).items
        listed = answer_of(_listed_by(token, operation, client, query)).items
        if len(listed) >= MAXIMUM_PER_PAGE:
            raise NotTestable("what the token lists does not fit on one page")
        shown = {str(item.get(field)) for item in listed}
        hidden = [item[field] for item in items if field in item and str(item[field]) not in shown]
        if not hidden:
            raise NotTestable("the token of a partner lists everything")
        path = fill(reading.path, {parameters_of(reading.path)[0]: hidden[seed % len(hidden)]})
        exchange = _send(client, "GET", path, token)
        yield from record.contract.findings(reading, exchange, unlisted_violations(own, exchange))

    confirm(record, look)


def _next(others: Iterator[ForeignItem]) -> ForeignItem:
    """The next item of another partner. Raises NotTestable when there is none."""
    if (foreign := next(others, None)) is None:
        raise NotTestable(_NOTHING_FOREIGN)
    return foreign


def _accessed(
    own: int,
    token: str,
    foreign: ForeignItem,
    listing: Operation,
    client: ApiClient,
    pool: IdPool,
    success_finder: SuccessFinder,
    record: Recorder,
) -> Iterator[Finding]:
    """What shows that the token of a partner reads, changes, acts on or removes what belongs to another one."""
    operations = record.contract.specification.operations
    for operation, path in reads_below(listing, foreign.identifier, pool.resources, operations, client):
        exchange = _send(client, "GET", path, token)
        yield from record.contract.findings(operation, exchange, foreign_access_violations(own, exchange))
    for operation in operations_on(listing, pool.resources, operations):
        is_read = operation.method == "GET"
        if not is_read and not foreign.is_expendable:
            continue
        body = None if is_read else success_finder.object_body(operation, least=True)
        path = fill(operation.path, {parameters_of(operation.path)[0]: foreign.identifier})
        with suppress(NotPermitted):
            exchange = _send(client, operation.method, path, token, body)
            yield from record.contract.findings(operation, exchange, foreign_access_violations(own, exchange))


def _queries_for(other: Any, operation: Operation, contract: ApiContract) -> list[dict[str, Any]]:
    """No query, and one by which a partner could ask for what belongs to another one."""
    if "partnerId" in filter_names(contract, operation):
        return [{}, {"filter[partnerId]": other}]
    return [{}, {"per_page": MAXIMUM_PER_PAGE}] if takes_query(contract, operation, "per_page") else [{}]


def _listed_by(token: str, operation: Operation, client: ApiClient, query: Mapping[str, Any] = _NO_QUERY) -> Exchange:
    """The listing for a token. Raises NotTestable for a token that the target does not accept at all."""
    exchange = _send(client, "GET", operation.path, token, query=query)
    if exchange.response is not None and exchange.response.status_code == 401:
        raise NotTestable("the limited token is not accepted: it is answered 401")
    return exchange


def _written_by(
    token: str,
    operation: Operation,
    client: ApiClient,
    pool: IdPool,
    success_finder: SuccessFinder,
    record: Recorder,
    *,
    looks: bool,
) -> list[Finding]:
    """What shows that a token, which may not, writes; with `looks` also by what a refused write did."""
    path = pool.path(operation)
    if path is None:
        pytest.skip("there is nothing on the target that could be written")
    is_readable = operation.method != "POST" and pool.resources.operation("GET", operation.path) is not None
    before = _send(client, "GET", path, token) if is_readable and looks else None
    for body in success_finder.bodies(operation):
        written = body if isinstance(body, dict | list) else None
        exchange = _send(client, operation.method, path, token, written)
        pool.learn(operation, exchange)
        found = record.check(exchange) + record.contract.findings(operation, exchange, write_violations(exchange))
        if found:
            return found
        if exchange.response is not None and exchange.response.status_code == 403:
            # The role was the reason; another body would be refused too.
            break
    if operation.method == "POST" and isinstance(written, dict) and looks:
        return _created_in_secret(
            RefusedWrite(operation, exchange, "a read-only token", written), path, client, pool, record
        )
    if before is None:
        return []
    after = _send(client, "GET", path, token)
    if after.response is not None and after.response.status_code in (404, 410):
        pool.forget(*path.rpartition("/")[::2])
    return record.contract.findings(operation, after, effect_violations(written, before, after))


def _created_in_secret(
    refused: RefusedWrite, path: str, client: ApiClient, pool: IdPool, record: Recorder
) -> list[Finding]:
    """What shows that a creation, which was refused, was done."""
    listing = pool.resources.operation("GET", refused.operation.path)
    if listing is None or shows_list(record.contract, listing) is False:
        return []
    fields = comparable_fields(record.contract, refused.operation, listing)
    try:
        walked = Listing(listing, path, client, record).whole({})
    except (NotTestable, PartRefused):
        # That is for the tests of the listing to report.
        return []
    items = [item for page in walked.pages for item in page.items if isinstance(item, dict)]
    return record.contract.findings(refused.operation, refused.exchange, creation_violations(refused, fields, items))


def _send(
    client: ApiClient, method: str, path: str, token: str, body: object = None, query: Mapping[str, Any] = _NO_QUERY
) -> Exchange:
    headers = {"Authorization": f"Bearer {token}"}
    exchange = client.send(method, path, query=query, headers=headers, json=body, authenticated=False)
    if exchange.response is None:
        raise TargetError(f"{method} {path}: {exchange.error}")
    return exchange
