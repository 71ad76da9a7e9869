"""JSON Schema validators for the schemas of a specification, in the direction of travel."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import jsonschema_rs

from ampeco_conformance.contract.json_schema import DOCUMENT_URI, Direction, reference_to, translate
from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.patterns import common_schema, pattern_formats
from ampeco_conformance.specs.walking import at_pointer, pointer_of

_URL = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)
_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-4]):[0-5]\d(:[0-6]\d(\.\d+)?(Z|[+-]\d\d:\d\d)?)?", re.IGNORECASE)


class Schemas:
    """Compiles the schemas of one specification on demand; one instance per specification is enough."""

    def __init__(self, specification: Specification) -> None:
        self._document = specification.document
        self._is_3_0 = str(self._document.get("openapi", "")).startswith("3.0")
        self._validators: dict[tuple[str, Direction], jsonschema_rs.Validator] = {}

    def prepare(self) -> None:
        """Translate the document now, for both directions."""
        _ = self._requests, self._responses

    def validator(self, pointer: str, direction: Direction) -> jsonschema_rs.Validator:
        """The validator of the schema at a JSON pointer of the document, such as `/components/schemas/User`."""
        key = (pointer, direction)
        if key not in self._validators:
            registry = self._requests if direction is Direction.REQUEST else self._responses
            self._validators[key] = jsonschema_rs.Draft202012Validator(
                {"$ref": f"{DOCUMENT_URI}{reference_to(pointer)}"},
                registry=registry,
                validate_formats=True,
                formats={**FORMATS, **pattern_formats()},
                offline=True,
            )
        return self._validators[key]

    def translated(self, schema: Any, direction: Direction) -> Any:
        """A schema as JSON Schema 2020-12; its references stay."""
        return translate(schema, direction, is_3_0=self._is_3_0, root=self._document)

    def resolve(self, value: Mapping[str, Any], pointer: str) -> tuple[dict[str, Any], str]:
        """Follow `$ref` of a parameter, header, body or response object; returns it with its own pointer."""
        while "$ref" in value:
            pointer = pointer_of(str(value["$ref"]))
            value = self.at(pointer)
        return dict(value), pointer

    def at(self, pointer: str) -> Any:
        """The part of the document at a JSON pointer. Raises KeyError when there is none."""
        return at_pointer(self._document, pointer)

    @cached_property
    def _requests(self) -> jsonschema_rs.Registry:
        return self._registry(Direction.REQUEST)

    @cached_property
    def _responses(self) -> jsonschema_rs.Registry:
        return self._registry(Direction.RESPONSE)

    def _registry(self, direction: Direction) -> jsonschema_rs.Registry:
        document = self.translated(self._document, direction)
        return jsonschema_rs.Registry([(DOCUMENT_URI, document)], draft=jsonschema_rs.Draft202012)


def keyword_validator(keyword: str, setting: Any) -> jsonschema_rs.Validator:
    """The validator of one keyword of a schema."""
    schema = common_schema(setting) if keyword == "pattern" else {keyword: setting}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, formats={**FORMATS, **pattern_formats()})


def _is_time_of_day(text: str) -> bool:
    """A time of day as these vendors write it (08:00, 08:00:00) or as RFC 3339 does (08:00:00Z)."""
    return _TIME_OF_DAY.fullmatch(text) is not None


def _is_url(text: str) -> bool:
    """An address with a scheme, which no white space can be in: `url` is no format of JSON Schema."""
    return _URL.fullmatch(text) is not None


#: The formats that are judged in another way than in JSON Schema, or that it does not have.
FORMATS = {"time": _is_time_of_day, "url": _is_url}
