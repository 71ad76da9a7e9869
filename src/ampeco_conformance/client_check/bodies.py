"""What is wrong with the body of a call."""

from collections.abc import Iterator, Mapping
from typing import Any

from ampeco_conformance.client_check.faults import FaultText
from ampeco_conformance.client_check.model import HOLE, NOT_SHOWN, ClientCall, is_open
from ampeco_conformance.client_check.naming import nearest, reason
from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.requests import body_schema_pointer
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.contract.undocumented import UndocumentedFinder
from ampeco_conformance.specs import Operation
from ampeco_conformance.specs.walking import escape_pointer


class NotJson(str):
    """A body that is not JSON."""


def body_faults(
    contract: ApiContract, finder: UndocumentedFinder, operation: Operation, call: ClientCall
) -> Iterator[FaultText]:
    """Fields that do not exist, are missing or have a wrong value; a body that is missing, too much, or no JSON."""
    body = call.body
    base = f"/paths/{escape_pointer(operation.path)}/{operation.method.lower()}/requestBody"
    definition, _ = contract.schemas.resolve(operation.definition.get("requestBody", {}), base)
    if body is None:
        if definition.get("required"):
            yield "missing-body", "", "the required body is missing"
        return
    if not definition:
        if isinstance(body, dict) and body:
            yield "unexpected-body", "", "the operation takes no body"
        return
    if wrong := _wrong_media_type(definition, call.content_type):
        yield wrong
        return
    pointer = body_schema_pointer(contract, operation)
    if pointer is None or body is NOT_SHOWN:
        return
    if isinstance(body, NotJson):
        yield "invalid-body", "", "the body is not JSON"
        return
    yield from _fields(contract, finder, pointer, body)


def _wrong_media_type(definition: Mapping[str, Any], content_type: str) -> FaultText | None:
    media_types = [kind.partition(";")[0].strip().lower() for kind in definition.get("content", {})]
    sent = content_type.partition(";")[0].strip().lower()
    if not sent or sent in media_types or any("*" in kind for kind in media_types):
        return None
    return "media-type", sent, f"the body is {sent}; the operation takes {', '.join(media_types)}"


def _fields(contract: ApiContract, finder: UndocumentedFinder, pointer: str, body: Any) -> Iterator[FaultText]:
    for location, owners in finder.fields_beyond(pointer, body):
        name = _dotted(location)
        if HOLE not in name:
            yield "unknown-field", name, f"there is no field {name}{nearest(name.rpartition('.')[2], owners)}"
    for location in dict.fromkeys(finder.read_only_fields(pointer, body)):
        name = _dotted(location)
        yield "read-only-field", name, f"the field {name} is read-only; what is sent has no effect"
    for error in contract.schema_errors(pointer, body, Direction.REQUEST):
        name = _dotted(error.location)
        if error.keyword == "required":
            if not is_open(list(_at(body, error.location.rpartition("/")[0]) or ())):
                yield "missing-field", name, f"the required field {name} is missing"
        elif not is_open(_at(body, error.location)):
            yield "invalid-field", name, f"{f'the field {name}' if name else 'the body'} {reason(error)}"


def _at(body: Any, location: str) -> Any:
    """The part of a body at a JSON pointer."""
    for token in location.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        body = body[int(name)] if isinstance(body, list) else body[name]
    return body


def _dotted(location: str) -> str:
    """`/items/3/name` -> `items[].name`."""
    tokens = (token.replace("~1", "/").replace("~0", "~") for token in location.split("/")[1:])
    return "".join("[]" if token.isdigit() or token == "*" else f".{token}" for token in tokens).lstrip(".")
