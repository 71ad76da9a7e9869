"""A resource keeps what was written to it: what may be expected of the fields of its reads, listings and times.

Source: the write and read schemas of each resource (a property both have, that is neither readOnly nor writeOnly, is
the caller's to set); the meaning of PATCH, PUT and DELETE (RFC 9110, RFC 5789); `filter[lastUpdatedAfter]`, which
needs a `lastUpdatedAt` that moves. Where the API's own rules give a field another fate, it is in `NOT_COMPARED`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ampeco_conformance.checks.pagination import Violation
from ampeco_conformance.contract.requests import body_schema_pointer
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.specs import Operation

#: Fields that need not come back as they were written: name -> why.
NOT_COMPARED = {
    "id": "the server gives it",
    "status": "the life cycle of the resource may move it",
    "order": "an order that is taken moves the others along",
    "autoRenewal": "usable only where the system has it switched on",
    "emailVerified": "the server may keep it back until the user confirms",
    "enabledRandomisedDelay": "ignored for public and private charge points",
    "requirePasswordReset": "clears itself",
    "locale": "usable only where the operator allows it",
    "startDate": "counts by month",
    "endDate": "counts by month",
    "expireDate": "a calendar day that wins over the validity period",
    "assignBeforeDate": "a calendar day",
    "communicationMode": "the deprecated managedByOperator says the same",
    "managedByOperator": "communicationMode says the same",
    "allowsReservation": "bookingEnabled switches it on",
}
#: What is sent in place of a text that only the server sets: format -> a value that no server would come to by itself.
FORGED = {"date-time": "2001-02-03T04:05:06Z", "": "conform-forged"}
_SECRET = re.compile(r"password|secret|token|^pin$|sharingCode|verificationCode|apiKey", re.IGNORECASE)
#: Fields whose text is nobody's business but the caller's.
FREE_TEXT = frozenset({"name", "title", "label", "description", "note", "notice"})
#: Fields of words for people to read: any text in any script is one, and none of them is brought into a form.
WORDS = FREE_TEXT | {
    *("first_name", "firstName", "middle_name", "middleName", "last_name", "lastName", "contactPerson"),
    *("businessName", "companyName", "individualName", "idLabel", "rfidLabel", "shortDescription"),
    *("failureReason", "errorCodeDescription", "errorCodeCustomerAction"),
}
_UPDATE_TIMES = ("lastUpdatedAt", "updatedAt")
_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_COMBINATORS = ("allOf", "anyOf", "oneOf")
_NARROWING = {"enum", "format", "pattern", *_COMBINATORS}
#: What must be the same in two schemas for the same value to be shown in the same way.
_FORM = ("type", "format", "enum")
_DAY_OR_TIME = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d(:\d\d)?")


@dataclass(frozen=True, slots=True)
class Field:
    """A field, written as `name` and read as `read_as`; not `always_shown` when only some variants have it."""

    name: str
    read_as: str
    schema: Mapping[str, Any]
    always_shown: bool

    @property
    def is_plain_text(self) -> bool:
        """Whether any text will do, so that changing it changes nothing else."""
        return self.schema.get("type") == "string" and not self.schema.keys() & _NARROWING

    @property
    def is_words(self) -> bool:
        """Whether a long text in several scripts will do as well."""
        return self.is_plain_text and self.name in WORDS


def properties(contract: ApiContract, schema: Mapping[str, Any]) -> dict[str, tuple[Mapping[str, Any], bool]]:
    """The properties of a schema by name, each with whether every variant of the schema has it."""
    schema, _ = contract.schemas.resolve(schema, "")
    found: dict[str, tuple[Mapping[str, Any], bool]] = {}
    for keyword in _COMBINATORS:
        for part in schema.get(keyword, ()):
            for name, (definition, always) in properties(contract, part).items():
                found.setdefault(name, (definition, always and keyword == "allOf"))
    for name, definition in schema.get("properties", {}).items():
        found[name] = (contract.schemas.resolve(definition, "")[0], True)
    return found


def written_properties(contract: ApiContract, operation: Operation) -> dict[str, Mapping[str, Any]]:
    """The properties of the operation's request body, the readOnly ones included."""
    pointer = body_schema_pointer(contract, operation)
    if pointer is None:
        return {}
    return {name: schema for name, (schema, _) in properties(contract, contract.schemas.at(pointer)).items()}


