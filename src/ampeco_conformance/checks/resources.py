"""A resource keeps what was written to it: what its reads, listings and timestamps may be expected to show.

Source: the write and read schemas of each resource (a property both have, that is neither readOnly nor writeOnly, is
the caller's to set); the meaning of PATCH, PUT and DELETE (RFC 9110, RFC 5789); `filter[lastUpdatedAfter]`, which
needs a `lastUpdatedAt` that moves. `resource_fields.py` says which fields are compared.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ampeco_conformance.checks.resource_fields import Field
from ampeco_conformance.checks.values import agree, moment, same_value
from ampeco_conformance.core.checks import Check, Severity, Strictness, Violation, declare
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.moments import utc_moment

RESOURCE_KEPT = declare(
    "resource_kept",
    title="What is written can be read",
    severity=Severity.CRITICAL,
    claim="An item that was created or changed can be read.",
    source="the documented create and read operations",
    aspect="resources",
)
RESOURCE_KEEPS_FIELDS = declare(
    "resource_keeps_fields",
    title="Fields read as written",
    severity=Severity.CRITICAL,
    claim="A plain field that is neither readOnly nor writeOnly reads as it was written, and as the write returned it.",
    source="the write and read schemas of the resource",
    aspect="resources",
)
ANSWERED_AS_READ = declare(
    "answered_as_read",
    title="Writes answer what is stored",
    severity=Severity.NORMAL,
    claim="What the server adds to the response of a write reads the same right after it.",
    source="the schemas of the response to the write and of the read",
    aspect="resources",
    on_tenants=Strictness.ADVISORY,
)
RESOURCE_KEEPS_OTHER_FIELDS = declare(
    "resource_keeps_other_fields",
    title="Other fields stay unchanged",
    severity=Severity.CRITICAL,
    claim="A change of one field, or of another item, leaves every other field unchanged; unwritable ones are ignored.",
    source="RFC 5789, the documented PATCH",
    aspect="resources",
)
RESOURCE_REPLACED = declare(
    "resource_replaced",
    title="A replacement replaces all, and can be repeated",
    severity=Severity.NORMAL,
    claim="A PUT can be repeated; one that is a full replacement sets the fields that it leaves out to their default.",
    source="the vendor's documentation of the PUT, RFC 9110",
    aspect="resources",
)
RESOURCE_IDENTITY = declare(
    "resource_identity",
    title="Ids are stable",
    severity=Severity.CRITICAL,
    claim="An item is read under its id, keeps it whatever is sent, and no other item ever gets it.",
    source="the id of the read schema",
    aspect="resources",
)
RESOURCE_LISTING = declare(
    "resource_listing",
    title="Created items are listed",
    severity=Severity.CRITICAL,
    claim="A created item is in the listing of its collection, with the values of its read, also after changes.",
    source="the documented listing",
    aspect="resources",
)
ACTION_TAKES_EFFECT = declare(
    "action_takes_effect",
    title="An action changes what it sets",
    severity=Severity.CRITICAL,
    claim="A status that an action sets, and accepts, is the status that its resource shows, and no other one.",
    source="a field of the action's body that the read of its resource documents with the same values",
    aspect="operation",
    # Accepted (202): a tenant may do it later.
    on_tenants=Strictness.ADVISORY,
)
RESOURCE_COUNT = declare(
    "resource_count",
    title="One write, one item",
    severity=Severity.CRITICAL,
    claim="A create adds exactly one item to the listing of its collection, a change none, a delete takes one away.",
    source="the documented create, delete and listing",
    aspect="resources",
)
RESOURCE_REMOVED = declare(
    "resource_removed",
    title="Removed items are gone",
    severity=Severity.CRITICAL,
    claim="A removed item is answered 404 or 410 when it is read, is no longer listed, and cannot be written.",
    source="the documented DELETE",
    aspect="resources",
)
RESOURCE_UPDATE_TIME = declare(
    "resource_update_time",
    title="Changes update lastUpdatedAt",
    severity=Severity.NORMAL,
    claim="`lastUpdatedAt` never goes back, moves when an item is changed, and is then the present time.",
    source="filter[lastUpdatedAfter], which relies on it",
    aspect="resources",
)
RESOURCE_CREATION_TIME = declare(
    "resource_creation_time",
    title="createdAt never changes",
    severity=Severity.MINOR,
    claim="`createdAt` stays the same when an item is changed.",
    source="the createdAt of the read schema",
    aspect="resources",
)
_UPDATE_TIMES = ("lastUpdatedAt", "updatedAt")
_TIMES = (*_UPDATE_TIMES, "createdAt")
#: How far the clocks of the suite and of the target, or a response and the read after it, may be apart.
_TOLERANCE = timedelta(hours=1)


def clearing_violations(cleared: Field, before: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[Violation]:
    """A field that was set to null, or to an empty list, and still reads as before.

    Another value may be what the server has for none.
    """
    was, reads = before.get(cleared.read_as), shown.get(cleared.read_as)
    if was and same_value(was, reads, cleared.schema):
        nothing = "an empty list" if isinstance(was, list) else "null"
        message = f"{cleared.name} was written as {nothing} and still reads {reads!r}"
        yield RESOURCE_KEEPS_FIELDS.violation(message, f"/{cleared.read_as}", actual=reads, kind="cleared")


def left_out_violations(
    fields: list[Field], before: Mapping[str, Any], shown: Mapping[str, Any]
) -> Iterator[Violation]:
    """Fields that a replacement left out and that read as before; a reference may be found again by the server."""
    for field in fields:
        was, reads = before.get(field.read_as), shown.get(field.read_as)
        if not was or was == field.schema.get("default") or not same_value(was, reads):
            continue
        if not field.name.endswith("Id") or field.name == "externalId":
            message = f"{field.name} was left out of a replacement and still reads {reads!r}"
            yield RESOURCE_REPLACED.violation(message, f"/{field.read_as}", expected="its default", actual=reads)


def leftover_violations(sent: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[Violation]:
    """Lists that read with more elements than the replacement that wrote them had."""
    for name, value in sent.items():
        reads = shown.get(name)
        if isinstance(value, list) and isinstance(reads, list) and len(reads) > len(value):
            message = f"{name} was replaced by {len(value)} elements and reads with {len(reads)}"
            yield RESOURCE_REPLACED.violation(
                message, f"/{name}", expected=len(value), actual=len(reads), kind="leftover"
            )


def unrepeated_violation(identifier: Any, exchange: Exchange) -> Violation:
    """A replacement that is refused when it is sent once more."""
    status = exchange.response.status_code if exchange.response else exchange.error
    message = f"the replacement of item {identifier} was accepted, and answered {status} when it was sent again"
    return RESOURCE_REPLACED.violation(message, "body", expected="a status below 300", actual=status, kind="again")


def kept_violations(fields: list[Field], sent: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[Violation]:
    """Fields that do not read as they were written."""
    for field in fields:
        value = sent.get(field.name)
        if value is None or (field.read_as not in shown and not field.always_shown):
            continue
        read = shown.get(field.read_as)
        if not same_value(value, read, field.schema):
            outcome = "is not shown" if field.read_as not in shown else f"reads {read!r}"
            message = f"{field.name} was written as {value!r} and {outcome}"
            yield RESOURCE_KEEPS_FIELDS.violation(message, f"/{field.read_as}", expected=value, actual=read)


def answered_violations(
    fields: list[Field], answered: Mapping[str, Any], shown: Mapping[str, Any]
) -> Iterator[Violation]:
    """Fields that differ between the response to a write and the read."""
    return _differing(RESOURCE_KEEPS_FIELDS, fields, answered, shown, "the response to the write", "answered")


def added_violations(
    names: Iterable[str], answered: Mapping[str, Any], shown: Mapping[str, Any]
) -> Iterator[Violation]:
    """Properties that differ between the response to a write and the read; a null may be filled in later."""
    for name in names:
        value = answered.get(name)
        if name in _TIMES or value is None or name not in shown or agree(value, shown[name]):
            continue
        message = f"{name} is {value!r} in the response to the write and reads {shown[name]!r}"
        yield ANSWERED_AS_READ.violation(message, f"/{name}", expected=shown[name], actual=value)


def listed_violations(fields: list[Field], listed: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[Violation]:
    """Fields that differ between the listing and the read."""
    return _differing(RESOURCE_LISTING, fields, listed, shown, "the listing", "listed")


def nested_violations(names: Iterable[str], listed: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[Violation]:
    """Objects and lists that differ between the listing and the read, in a part that both show."""
    for name in names:
        values = listed.get(name), shown.get(name)
        if None not in values and not agree(*values):
            message = f"{name} is {values[0]!r} in the listing and reads {values[1]!r}"
            yield RESOURCE_LISTING.violation(message, f"/{name}", expected=values[1], actual=values[0], kind="listed")


def _differing(
    check: Check, fields: list[Field], other: Mapping[str, Any], shown: Mapping[str, Any], name: str, kind: str
) -> Iterator[Violation]:
    """Fields that differ in another response, called `name`; what either leaves out is not judged."""
    for field in fields:
        if field.read_as not in other or field.read_as not in shown:
            continue
        value, reads = other[field.read_as], shown[field.read_as]
        if not same_value(reads, value, field.schema):
            message = f"{field.read_as} is {value!r} in {name} and reads {reads!r}"
            yield check.violation(message, f"/{field.read_as}", expected=reads, actual=value, kind=kind)


def untouched_violations(
    fields: list[Field], before: Mapping[str, Any], after: Mapping[str, Any], changed: str | None
) -> Iterator[Violation]:
    """Fields that differ although they were not changed; `changed` is the name of the one that was.

    A null is a value: what was empty stays empty. What a read leaves out is not judged.
    """
    for field in fields:
        if field.name == changed or field.read_as not in before:
            continue
        was, reads = before[field.read_as], after.get(field.read_as)
        if not same_value(was, reads, field.schema):
            kind, cause = ("field", f"a change of {changed}") if changed else ("item", "a write to another item")
            message = f"{field.read_as} was {was!r} and reads {reads!r} after {cause}"
            yield RESOURCE_KEEPS_OTHER_FIELDS.violation(
                message, f"/{field.read_as}", expected=was, actual=reads, kind=kind
            )


def read_only_violations(
    overrides: Mapping[str, Any],
    before: Mapping[str, Any],
    shown: Mapping[str, Any],
    undocumented: Container[str] = (),
) -> Iterator[Violation]:
    """Fields that only the server sets and that read as the caller sent them.

    Those that are only not documented for the write may be written in a newer version.
    """
    for name, value in overrides.items():
        was, reads = before.get(name), shown.get(name)
        if same_value(value, reads) and not same_value(value, was):
            message = f"{name} cannot be written here, was {was!r} and reads {reads!r} as it was sent"
            yield RESOURCE_KEEPS_OTHER_FIELDS.violation(
                message, f"/{name}", expected=was, actual=reads, kind="readOnly", is_growth=name in undocumented
            )


def identity_violations(
    identifier: Any, shown: Mapping[str, Any], shown_names: Mapping[str, Any], name: str
) -> Iterator[Violation]:
    """A read that has another id than the requested one, or none although reads of this resource have one.

    `name` is the field that holds the id.
    """
    reads = shown.get(name)
    # The same id is a text in one version and a number in another; 7.0 is 7.
    if name not in shown_names or str(reads) == str(identifier) or same_value(identifier, reads):
        return
    fault = f"has the {name} {reads!r}" if name in shown else f"has no {name}"
    message = f"the read of item {identifier} {fault}"
    yield RESOURCE_IDENTITY.violation(message, f"/{name}", expected=identifier, actual=reads)


def reused_id_violation(identifier: Any) -> Violation:
    """The violation of a new item that got an id in use, or used before."""
    message = f"the new item got the id {identifier}, which another item has or had"
    return RESOURCE_IDENTITY.violation(message, "/id", expected="an unused id", actual=identifier, kind="reused")


def unlisted_violation(identifier: Any, *, is_new: bool) -> Violation:
    """The violation of an item that is not listed: one just created, or one that was listed before."""
    message = f"item {identifier} was created and is {'not' if is_new else 'no longer'} in its listing"
    return RESOURCE_LISTING.violation(message, "/data", expected="in the listing", actual="absent")


def another_created_violation(identifier: Any, other: Any) -> Violation:
    """The violation of a creation after which another item is listed as well."""
    message = f"one creation made item {identifier} and item {other}"
    return RESOURCE_COUNT.violation(message, "/data", expected="1 new item", actual="2 new items", kind="created")


def created_by_change_violation(other: Any) -> Violation:
    """The violation of changes after which an item is listed that was not created."""
    message = f"after changes there is item {other}, which was not created"
    return RESOURCE_COUNT.violation(message, "/data", expected="no new item", actual="1 new item", kind="changed")


def another_removed_violation(identifier: Any, other: Any) -> Violation:
    """The violation of a removal after which another item is not listed any more either."""
    message = f"the removal of item {identifier} took item {other} out of the listing too"
    return RESOURCE_COUNT.violation(message, "/data", expected="1 item less", actual="2 items less", kind="removed")


def unread_violation(identifier: Any, outcome: object) -> Violation:
    """The violation of an item that was written and cannot be read; `outcome` is the status, or the error."""
    message = f"item {identifier} was written and cannot be read: {outcome}"
    return RESOURCE_KEPT.violation(message, expected="the item", actual=outcome)


def lost_violation(identifier: Any) -> Violation:
    """The violation of an item that could be read, and cannot after a write to another item."""
    message = f"item {identifier} can no longer be read"
    return RESOURCE_KEPT.violation(message, expected="the item", actual="nothing", kind="lost")


def still_read_violation(identifier: Any, outcome: str) -> Violation:
    """The violation of a removed item whose read is not the documented 404 or 410; `outcome` says what it is."""
    message = f"item {identifier} was removed, and its read is {outcome}"
    return RESOURCE_REMOVED.violation(message, expected="404 or 410", actual=outcome)


def still_written_violation(identifier: Any, method: str, outcome: str) -> Violation:
    """The violation of a removed item that a write still succeeds with."""
    message = f"item {identifier} was removed, and its {method} is {outcome}"
    return RESOURCE_REMOVED.violation(message, expected="404 or 410", actual=outcome, kind="written")


def still_listed_violation(identifier: Any) -> Violation:
    """The violation of a removed item that is still listed."""
    message = f"item {identifier} was removed and is still in its listing"
    return RESOURCE_REMOVED.violation(message, "/data", expected="absent", actual="in the listing")


def time_violations(before: Mapping[str, Any], after: Mapping[str, Any], *, must_move: bool) -> Iterator[Violation]:
    """`lastUpdatedAt` that is lost, goes back, or stays although a change came later; `createdAt` that moves."""
    for name in _TIMES:
        if moment(before.get(name)) is not None and name in after and after[name] is None:
            message = f"{name} was {before[name]} and reads null after a change"
            yield RESOURCE_UPDATE_TIME.violation(message, f"/{name}", expected=before[name], actual=None, kind="lost")
    for name in _UPDATE_TIMES:
        was, reads = utc_moment(before.get(name)), utc_moment(after.get(name))
        if was is None or reads is None:
            continue
        if reads < was:
            message = f"{name} went back from {before[name]} to {after[name]}"
            expected = f"not before {before[name]}"
            yield RESOURCE_UPDATE_TIME.violation(
                message, f"/{name}", expected=expected, actual=after[name], kind="back"
            )
        elif must_move and reads == was:
            message = f"{name} stayed {before[name]} although the item was changed later"
            expected = f"after {before[name]}"
            yield RESOURCE_UPDATE_TIME.violation(
                message, f"/{name}", expected=expected, actual=after[name], kind="unchanged"
            )
    was, reads = moment(before.get("createdAt")), moment(after.get("createdAt"))
    if was is not None and reads is not None and was != reads:
        message = f"createdAt moved from {before['createdAt']} to {after['createdAt']}"
        yield RESOURCE_CREATION_TIME.violation(
            message, "/createdAt", expected=before["createdAt"], actual=after["createdAt"]
        )


def present_time_violations(
    shown: Mapping[str, Any], now: datetime, *, settable: Container[str]
) -> Iterator[Violation]:
    """Times of an item just written that are far from the present; the caller sets those that are `settable`."""
    for name in _TIMES:
        reads = moment(shown.get(name))
        if reads is None or reads.tzinfo is None or name in settable or abs(reads - now) <= _TOLERANCE:
            continue
        message = f"{name} reads {shown[name]} after a write at {now:%Y-%m-%dT%H:%M:%SZ}"
        yield RESOURCE_UPDATE_TIME.violation(
            message, f"/{name}", expected=f"about {now:%Y-%m-%dT%H:%MZ}", actual=shown[name], kind="present"
        )


def answered_time_violations(answered: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[Violation]:
    """Times in the response to a write that are far from those of the read after it."""
    for name in _TIMES:
        said, reads = moment(answered.get(name)), moment(shown.get(name))
        if said is None or reads is None or said.tzinfo is None or reads.tzinfo is None:
            continue
        if abs(said - reads) > _TOLERANCE:
            message = f"{name} is {answered[name]} in the response to the write and reads {shown[name]}"
            yield RESOURCE_UPDATE_TIME.violation(
                message, f"/{name}", expected=shown[name], actual=answered[name], kind="answered"
            )
