"""Texts of a request (of its path, query or form) as the values that their schemas describe."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

import orjson

from ampeco_emulator.openapi.schemas import SchemaBook, SchemaObject

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

_NUMBERS = {"integer": r"-?\d{1,18}", "number": r"-?\d+(\.\d+)?([eE][+-]?\d+)?"}
_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}


def separator_of(definition: Mapping[str, Any]) -> str:
    """What stands between the values of a list that is one text; empty where each value has the name again.

    `definition` is a parameter, or the encoding of a field of a form (OpenAPI 3.0.3, Style Values).
    """
    style = definition.get("style", "simple" if definition.get("in") == "path" else "form")
    return "" if style != "simple" and definition.get("explode", style == "form") else _SEPARATORS.get(style, ",")


def read_text(book: SchemaBook, schema: SchemaObject, text: str, separator: str = "") -> Any:
    """The value of a text; the text itself where it is not of the type of the schema."""
    plain = book.deref(schema)
    kind = plain.get("type")
    if separator and kind == "array":
        return [read_text(book, plain.get("items", {}), part) for part in text.split(separator)]
    if separator and kind == "object":
        parts, properties = text.split(separator), plain.get("properties", {})
        pairs = zip(parts[::2], parts[1::2], strict=False)
        return {name: read_text(book, properties.get(name, {}), part) for name, part in pairs}
    choices = plain.get("enum", ())
    if text not in choices and (meant := [choice for choice in choices if orjson.dumps(choice) == text.encode()]):
        return meant[0]
    if kind in _NUMBERS and re.fullmatch(_NUMBERS[kind], text):
        return int(text) if re.fullmatch(_NUMBERS["integer"], text) else float(text)
    if kind == "boolean" and text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    return text


def read_form(book: SchemaBook, media: Mapping[str, Any], content_type: str, raw: bytes) -> dict[str, Any]:
    """The fields of a form, each as the type that its property has; `media` is its Media Type Object."""
    properties = book.deref(media.get("schema", {})).get("properties", {})
    encodings = media.get("encoding", {})
    texts: dict[str, list[str]] = {}
    for name, text in _fields(content_type, raw):
        # A list may be marked in its name, as PHP wants it.
        stem = name.removesuffix("[]")
        texts.setdefault(stem if stem in properties else name, []).append(text)
    return {
        name: _read_field(book, properties.get(name, {}), separator_of(encodings.get(name, {})), given)
        for name, given in texts.items()
    }


def _read_field(book: SchemaBook, schema: SchemaObject, separator: str, texts: Sequence[str]) -> Any:
    plain = book.deref(schema)
    if plain.get("type") == "object":
        # The default encoding of an object in a form (OpenAPI 3.0.3, Encoding Object).
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(texts[-1])
    if plain.get("type") == "array" and not separator:
        return [read_text(book, plain.get("items", {}), text) for text in texts]
    return read_text(book, schema, texts[-1], separator)


def _fields(content_type: str, raw: bytes) -> Iterable[tuple[str, str]]:
    """The names and texts of a form."""
    if content_type.startswith(MULTIPART):
        return _parts(content_type, raw)
    return parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)


def _parts(content_type: str, raw: bytes) -> Iterator[tuple[str, str]]:
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + raw)
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            yield name, content.decode("utf-8", "replace")