def shown_properties(contract: ApiContract, operation: Operation) -> dict[str, tuple[Mapping[str, Any], bool]]:
    """The properties of the object that a successful answer shows, or lists, in its envelope or without one."""
    for status, response in operation.definition["responses"].items():
        if not str(status).startswith("2"):
            continue
        definition, _ = contract.schemas.resolve(response, "")
        for media_type, content in definition.get("content", {}).items():
            if "json" not in media_type or "schema" not in content:
                continue
            body = properties(contract, content["schema"])
            if "data" not in body:
                return body
            data = body["data"][0]
            return properties(contract, data.get("items", data))
    return {}


def comparable_fields(contract: ApiContract, writing: Operation, reading: Operation) -> list[Field]:
    """The plain fields that a caller writes with one operation and reads back with another."""
    shown = shown_properties(contract, reading)
    fields = []
    for name, schema in written_properties(contract, writing).items():
        read_as = name if name in shown else _camel_case(name)
        if read_as not in shown or name in NOT_COMPARED or _SECRET.search(name):
            continue
        read_schema, always_shown = shown[read_as]
        kinds = {schema.get("type"), read_schema.get("type")}
        hidden = schema.get("readOnly") or schema.get("writeOnly") or read_schema.get("writeOnly")
        if not hidden and len(kinds) == 1 and kinds <= _SCALARS:
            fields.append(Field(name, read_as, schema, always_shown))
    return fields


def retold_fields(
    contract: ApiContract, fields: Iterable[Field], telling: Operation, reading: Operation
) -> list[Field]:
    """Those of the fields that the answer of another operation shows in the same form as the read."""
    told, shown = shown_properties(contract, telling), shown_properties(contract, reading)

    def form(schemas: Mapping[str, tuple[Mapping[str, Any], bool]], name: str) -> list[Any]:
        return [schemas[name][0].get(keyword) for keyword in _FORM]

    return [each for each in fields if each.read_as in told and form(told, each.read_as) == form(shown, each.read_as)]


def clearable_fields(contract: ApiContract, writing: Operation, reading: Operation) -> list[Field]:
    """The plain texts that may be null, written and read, and for which the server has no other value at hand.

    A reference that is taken away may be found again by the server: the only one there is, or that of the token.
    """
    shown = shown_properties(contract, reading)
    return [
        each
        for each in comparable_fields(contract, writing, reading)
        if each.is_plain_text
        and (not each.name.endswith("Id") or each.name == "externalId")
        and all(schema.get("nullable") and "default" not in schema for schema in (each.schema, shown[each.read_as][0]))
    ]


