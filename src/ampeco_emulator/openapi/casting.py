"""Values in the type and the spelling of another version of a resource."""

from collections.abc import Mapping, Sequence
from typing import Any

#: The types of values that need no other form.
_OF_KIND: Mapping[str | None, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def cast(value: Any, kind: str | None) -> Any:
    """The value in the type of another version: ids as numbers or strings, plain or translated names and amounts."""
    if isinstance(value, _OF_KIND.get(kind, ())):
        return value
    if kind == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if kind == "integer" and isinstance(value, str) and value.isdecimal():
        return int(value)
    if kind == "string" and isinstance(value, list) and value and isinstance(value[0], Mapping):
        return value[0].get("translation")
    if kind == "object" and isinstance(value, list) and value and all(_is_text(item) for item in value):
        return {item["locale"]: item["translation"] for item in value}
    if kind == "number" and isinstance(value, Mapping) and "withoutTax" in value:
        return value["withoutTax"]
    if kind == "object" and isinstance(value, str):
        return {"name": value}
    if kind == "string" and isinstance(value, Mapping) and "name" in value:
        return value["name"]
    if kind == "array" and isinstance(value, str):
        return [{"locale": "en", "translation": value}]
    return value


def _is_text(value: Any) -> bool:
    """Whether a value is a text in one language."""
    return isinstance(value, Mapping) and value.keys() >= {"locale", "translation"}


# Facts: the spellings of the same status, and of what authorized a session, in the versions of a resource.
_SPELLINGS = {
    "active": ("enabled",),
    "enabled": ("active",),
    "id_tag": ("rfid_tag",),
    "mac_address": ("id_tag", "rfid_tag"),
}


def respelled(value: Any, choices: Sequence[Any]) -> Any:
    """A word in the spelling of this version: another name, spaces or underscores, small letters or capitals."""
    if not isinstance(value, str) or not choices or value in choices:
        return value
    others = (
        *_SPELLINGS.get(value, ()),
        value.replace("_", " "),
        value.replace(" ", "_"),
        value.lower(),
        value.upper(),
    )
    return next((other for other in others if other in choices), value)
