"""Named ways to misbehave, one at a time: how the suite proves that it can fail."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.errors import ConfigurationError
from ampeco_emulator.world import Answer

# Changes an answer to a request with this method and path template.
Spoiler = Callable[[str, str, Answer], Answer]


@dataclass(frozen=True)
class Defect:
    """A contract violation: its name, what it does, and the change it makes to answers."""

    name: str
    meaning: str
    spoil: Spoiler


def defect_named(name: str) -> Defect:
    """The defect of that name. `drop-field:GET /path:field` drops a field from every answer of one operation.

    Raises ConfigurationError for a name nobody knows.
    """
    kind, _, rest = name.partition(":")
    label, _, field = rest.rpartition(":")
    if kind == "drop-field" and label and field:
        return Defect(name, f"{field} is missing from the answers of {label}", _drops(label, field))
    known = {item.name: item for item in DEFECTS}
    if name not in known:
        names = ", ".join([*known, "drop-field:METHOD /path:FIELD"])
        raise ConfigurationError(f"unknown defect {name!r}; known are {names}")
    return known[name]


def _drops(label: str, field: str) -> Spoiler:
    def spoil(method: str, path: str, answer: Answer) -> Answer:
        if f"{method} {path}" != label or not 200 <= answer.status < 300:
            return answer
        return Answer(answer.status, _without(answer.body, field))

    return spoil


def _without(value: Any, field: str) -> Any:
    if isinstance(value, list):
        return [_without(item, field) for item in value]
    if isinstance(value, dict):
        return {name: _without(item, field) for name, item in value.items() if name != field}
    return value


def _server_error(method: str, _path: str, answer: Answer) -> Answer:
    return Answer(500, {"message": "Server Error"}) if method == "GET" and answer.status == 200 else answer


def _undocumented_status(method: str, _path: str, answer: Answer) -> Answer:
    return Answer(418, {"message": "I am a teapot."}) if method == "DELETE" and answer.status == 204 else answer


def _wrong_type(method: str, path: str, answer: Answer) -> Answer:
    if method == "GET" and path.endswith("}") and isinstance(answer.body, dict) and "data" in answer.body:
        return Answer(answer.status, {**answer.body, "data": "text"})
    return answer


def _repeated_item(method: str, _path: str, answer: Answer) -> Answer:
    if method == "GET" and isinstance(answer.body, dict) and len(answer.body.get("data") or ()) > 1:
        data = answer.body["data"]
        if isinstance(data, list):
            return Answer(answer.status, {**answer.body, "data": [data[0], *data[:-1]]})
    return answer


DEFECTS = (
    Defect("server-error", "every read fails with 500", _server_error),
    Defect("undocumented-status", "a removal answers 418", _undocumented_status),
    Defect("wrong-type", "a read gives text where an object belongs", _wrong_type),
    Defect("repeated-item", "listings give their first item twice", _repeated_item),
)
