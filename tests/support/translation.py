"""Translates an OpenAPI 3.0 document into OpenAPI 3.1, for comparisons of the two."""

import copy
from typing import Any

Json = Any


def to_3_1(document: dict[str, Json]) -> dict[str, Json]:
    """The same contract in OpenAPI 3.1; nullable in the spelling that fits each schema."""
    translated: dict[str, Json] = _translate(copy.deepcopy(document))
    return {**translated, "openapi": "3.1.0"}


def _translate(node: Json) -> Json:
    if isinstance(node, list):
        return [_translate(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _translate(value) for key, value in node.items()}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(made.get(exclusive), bool) and made.pop(exclusive):
            made[exclusive] = made.pop(bound)
    if made.get("nullable") is not True:
        made.pop("nullable", None) if isinstance(made.get("nullable"), bool) else None
        return made
    del made["nullable"]
    annotations = {
        key: made.pop(key) for key in ("description", "readOnly", "writeOnly", "deprecated", "default") if key in made
    }
    if "type" not in made or {"enum", "allOf", "anyOf", "oneOf"} & made.keys():
        return {"anyOf": [made, {"type": "null"}], **annotations}
    return {**made, "type": [made["type"], "null"], **annotations}
