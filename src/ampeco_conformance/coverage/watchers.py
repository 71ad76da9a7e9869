"""What is watched at a place of a schema: that it is seen, its enum values, its keywords."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ampeco_conformance.contract.json_schema import translate_bounds
from ampeco_conformance.contract.schemas import keyword_validator
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.coverage.schema_tree import Point, Reach, Watch, Watcher

_TEXT, _NUMBER, _LIST, _OBJECT = (str,), (int, float), (list,), (dict,)
#: The keywords that are watched, with the types of the values that they concern; all types when there are none.
_KEYWORDS: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("type", "enum", "const"), ()),
    **dict.fromkeys(("minLength", "maxLength", "pattern", "format"), _TEXT),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), _NUMBER),
    **dict.fromkeys(("minItems", "maxItems", "uniqueItems"), _LIST),
    **dict.fromkeys(("minProperties", "maxProperties"), _OBJECT),
}
#: Formats that can be violated: others say how a value is stored.
_FORMATS = frozenset({"date", "date-time", "time", "email", "uuid", "uri", "url", "ipv4", "ipv6", "hostname"})
_COUNTS_FROM = frozenset({"minLength", "minItems", "minProperties"})


class _Seen:
    """Whether there was a value at all."""

    def __init__(self, kind: CoverageKind, place: str) -> None:
        self._point = (kind, place)
        self.is_done = False

    @property
    def points(self) -> list[Point]:
        return [] if self.is_done else [self._point]

    def see(self, _value: Any, reach: Reach) -> None:
        self.is_done = True
        reach(*self._point)


class _EnumValues:
    """Which of the values of an enum there were."""

    def __init__(self, kind: CoverageKind, place: str, values: Sequence[Any]) -> None:
        self._kind = kind
        self._left = {_written(value): f"{place} = {_written(value)}" for value in values if value is not None}

    @property
    def points(self) -> list[Point]:
        return [(self._kind, place) for place in self._left.values()]

    @property
    def is_done(self) -> bool:
        return not self._left

    def see(self, value: Any, reach: Reach) -> None:
        if not isinstance(value, list | dict) and (place := self._left.pop(_written(value), None)) is not None:
            reach(self._kind, place)


class _TwoSided:
    """Whether something was satisfied at a place, and violated; it need not be possible to violate it."""

    def __init__(self, place: str, *, is_violable: bool = True) -> None:
        self._place = place
        self._left = {True: CoverageKind.VALID_KEYWORDS}
        if is_violable:
            self._left[False] = CoverageKind.INVALID_KEYWORDS

    @property
    def points(self) -> list[Point]:
        return [(kind, self._place) for kind in self._left.values()]

    @property
    def is_done(self) -> bool:
        return not self._left

    def _judge(self, is_satisfied: bool, reach: Reach) -> None:
        kind = self._left.pop(is_satisfied, None)
        if kind is not None:
            reach(kind, self._place)


class _Keyword(_TwoSided):
    """Whether there was a value that satisfies a keyword, and one that violates it."""

    def __init__(self, place: str, keyword: str, setting: Any, *, is_violable: bool) -> None:
        super().__init__(f"{place} {keyword}", is_violable=is_violable)
        self._types = _KEYWORDS[keyword]
        self._validator = keyword_validator(keyword, setting)

    def see(self, value: Any, reach: Reach) -> None:
        if not self._types or (isinstance(value, self._types) and not isinstance(value, bool)):
            self._judge(self._validator.is_valid(value), reach)


class _Required(_TwoSided):
    """Whether an object had a required property, and whether one lacked it."""

    def __init__(self, place: str, name: str) -> None:
        super().__init__(f"{place}/{name} required")
        self._name = name

    def see(self, value: Any, reach: Reach) -> None:
        if isinstance(value, dict):
            self._judge(self._name in value, reach)


def fields_and_values(fields: CoverageKind | None, values: CoverageKind) -> Watch:
    """Watches that fields are seen, and which of their enum values."""

    def watch(place: str, schemas: Sequence[Mapping[str, Any]]) -> Iterator[Watcher]:
        if fields is not None and "/" in place and not place.endswith("/*"):
            yield _Seen(fields, place)
        enums = [value for schema in schemas for value in schema.get("enum", ())]
        if enums:
            yield _EnumValues(values, place, enums)

    return watch


def keywords(*, in_text: bool) -> Watch:
    """Watches the keywords of a request; in the text of a URL, everything can be a text, and a list."""

    def watch(place: str, schemas: Sequence[Mapping[str, Any]]) -> Iterator[Watcher]:
        named: dict[str, Watcher] = {}
        for schema in schemas:
            for keyword, setting in _settings(schema, in_text=in_text):
                is_free = in_text and keyword == "type" and "string" in setting
                named.setdefault(keyword, _Keyword(place, keyword, setting, is_violable=not is_free))
            writable = {name for name, inner in schema.get("properties", {}).items() if not inner.get("readOnly")}
            for name in writable.intersection(schema.get("required", ())):
                named.setdefault(f"required {name}", _Required(place, name))
        yield from named.values()

    return watch


def _settings(schema: Mapping[str, Any], *, in_text: bool) -> Iterator[tuple[str, Any]]:
    """The keywords of a schema that can be violated, as JSON Schema 2020-12."""
    own = {key: schema[key] for key in schema if key in _KEYWORDS or key == "nullable"}
    translate_bounds(own)
    kinds = own.get("type", [])
    kinds = [*kinds] if isinstance(kinds, list) else [kinds]
    if in_text and {"array", "object"}.intersection(kinds):
        own = {key: value for key, value in own.items() if key == "enum"}
    is_nullable = own.pop("nullable", False)
    for keyword, setting in own.items():
        if keyword == "type":
            yield keyword, [*kinds, "null"] if is_nullable and "null" not in kinds else kinds
        elif keyword == "enum":
            yield keyword, [*setting, None] if is_nullable else setting
        elif keyword == "format":
            if setting in _FORMATS:
                yield keyword, setting
        elif not (keyword in _COUNTS_FROM and setting == 0) and setting is not False:
            yield keyword, setting


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
