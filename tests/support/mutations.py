"""Random mutations of real schemas, and random values of schemas."""

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

Json = Any


def mutate(schema: Json, chance: random.Random) -> Json:
    """A copy of a schema with one random change somewhere in it; the same when nothing fits."""
    mutant = copy.deepcopy(schema)
    places = list(_schemas(mutant))
    for _ in range(20):
        if chance.choice(_MUTATIONS)(chance.choice(places), chance):
            break
    return mutant


def value_of(schema: Json, definitions: Json, chance: random.Random, depth: int = 0) -> Json:
    """A random value, more often than not one that a JSON Schema accepts."""
    while "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/$defs/")]
    if chance.random() < 0.03 or depth > 8:
        return chance.choice([None, 0, -1, 10**6, 0.5, "", "a" * 300, True, [], {}])
    if "enum" in schema:
        return chance.choice(schema["enum"])
    for union in ("anyOf", "oneOf", "allOf"):
        if schema.get(union):
            chosen = chance.choice(schema[union])
            own = value_of({k: v for k, v in schema.items() if k != union}, definitions, chance, depth + 1)
            other = value_of(chosen, definitions, chance, depth + 1)
            return {**own, **other} if isinstance(own, dict) and isinstance(other, dict) else other
    kind = chance.choice(schema.get("type") or ["object" if "properties" in schema else "string"])
    return _MAKERS[kind](schema, definitions, chance, depth)


def _object(schema: Json, definitions: Json, chance: random.Random, depth: int) -> Json:
    required, often = schema.get("required", ()), chance.choice([0.05, 0.5, 0.95])
    value = {
        name: value_of(child, definitions, chance, depth + 1)
        for name, child in schema.get("properties", {}).items()
        if name in required or chance.random() < often
    }
    if isinstance(schema.get("additionalProperties"), dict):
        value["other"] = value_of(schema["additionalProperties"], definitions, chance, depth + 1)
    return value


def _array(schema: Json, definitions: Json, chance: random.Random, depth: int) -> Json:
    length = max(schema.get("minItems", 0), chance.choice([0, 1, 1, 2, schema.get("maxItems", 3)]))
    return [value_of(schema.get("items", {}), definitions, chance, depth + 1) for _ in range(min(length, 12))]


def _string(schema: Json, _definitions: Json, chance: random.Random, _depth: int) -> Json:
    known = {"date-time": "2026-01-31T12:00:00Z", "date": "2026-01-31", "email": "a@b.org", "uri": "https://a.org"}
    length = chance.choice([schema.get("minLength", 1), schema.get("maxLength", 3), 1, 7])
    return known.get(schema.get("format", ""), "a" * min(length, 10_000))


def _number(schema: Json, _definitions: Json, chance: random.Random, _depth: int) -> Json:
    ends = [schema[key] for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum") if key in schema]
    return chance.choice([*ends, 0, 1, 5, -3, 100, 2.5]) + chance.choice([0, 0, 1, -1])


_MAKERS: dict[str, Callable[..., Json]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "number": _number,
    "integer": lambda *arguments: int(_number(*arguments)),
    "boolean": lambda _schema, _definitions, chance, _depth: chance.random() < 0.5,
    "null": lambda *_arguments: None,
}


def _schemas(schema: Json) -> Iterator[dict[str, Json]]:
    if not isinstance(schema, dict):
        return
    yield schema
    for child in schema.get("properties", {}).values():
        yield from _schemas(child)
    for keyword in ("items", "additionalProperties"):
        yield from _schemas(schema.get(keyword))
    for keyword in ("anyOf", "oneOf", "allOf"):
        for child in schema.get(keyword, ()):
            yield from _schemas(child)


def _drop_field(schema: dict[str, Json], chance: random.Random) -> bool:
    if not schema.get("properties"):
        return False
    name = chance.choice(sorted(schema["properties"]))
    del schema["properties"][name]
    schema["required"] = [other for other in schema.get("required", ()) if other != name]
    return True


def _add_field(schema: dict[str, Json], chance: random.Random) -> bool:
    if "properties" not in schema:
        return False
    schema["properties"]["brandNew"] = {"type": chance.choice(["string", "integer"])}
    if chance.random() < 0.5:
        schema["required"] = [*schema.get("required", ()), "brandNew"]
    return True


def _toggle_required(schema: dict[str, Json], chance: random.Random) -> bool:
    if not schema.get("properties"):
        return False
    name = chance.choice(sorted(schema["properties"]))
    required = schema.get("required", [])
    schema["required"] = [other for other in required if other != name] if name in required else [*required, name]
    return True


def _change_type(schema: dict[str, Json], chance: random.Random) -> bool:
    if not isinstance(schema.get("type"), str):
        return False
    schema["type"] = chance.choice(["string", "integer", "number", "boolean", "object", "array"])
    return True


def _change_enum(schema: dict[str, Json], chance: random.Random) -> bool:
    values = schema.get("enum")
    if values is None:
        if schema.get("type") == "string":
            schema["enum"] = ["one", "two"]
        return schema.get("type") == "string"
    if chance.random() < 0.5 or len(values) == 1:
        values.append("brand-new")
    else:
        values.remove(chance.choice(values))
    return True


def _toggle_null(schema: dict[str, Json], _chance: random.Random) -> bool:
    if "type" not in schema:
        return False
    schema["nullable"] = not schema.get("nullable", False)
    return True


def _change_bound(schema: dict[str, Json], chance: random.Random) -> bool:
    keywords = {
        "string": ("minLength", "maxLength"),
        "integer": ("minimum", "maximum"),
        "number": ("minimum", "maximum", "multipleOf"),
        "array": ("minItems", "maxItems"),
        "object": ("minProperties", "maxProperties"),
    }.get(str(schema.get("type")))
    if keywords is None:
        return False
    keyword = chance.choice(keywords)
    if keyword in schema and chance.random() < 0.4:
        del schema[keyword]
    else:
        schema[keyword] = chance.choice([1, 2, 3, 10])
    return True


def _close(schema: dict[str, Json], chance: random.Random) -> bool:
    if "properties" not in schema:
        return False
    schema["additionalProperties"] = chance.choice([True, False, {"type": "string"}])
    return True


def _change_variants(schema: dict[str, Json], chance: random.Random) -> bool:
    for union in ("anyOf", "oneOf"):
        if union in schema:
            if chance.random() < 0.5 and len(schema[union]) > 1:
                schema[union].pop(chance.randrange(len(schema[union])))
            else:
                schema[union].append({"type": chance.choice(["string", "integer", "boolean"])})
            return True
    return False


_MUTATIONS = [
    *(_drop_field, _add_field, _toggle_required, _change_type, _change_enum, _toggle_null, _change_bound, _close),
    _change_variants,
]