def clearing_violations(cleared: Field, before: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[Violation]:
    """A field that was set to null and still reads as before; another value may be what the server has for none."""
    was, reads = before.get(cleared.read_as), shown.get(cleared.read_as)
    if was and same_value(was, reads):
        sentence = f"{cleared.name} was written as null and still reads {reads!r}"
        yield ("resource_keeps_fields", sentence, f"/{cleared.read_as}", None, reads)


def refusal_violations(
    schemas: Mapping[str, Mapping[str, Any]], body: Mapping[str, Any], exchange: Exchange
) -> Iterator[Violation]:
    """A body of nothing but names and descriptions that is refused as invalid for no documented reason.

    A refusal that names a documented field which was left out (an operator, say) has its reason.
    """
    response = exchange.response
    if response is None or response.status_code not in (400, 422) or not body or not body.keys() <= FREE_TEXT:
        return
    try:
        errors = response.json().get("errors") or {}
    except (ValueError, AttributeError):
        errors = {}
    named = {str(name).partition(".")[0] for name in errors}
    if named & (schemas.keys() - body.keys()):
        return
    sentence = f"a valid body ({', '.join(body)}) was refused with {response.status_code}"
    yield ("valid_request_refused", sentence, "body", "an answer below 400", response.status_code)


def kept_violations(fields: list[Field], sent: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[Violation]:
    """Fields that do not read as they were written."""
    for field in fields:
        value = sent.get(field.name)
        if value is None or (field.read_as not in shown and not field.always_shown):
            continue
        read = shown.get(field.read_as)
        if not same_value(value, read):
            said = "is not shown" if field.read_as not in shown else f"reads {read!r}"
            sentence = f"{field.name} was written as {value!r} and {said}"
            yield ("resource_keeps_fields", sentence, f"/{field.read_as}", value, read)


def retold_violations(
    check: str, fields: list[Field], told: Mapping[str, Any], shown: Mapping[str, Any], teller: str
) -> Iterator[Violation]:
    """Fields that another answer tells otherwise than the read beside it; what either leaves out is not judged."""
    for field in fields:
        says, reads = told.get(field.read_as), shown.get(field.read_as)
        if field.read_as in told and reads is not None and not same_value(reads, says):
            sentence = f"{field.read_as} is {says!r} in {teller} and reads {reads!r}"
            yield (check, sentence, f"/{field.read_as}", reads, says)


def answered_values(fields: list[Field], sent: Mapping[str, Any], answered: Mapping[str, Any]) -> dict[str, Any]:
    """What the answer to a write tells of its fields; a null that nobody sent may be a default that is yet to come."""
    return {
        each.read_as: answered[each.read_as]
        for each in fields
        if each.read_as in answered and (answered[each.read_as] is not None or sent.get(each.name) is not None)
    }


def untouched_violations(
    fields: list[Field], before: Mapping[str, Any], after: Mapping[str, Any], changed: str | None
) -> Iterator[Violation]:
    """Fields that differ although nobody changed them; `changed` is the name of the one that somebody did change."""
    for field in fields:
        if field.name == changed or field.read_as not in before:
            continue
        was, reads = before[field.read_as], after.get(field.read_as)
        if was is not None and not same_value(was, reads):
            cause = f"a change of {changed}" if changed else "a write to another item"
            sentence = f"{field.read_as} was {was!r} and reads {reads!r} after {cause}"
            yield ("resource_keeps_other_fields", sentence, f"/{field.read_as}", was, reads)


def forged_values(contract: ApiContract, writing: Operation, reading: Operation) -> dict[str, str]:
    """Values that only the server sets, told by the caller: moments and texts that the specification calls readOnly.

    A flag, a number or a word of a list could become what was sent by itself.
    """
    written = written_properties(contract, writing)
    forged = {}
    for name, (schema, _) in shown_properties(contract, reading).items():
        sent = written.get(name, schema)
        is_text = schema.get("type") == "string" and not schema.keys() & {"enum", "pattern"}
        value = FORGED.get(str(schema.get("format", "")))
        is_told = name != "id" and not _SECRET.search(name) and sent.get("readOnly") and sent.get("type") == "string"
        if is_text and is_told and value is not None:
            forged[name] = value
    return forged


def forgery_violations(
    forged: Mapping[str, str], before: Mapping[str, Any], shown: Mapping[str, Any]
) -> Iterator[Violation]:
    """Fields that only the server sets and that read as the caller told them."""
    for name, value in forged.items():
        was, reads = before.get(name), shown.get(name)
        if same_value(value, reads) and not same_value(value, was):
            sentence = f"{name} is readOnly, was {was!r} and reads {reads!r} as it was sent"
            yield ("resource_keeps_other_fields", sentence, f"/{name}", was, reads)


def identity_violations(
    identifier: Any, shown: Mapping[str, Any], shown_names: Mapping[str, Any]
) -> Iterator[Violation]:
    """A read that has another id than it was asked for, or none although reads of this resource have one."""
    # The same id is a text in one version and a number in another; 7.0 is 7.
    if "id" not in shown_names or str(shown.get("id")) == str(identifier) or same_value(identifier, shown.get("id")):
        return
    said = f"has the id {shown['id']!r}" if "id" in shown else "has no id"
    yield ("resource_identity", f"the read of item {identifier} {said}", "/id", identifier, shown.get("id"))


def time_violations(before: Mapping[str, Any], after: Mapping[str, Any], *, must_move: bool) -> Iterator[Violation]:
    """`lastUpdatedAt` that goes back, or stays although a change came a second later; `createdAt` that moves."""
    for name in _UPDATE_TIMES:
        was, reads = moment(before.get(name)), moment(after.get(name))
        if was is None or reads is None:
            continue
        if reads < was:
            sentence = f"{name} went back from {before[name]} to {after[name]}"
            yield ("resource_update_time", sentence, f"/{name}", f"not before {before[name]}", after[name])
        elif must_move and reads == was:
            sentence = f"{name} stayed {before[name]} although the item was changed later"
            yield ("resource_update_time", sentence, f"/{name}", f"after {before[name]}", after[name])
    was, reads = moment(before.get("createdAt")), moment(after.get("createdAt"))
    if was is not None and reads is not None and was != reads:
        sentence = f"createdAt moved from {before['createdAt']} to {after['createdAt']}"
        yield ("resource_creation_time", sentence, "/createdAt", before["createdAt"], after["createdAt"])


def moments_elsewhere(shown: Mapping[str, Any], schemas: Mapping[str, tuple[Mapping[str, Any], bool]]) -> list[str]:
    """The names of the date-times that are not written in UTC."""
    names = (name for name, (schema, _) in schemas.items() if schema.get("format") == "date-time")
    return [
        name for name in names if (read := moment(shown.get(name))) is not None and read.utcoffset() != timedelta(0)
    ]


def same_value(written: Any, read: Any) -> bool:
    """Whether a value reads as it was written: moments may change their notation, e-mail addresses their case.

    Letters may be composed or not: canonically equivalent texts are the same (UAX 15).
    """
    if isinstance(written, bool) or isinstance(read, bool):
        return bool(written is read)
    if isinstance(written, int | float) and isinstance(read, int | float):
        return abs(written - read) <= 1e-6 * max(1.0, abs(written))
    if isinstance(written, str) and isinstance(read, str):
        first, second = moment(written), moment(read)
        if first is not None and second is not None and first.tzinfo and second.tzinfo:
            return abs(first - second) < timedelta(seconds=1)
        # A day may be shown as its midnight, a time of day with its seconds.
        if _DAY_OR_TIME.fullmatch(written):
            return read.startswith(written)
        return _plain(read) == _plain(written)
    return bool(written == read)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def moment(value: Any) -> datetime | None:
    """A text as a moment in time; None when it is none."""
    if not isinstance(value, str) or len(value) <= len("2026-01-01"):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def other_value(schema: Mapping[str, Any], present: Any, fresh: Callable[[], Any]) -> Any:
    """A valid value that differs from the present one; None when there is no telling one."""
    kind = schema.get("type")
    if enum := [item for item in schema.get("enum", ()) if item is not None]:
        return next((item for item in enum if item != present), None)
    if kind == "boolean":
        return not present
    if kind in ("integer", "number"):
        candidates = (item for item in ((present or 0) + 1, (present or 0) - 1) if _is_within(schema, item))
        return next(candidates, None)
    value = fresh()
    return None if value == present else value


def _is_within(schema: Mapping[str, Any], value: float) -> bool:
    low, high = schema.get("minimum"), schema.get("maximum")
    return (low is None or value > low or (value == low and not schema.get("exclusiveMinimum"))) and (
        high is None or value < high or (value == high and not schema.get("exclusiveMaximum"))
    )


def _camel_case(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)
