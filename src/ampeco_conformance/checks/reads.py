"""A listing and the reads of its items agree: the id is the one that was asked for, the values are those listed.

Source: the schemas of the listing and the read. Compared is what both document with the same type and format, where
both show it. Of one listing, all queries show an item alike.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ampeco_conformance.apis import IdSource
from ampeco_conformance.checks.values import agree
from ampeco_conformance.contract.item_shape import item_properties
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Severity, Violation, declare
from ampeco_conformance.core.exchanges import JsonObject
from ampeco_conformance.specs import Operation

READ_AS_LISTED = declare(
    "read_as_listed",
    title="Items are read as they are listed",
    severity=Severity.CRITICAL,
    claim="The read of an item of a listing shows the id that was asked for and the values of the listing.",
    source="the schemas of the listing and the read",
    aspect="reads",
)
LISTED_ALIKE = declare(
    "listed_alike",
    title="An item is shown alike whatever the query",
    severity=Severity.CRITICAL,
    claim="A filter, a size of pages or an include changes no other field of an item, and leaves none out.",
    source="the schema of the listing or the read",
    aspect="reads",
)

_FORM = ("type", "format")


def shared_properties(contract: ApiContract, listing: Operation, reading: Operation) -> list[str]:
    """The properties that both operations document with the same type and format."""
    listed, read = item_properties(contract, listing), item_properties(contract, reading)
    shared = sorted(listed.keys() & read.keys())
    return [name for name in shared if all(listed[name].get(key) == read[name].get(key) for key in _FORM)]


def steady(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """What an item shows alike in two listings; the rest changes by itself."""
    return {name: value for name, value in earlier.items() if name in later and agree(value, later[name])}


def unchanged(items: Iterable[JsonObject], later: Iterable[JsonObject]) -> list[JsonObject]:
    """Those of the items that are still there later, each with what it shows alike then."""
    again = {str(item["id"]): item for item in later if "id" in item}
    return [steady(item, again[str(item["id"])]) for item in items if str(item.get("id")) in again]


def unlike_violations(
    items: Iterable[JsonObject], shown: Iterable[JsonObject], how: str, *, but: Container[str] = ()
) -> Iterator[Violation]:
    """The fields, but for some, that an item shows otherwise, or no longer, when it is asked for in another way."""
    known = {str(item["id"]): item for item in items if "id" in item}
    for item in shown:
        for name, value in known.get(str(item.get("id")), {}).items():
            is_left_out = name not in item
            if name in but or (value is None if is_left_out else agree(value, item[name])):
                continue
            actual = "nothing" if is_left_out else item[name]
            message = f"{name} of item {item['id']} is {value!r}, and {actual!r} {how}"
            yield LISTED_ALIKE.violation(message, f"/data/{name}", expected=value, actual=actual)
            return


def read_violations(
    source: IdSource, identifier: str | int, names: Sequence[str], listed: Mapping[str, Any], read: Mapping[str, Any]
) -> Iterator[Violation]:
    """Another id than the one that was asked for; else the properties that differ from those listed."""
    answered = source.identify(read)
    is_lacking = answered is None and source.field in names
    if is_lacking or (answered is not None and str(answered) != str(identifier)):
        message = f"asked for {source.field} {identifier}, and answered {'none' if is_lacking else answered}"
        place = f"/data/{source.field}"
        yield READ_AS_LISTED.violation(message, place, expected=identifier, actual=answered, kind="another")
        return
    for name in names:
        if name in listed and name in read and not agree(listed[name], read[name]):
            message = f"{name} is {listed[name]!r} in the listing and reads {read[name]!r}"
            place = f"/data/{name}"
            yield READ_AS_LISTED.violation(message, place, expected=listed[name], actual=read[name], kind="differs")


def included_violation(name: str, identifier: Any, listed: Any, read: Any) -> Violation:
    """The violation of an include that an item shows otherwise when it is read than when it is listed."""
    message = f"{name} of item {identifier} is {listed!r} in the listing and reads {read!r}"
    return READ_AS_LISTED.violation(message, f"/data/{name}", expected=listed, actual=read, kind="include")
