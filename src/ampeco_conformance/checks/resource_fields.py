"""The fields of a resource: what a caller writes, and what reads show of it.

Source: the write and read schemas of each resource. Fields that the API's own rules may change are in `NOT_COMPARED`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ampeco_conformance.checks.values import moment
from ampeco_conformance.contract.requests import body_schema_pointer
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import Operation

#: Fields that need not read as they were written: name -> why.
NOT_COMPARED = {
    "id": "the server gives it",
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
    "bankTransferType": "only a payment method that is a bank transfer has it",
    "walletType": "only a payment method that is a wallet has it",
}
#: Resources whose status moves by itself, and so need not read as it was written: path segment -> why.
LIFE_CYCLES = {"transactions": "a payment goes on after the write"}
#: What is sent in place of a text that only the server sets: format -> a value that no server would come to by itself.
READ_ONLY_OVERRIDES = {"date-time": "2001-02-03T04:05:06Z", "": "conform-forged"}
#: Fields whose value is a secret, or is made anew for every response.
SECRET = re.compile(r"password|secret|token|^pin$|sharingCode|verificationCode|apiKey", re.IGNORECASE)
#: What is not sent to an update that does not document it.
_UNSENT = re.compile(r"^id$|Ids?$|^(hardware|network)Status|^(created|(last)?[uU]pdated)At$")
#: Fields whose text only the caller decides.
FREE_TEXT = frozenset({"name", "title", "label", "description", "note", "notice"})
#: Fields of words for people to read: any text in any script is one, and none of them is brought into a form.
WORDS = FREE_TEXT | {
    *("first_name", "firstName", "middle_name", "middleName", "last_name", "lastName", "contactPerson"),
    *("businessName", "companyName", "individualName", "idLabel", "rfidLabel", "shortDescription"),
    *("failureReason", "errorCodeDescription", "errorCodeCustomerAction"),
}
_NESTED = frozenset({"object", "array"})
_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_COMBINATORS = ("allOf", "anyOf", "oneOf")
_NARROWING = {"enum", "format", "pattern", *_COMBINATORS}
#: What must be the same in two schemas for the same value to be shown in the same way.
_FORM = ("type", "format", "enum")


#: The properties of a schema by name, each with whether every variant of the schema has it.
Properties = Mapping[str, tuple[Mapping[str, Any], bool]]


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


def properties(contract: ApiContract, schema: Mapping[str, Any]) -> Properties:
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


def repeatable_values(fields: Iterable[Field], given: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, str]:
    """The texts that an item was given and shows: a change may repeat them, be they unique or not."""
    texts = ((field, given.get(field.name)) for field in fields if "enum" not in field.schema)
    return {field.name: text for field, text in texts if isinstance(text, str) and shown.get(field.read_as) == text}


def writable_properties(contract: ApiContract, operation: Operation) -> dict[str, Mapping[str, Any]]:
    """The properties of the operation's request body that are not readOnly."""
    written = written_properties(contract, operation)
    return {name: schema for name, schema in written.items() if not schema.get("readOnly")}


def changed_by(
    contract: ApiContract, operation: Operation, body: Mapping[str, Any], before: Mapping[str, Any]
) -> tuple[set[str], dict[str, str]]:
    """The writable fields that an accepted body changed, and the others with the reason."""
    names = writable_properties(contract, operation)
    changed = {name for name in names if name in body and body[name] != before.get(read_name(name, before))}
    reasons = {
        name: "written with the value that it had" if name in body else "not in the accepted body" for name in names
    }
    return changed, {name: reason for name, reason in reasons.items() if name not in changed}


def written_and_read(contract: ApiContract, writing: Operation, reading: Operation) -> tuple[Properties, Properties]:
    """The properties of the request body of one operation, and of the object that the other one shows."""
    pointer = body_schema_pointer(contract, writing)
    written = {} if pointer is None else properties(contract, contract.schemas.at(pointer))
    return written, shown_properties(contract, reading)


def shown_properties(contract: ApiContract, operation: Operation) -> Properties:
    """The properties of the object that a successful answer shows, or lists, in its envelope or without one."""
    shown = _shown(contract, operation)
    return properties(contract, shown.get("items", shown))


def shows_list(contract: ApiContract, operation: Operation) -> bool:
    """Whether a successful answer shows a list."""
    return _shown(contract, operation).get("type") == "array"


def _shown(contract: ApiContract, operation: Operation) -> Mapping[str, Any]:
    """The schema of what a successful answer shows; empty when it has no content."""
    for status, response in operation.definition["responses"].items():
        if not str(status).startswith("2"):
            continue
        definition, _ = contract.schemas.resolve(response, "")
        for media_type, content in definition.get("content", {}).items():
            if "json" in media_type and "schema" in content:
                body = properties(contract, content["schema"])
                return body["data"][0] if "data" in body else contract.schemas.resolve(content["schema"], "")[0]
    return {}


def comparable_fields(contract: ApiContract, writing: Operation, reading: Operation) -> list[Field]:
    """The plain fields that a caller writes with one operation and reads back with another."""
    shown = shown_properties(contract, reading)
    fields = []
    for name, schema in written_properties(contract, writing).items():
        read_as = read_name(name, shown)
        if read_as not in shown or (name == "status" and not LIFE_CYCLES.keys().isdisjoint(writing.path.split("/"))):
            continue
        read_schema, always_shown = shown[read_as]
        if schema.get("type") in _SCALARS and is_comparable(name, schema, read_schema):
            fields.append(Field(name, read_as, schema, always_shown))
    return fields


