"""Correct servers that store, or refuse, what the contract leaves open."""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.support.loopback import Received, Sent
from tests.support.reverse_proxy import PassOn
from tests.support.runs import TOKEN
from tools.adversary.correct import deep
from tools.adversary.server import Behaviour, ServerRow, invalid, is_on, object_sent, storing

#: Resources, the path of their items, and the fields that they document.
_FIELDS = {
    "user-groups/v1.0": {"name", "description", "partnerId"},
    "top-up-packages/v2.0": {"price", "bonus", "enabled"},
}
_NAMED = r"resources/(user-groups|utilities)/v1.0(/\d+)?"


def _normalized(name: str, value: Any) -> Any:
    """Texts are trimmed and normalized, empty ones are null, and addresses are in small letters."""
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", value.strip())
    return (text.lower() if "mail" in name.lower() else text) or None


def _normalizing(body: Any) -> Any:
    return deep(_normalized, body)


def _refusing(path: str, refused: Callable[[Received, dict[str, Any], PassOn], str | None]) -> Callable[[], Behaviour]:
    """Refuses a write of the operator with 422, naming a field."""

    def behave(received: Received, forward: PassOn) -> Sent:
        is_operator = received.headers.get("Authorization") == f"Bearer {TOKEN}"
        if is_operator and is_on(received, "POST|PATCH|PUT", path) and (body := object_sent(received)):
            exists = received.method == "POST" or forward(replace(received, method="GET", body=b"")).status == 200
            if exists and (field := refused(received, body, forward)) is not None:
                return invalid(field)
        return forward(received)

    return lambda: behave


def _undocumented(received: Received, body: dict[str, Any], _forward: PassOn) -> str | None:
    known = next(fields for path, fields in _FIELDS.items() if path in received.path)
    return next(iter(body.keys() - known), None)


def _taken(received: Received, body: dict[str, Any], forward: PassOn) -> str | None:
    collection = re.sub(r"/\d+$", "", received.path)
    listed = forward(replace(received, method="GET", path=f"{collection}?per_page=100", body=b""))
    items = json.loads(listed.content)["data"] if listed.status == 200 else []
    others = (item["name"] for item in items if not received.path.endswith(f"/{item['id']}"))
    return "name" if body.get("name") in [*others] else None


def _too_long(_received: Received, body: dict[str, Any], _forward: PassOn) -> str | None:
    return next((name for name, value in body.items() if name == "name" and len(str(value)) > 191), None)


def _with_offset(_received: Received, body: dict[str, Any], _forward: PassOn) -> str | None:
    moments = (name for name, value in body.items() if re.search(r"T[\d:]+[+-]\d\d:\d\d$", str(value)))
    return next(moments, None)


CORRECT_WRITES = (
    ServerRow(
        "texts are trimmed and normalized, and addresses in small letters",
        storing("POST|PUT|PATCH", ".*", _normalizing),
        ["*/user-groups/*", "*/taxes/v2.0*", "*/partners/v2.0*", "*/partner-invites/*"],
    ),
    ServerRow(
        "fields that are not documented are refused",
        _refusing(r"resources/(user-groups/v1.0|top-up-packages/v2.0)(/\d+)?", _undocumented),
        ["*/user-groups/*", "*/top-up-packages/*"],
    ),
    ServerRow("names are unique", _refusing(_NAMED, _taken), ["*/user-groups/*", "*/utilities/*"]),
    ServerRow(
        "names beyond 191 characters are refused",
        _refusing(r"resources/(user-groups/v1.0|partners/v2.0)(/\d+)?", _too_long),
        ["*/user-groups/*", "*/partners/v2.0*"],
    ),
    ServerRow(
        "moments with an offset are refused",
        _refusing(r"resources/charge-point-downtime-periods/v1.0(/\d+)?", _with_offset),
        ["*/charge-point-downtime-periods/*"],
    ),
)
