"""Which keywords of a request body cannot be what makes a body invalid.

A keyword of one variant of a body says nothing where another variant takes the same body without it: whatever value
violates the keyword, the body stays valid. This is proven, never guessed: the schema without the keyword has to imply
the schema with it, assertion by assertion. What is not understood counts as violable.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ampeco_conformance.contract.json_schema import COMBINATORS, Direction
from ampeco_conformance.contract.schemas import Schemas
from ampeco_conformance.specs.walking import pointer_of, unescape_pointer

_Keywords = Mapping[str, Any]
#: The types of the values that a keyword says something about.
_CONCERNS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("minLength", "maxLength", "pattern", "format"), frozenset({"string"})),
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), frozenset({"integer", "number"})
    ),
    **dict.fromkeys(("items", "minItems", "maxItems", "uniqueItems"), frozenset({"array"})),
    **dict.fromkeys(
        ("properties", "required", "additionalProperties", "minProperties", "maxProperties"), frozenset({"object"})
    ),
}
_ANNOTATIONS = frozenset(
    {
        *("title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly"),
        *("externalDocs", "xml", "discriminator"),
    }
)
_CONDITIONAL = ("then", "else")
#: Keywords with a setting that can only be the same, and that no other keyword changes.
_PLAIN = frozenset(
    {
        *("const", "minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minProperties", "maxProperties"),
    }
)
_DEEPEST = 12


class Violability:
    """The keywords of one request body."""

    def __init__(self, schemas: Schemas, schema: _Keywords) -> None:
        self._schemas = schemas
        self._resolved: dict[str, _Keywords] = {}
        self._whole = self._target(schemas.translated(schema, Direction.REQUEST))

    def is_violable(self, place: str, keyword: str) -> bool:
        """Whether a body can be invalid because of a keyword at a place, such as `body/address/city`.

        A required property has the place of the property, and the keyword `required`.
        """
        steps = _steps(place)
        required = steps.pop() if keyword == "required" else None
        without = self._without(self._whole, steps, lambda schema: _relaxed(schema, keyword, required))
        return not self._implies([without], self._whole, _DEEPEST)

    def is_void(self, place: str, keyword: str) -> bool:
        """Whether a keyword says nothing about any value of the types that the place documents."""
        if keyword not in _CONCERNS or keyword == "required":
            return False
        found: list[_Keywords] = []

        def note(schema: _Keywords) -> _Keywords:
            found.append(schema)
            return schema

        self._without(self._whole, _steps(place), note)
        return all(_is_void([schema], keyword) for schema in found if keyword in schema)

    def _target(self, schema: Any) -> _Keywords:
        """A schema without a reference at its head."""
        while isinstance(schema, Mapping) and "$ref" in schema:
            reference = str(schema["$ref"])
            if reference not in self._resolved:
                target = self._schemas.at(pointer_of(reference))
                self._resolved[reference] = self._schemas.translated(target, Direction.REQUEST)
            schema = self._resolved[reference]
        return schema if isinstance(schema, Mapping) else {} if schema else {"not": {}}

    def _without(self, schema: Any, steps: Sequence[str], relax: Callable[[_Keywords], _Keywords]) -> _Keywords:
        """A copy of a schema that is relaxed at a place, in all of its variants."""
        schema = self._target(schema)
        changed: dict[str, Any] = {
            keyword: [self._without(part, steps, relax) for part in schema[keyword]]
            for keyword in COMBINATORS
            if keyword in schema
        }
        changed |= {key: self._without(schema[key], steps, relax) for key in _CONDITIONAL if key in schema}
        if not steps:
            return relax({**schema, **changed})
        step, rest = steps[0], steps[1:]
        if step in (properties := schema.get("properties", {})):
            changed["properties"] = {**properties, step: self._without(properties[step], rest, relax)}
        for keyword in ("items", "additionalProperties") if step == "*" else ():
            if isinstance(schema.get(keyword), Mapping):
                changed[keyword] = self._without(schema[keyword], rest, relax)
        return {**schema, **changed} if changed else schema

    def _implies(self, given: Sequence[Any], taken: Any, depth: int) -> bool:
        """Whether what all the given schemas allow is certainly allowed by another one."""
        taken = self._target(taken)
        conjuncts = [*self._conjuncts(given)]
        if any(schema is taken or schema == taken for schema in conjuncts):
            return True
        return depth > 0 and all(
            self._implies_keyword(conjuncts, taken, keyword, depth - 1)
            for keyword in taken
            if keyword not in _ANNOTATIONS
        )

    def _conjuncts(self, given: Sequence[Any]) -> Iterator[_Keywords]:
        for part in given:
            schema = self._target(part)
            yield schema
            yield from self._conjuncts(schema.get("allOf", ()))

    def _implies_keyword(self, given: Sequence[_Keywords], taken: _Keywords, keyword: str, depth: int) -> bool:
        setting = taken[keyword]
        if _is_void(given, keyword):
            return True
        match keyword:
            case "allOf":
                return all(self._implies(given, part, depth) for part in setting)
            case "anyOf":
                return self._implies_any(given, setting, depth)
            case "properties":
                own = [schema.get("properties", {}) for schema in given]
                return all(
                    self._implies([properties[name] for properties in own if name in properties], inner, depth)
                    for name, inner in setting.items()
                )
            case "items":
                items = [schema["items"] for schema in given if "items" in schema and "prefixItems" not in schema]
                return self._implies(items, setting, depth)
            case "required":
                return {*setting} <= {name for schema in given for name in schema.get("required", ())}
            case "type" | "enum":
                return any(keyword in schema and _is_within(schema[keyword], setting) for schema in given)
            case "additionalProperties":
                return setting is True or any(_closes_alike(schema, taken) for schema in given)
        return keyword in _PLAIN and any(schema.get(keyword) == setting for schema in given)

    def _implies_any(self, given: Sequence[_Keywords], variants: Sequence[Any], depth: int) -> bool:
        if any(self._implies(given, variant, depth) for variant in variants):
            return True
        # Every variant that the values may be of has to be within one of these.
        return any(
            all(
                any(self._implies([*_replaced(given, index, part)], variant, depth) for variant in variants)
                for part in schema["anyOf"]
            )
            for index, schema in enumerate(given)
            if "anyOf" in schema
        )


def _steps(place: str) -> list[str]:
    return [unescape_pointer(step) for step in place.split("/")[1:]]


def _relaxed(schema: _Keywords, keyword: str, required: str | None) -> _Keywords:
    """A schema without a keyword, or with one required property less."""
    if required is not None:
        return {**schema, "required": [name for name in schema.get("required", ()) if name != required]}
    return {key: setting for key, setting in schema.items() if key != keyword}


def _replaced(given: Sequence[_Keywords], index: int, part: Any) -> Iterator[Any]:
    """The given schemas, with one variant in place of those of one schema."""
    for other, schema in enumerate(given):
        yield schema if other != index else {key: setting for key, setting in schema.items() if key != "anyOf"}
    yield part


def _types(schema: _Keywords) -> frozenset[str]:
    named = schema["type"]
    return frozenset([named] if isinstance(named, str) else named)


def _is_void(given: Sequence[_Keywords], keyword: str) -> bool:
    """Whether a keyword says nothing about values of the given types."""
    concerned = _CONCERNS.get(keyword)
    return concerned is not None and any("type" in schema and not concerned & _types(schema) for schema in given)


def _is_within(given: Any, taken: Any) -> bool:
    """Whether a type or an enum, as one name or a list, is within another one."""
    parts, whole = (value if isinstance(value, list) else [value] for value in (given, taken))
    return all(part in whole for part in parts)


def _closes_alike(given: _Keywords, taken: _Keywords) -> bool:
    """Whether two objects name the same properties, and take the same beyond them."""
    named = [schema.get("properties", {}).keys() for schema in (given, taken)]
    is_plain = not any("patternProperties" in schema for schema in (given, taken))
    return is_plain and named[0] == named[1] and given.get("additionalProperties") == taken["additionalProperties"]