def read_name(name: str, shown: Mapping[str, Any]) -> str:
    """The name under which reads show a field: its own, or the same in camel case."""
    return name if name in shown else _camel_case(name)


def is_comparable(name: str, written: Mapping[str, Any], read: Mapping[str, Any]) -> bool:
    """Whether a field must read as it was written, by its name and its two schemas."""
    if name in NOT_COMPARED or SECRET.search(name):
        return False
    is_hidden = written.get("readOnly") or written.get("writeOnly") or read.get("writeOnly")
    return not is_hidden and written.get("type") == read.get("type")


def names_of_same_form(contract: ApiContract, one: Operation, other: Operation) -> list[str]:
    """The properties that the responses of two operations show in the same form."""
    shown, again = shown_properties(contract, one), shown_properties(contract, other)
    return [
        name
        for name in shown.keys() & again.keys()
        if all(shown[name][0].get(keyword) == again[name][0].get(keyword) for keyword in _FORM)
    ]


def fields_of_same_form(
    contract: ApiContract, fields: Iterable[Field], responding: Operation, reading: Operation
) -> list[Field]:
    """Those of the fields that the response of another operation shows in the same form as the read."""
    names = names_of_same_form(contract, responding, reading)
    return [field for field in fields if field.read_as in names]


def nested_names(contract: ApiContract, writing: Operation, listing: Operation, reading: Operation) -> list[str]:
    """The objects and lists that a caller writes, and that the listing and the read show in the same form."""
    shown, written = shown_properties(contract, reading), written_properties(contract, writing)
    own = {read_name(name, shown): schema for name, schema in written.items()}
    return [
        name
        for name in names_of_same_form(contract, listing, reading)
        if name in own and own[name].get("type") in _NESTED and is_comparable(name, own[name], shown[name][0])
    ]


def clearable_fields(contract: ApiContract, writing: Operation, reading: Operation) -> list[Field]:
    """The texts, numbers and moments that may be null, written and read, and that the server has no other value for.

    A reference that is taken away may be found again by the server: the only one there is, or that of the token.
    """
    shown = shown_properties(contract, reading)
    return [
        field
        for field in comparable_fields(contract, writing, reading)
        if field.schema.get("type") != "boolean"
        and "enum" not in field.schema
        and (not field.name.endswith("Id") or field.name == "externalId")
        and all(
            schema.get("nullable") and "default" not in schema for schema in (field.schema, shown[field.read_as][0])
        )
    ]


def emptiable_lists(contract: ApiContract, writing: Operation, reading: Operation) -> list[Field]:
    """The lists that may be empty, written and read."""
    written, shown = written_and_read(contract, writing, reading)
    return [
        Field(name, name, schema, shown[name][1])
        for name, (schema, _) in written.items()
        if name in shown and schema.get("type") == "array" and not schema.get("minItems")
        if is_comparable(name, schema, shown[name][0])
    ]


def answered_values(fields: list[Field], sent: Mapping[str, Any], answered: Mapping[str, Any]) -> dict[str, Any]:
    """The fields in the response to a write; a null that was not sent may be a default that is not set yet."""
    return {
        field.read_as: answered[field.read_as]
        for field in fields
        if field.read_as in answered and (answered[field.read_as] is not None or sent.get(field.name) is not None)
    }


def read_only_values(contract: ApiContract, writing: Operation, reading: Operation) -> dict[str, str]:
    """Values for date-times and texts that the specification calls readOnly, to be sent by the caller.

    A boolean, a number or an enum member could become what was sent by itself.
    """
    written = written_properties(contract, writing)
    overrides = {}
    for name, (schema, _) in shown_properties(contract, reading).items():
        sent = written.get(name, schema)
        is_text = schema.get("type") == "string" and not schema.keys() & {"enum", "pattern"}
        value = READ_ONLY_OVERRIDES.get(str(schema.get("format", "")))
        is_settable = name != "id" and not SECRET.search(name) and sent.get("readOnly") and sent.get("type") == "string"
        if is_text and is_settable and value is not None:
            overrides[name] = value
    return overrides


def undocumented_values(
    contract: ApiContract, writing: Operation, reading: Operation, shown: Mapping[str, Any]
) -> dict[str, Any]:
    """Other values than those `shown`, for fields that the reading shows and the writing does not document.

    References are left out, which may be refused, and what a charge point reports by itself.
    """
    written = written_properties(contract, writing)
    documented = {*written, *(read_name(name, shown) for name in written)}
    values: dict[str, Any] = {}
    for name, (schema, _) in shown_properties(contract, reading).items():
        was = shown.get(name)
        if name in documented or was is None or schema.get("readOnly") or _UNSENT.search(name) or SECRET.search(name):
            continue
        others = [value for value in schema.get("enum", ()) if value not in (None, was)]
        if others:
            values[name] = others[-1]
        elif schema.get("type") in ("number", "integer") and not isinstance(was, bool | str):
            values[name] = was + 12345
        elif schema.get("type") == "string" and not schema.keys() & {"enum", "pattern"}:
            values[name] = READ_ONLY_OVERRIDES.get(str(schema.get("format", "")))
    return {name: value for name, value in values.items() if value is not None}


def non_utc_fields(shown: Mapping[str, Any], schemas: Properties) -> list[str]:
    """The names of the date-times that are not written in UTC."""
    names = (name for name, (schema, _) in schemas.items() if schema.get("format") == "date-time")
    return [
        name for name in names if (read := moment(shown.get(name))) is not None and read.utcoffset() != timedelta(0)
    ]


def _camel_case(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)
