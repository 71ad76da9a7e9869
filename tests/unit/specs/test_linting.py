"""Each lint rule finds what it is for, and nothing in a sound document."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from ampeco_conformance.specs import Specification, load_specification
from ampeco_conformance.specs.linting import LintProblem, lint
from ampeco_conformance.specs.model import read_operations
from tests.support.documents import minimal_document

Change = Callable[[dict[str, Any]], None]

SOUND = minimal_document("1.0.0", {"/users/{user}": "getUserV1"})
SOUND["paths"]["/users/{user}"]["get"]["parameters"] = [
    {"name": "user", "in": "path", "required": True, "description": "Id of the user.", "schema": {"type": "integer"}}
]


def problems(document: dict[str, Any]) -> list[LintProblem]:
    operations = tuple(read_operations(document))
    return list(lint(Specification("ampeco", "1.0.0", document, "", operations)))


def operation(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"]["/users/{user}"]["get"]
    return found


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def thing(document: dict[str, Any], **schema: Any) -> None:
    schemas(document)["Thing"]["properties"]["id"] = schema


def thing_in_3_1(document: dict[str, Any], **schema: Any) -> None:
    document["openapi"] = "3.1.0"
    thing(document, **schema)


def twice(parameter: dict[str, Any]) -> list[dict[str, Any]]:
    return [parameter, {**parameter, "description": "Again."}]


def discriminate(document: dict[str, Any], target: str) -> None:
    mapping = {"a": "Thing", "b": "#/components/schemas/Thing", "c": target}
    schema = {
        "oneOf": [{"$ref": "#/components/schemas/Thing"}],
        "discriminator": {"propertyName": "id", "mapping": mapping},
    }
    operation(document)["responses"]["200"]["content"]["application/json"]["schema"] = schema


OTHER = {
    "operationId": "getOtherV1",
    "parameters": [{**SOUND["paths"]["/users/{user}"]["get"]["parameters"][0], "name": "id"}],
}
PROBLEMS: dict[str, tuple[str, Change]] = {
    "no title": ("structure", lambda d: d["info"].pop("title")),
    "a dangling reference": ("references", lambda d: thing(d, **{"$ref": "#/components/schemas/None"})),
    "a reference to an anchor": ("references", lambda d: thing(d, **{"$ref": "#Thing"})),
    "a reference to itself": (
        "circular-references",
        lambda d: schemas(d).update(Thing={"allOf": [{"$ref": "#/components/schemas/Thing"}]}),
    ),
    "a reference to a file": ("external-references", lambda d: thing(d, **{"$ref": "other.yaml"})),
    "an operationId twice": ("operation-ids", lambda d: d["paths"].update({"/users": {"get": operation(d)}})),
    "two names of one path": (
        "distinct-paths",
        lambda d: d["paths"].update({"/users/{id}": {"get": {**deepcopy(operation(d)), **OTHER}}}),
    ),
    "a schema that JSON Schema forbids": (
        "structure",
        lambda d: thing_in_3_1(d, minimum=1, exclusiveMinimum=True),
    ),
    "a path with a query": ("paths", lambda d: d["paths"].update({"/all?old=1": {}})),
    "a path with an empty segment": ("paths", lambda d: d["paths"].update({"//users/{user}": {}})),
    "an undeclared path parameter": ("path-parameters", lambda d: operation(d).pop("parameters")),
    "a path parameter too many": (
        "path-parameters",
        lambda d: d["paths"].update({"/all": d["paths"].pop("/users/{user}")}),
    ),
    "a single brace in a path": ("paths", lambda d: d["paths"].update({"/all/user}": {}})),
    "a slash in braces": ("paths", lambda d: d["paths"].update({"/all{/user}": {}})),
    "a parameter twice": (
        "distinct-parameters",
        lambda d: operation(d).update(parameters=twice(*operation(d)["parameters"])),
    ),
    "a shared parameter twice": (
        "distinct-parameters",
        lambda d: d["paths"]["/users/{user}"].update(parameters=twice(*operation(d)["parameters"])),
    ),
    "a security scheme that is not declared": ("security-schemes", lambda d: d.update(security=[{}, {"bearer": []}])),
    "a security scheme of an operation that is not declared": (
        "security-schemes",
        lambda d: operation(d).update(security=[{"bearer": []}]),
    ),
    "a mapping to no schema": ("discriminators", lambda d: discriminate(d, "Other")),
    "a mapping to a dangling reference": ("discriminators", lambda d: discriminate(d, "#/components/schemas/Other")),
    "a mapping to a file": ("discriminators", lambda d: discriminate(d, "other.yaml")),
    "a wrong default": ("examples", lambda d: thing(d, type="integer", default="x")),
    "a wrong example": ("examples", lambda d: thing(d, type="string", enum=["a"], example="b")),
    "a wrong example of a parameter": ("examples", lambda d: operation(d)["parameters"][0].update(example="x")),
    "content without a schema": (
        "typed-responses",
        lambda d: operation(d)["responses"]["200"]["content"].update({"text/csv": {}}),
    ),
    "no success response": (
        "typed-responses",
        lambda d: operation(d)["responses"].update({"400": operation(d)["responses"].pop("200")}),
    ),
    "no tag": ("described-operations", lambda d: operation(d).pop("tags")),
    "an undeclared tag": ("described-operations", lambda d: operation(d).update(tags=["other"])),
    "no summary": ("described-operations", lambda d: operation(d).pop("summary")),
    "no description": ("described-operations", lambda d: operation(d).pop("description")),
    "a long description": ("described-operations", lambda d: operation(d).update(description="Two\nlines.")),
    "a parameter without a description": (
        "described-parameters",
        lambda d: operation(d)["parameters"][0].pop("description"),
    ),
    "an operationId without a version": ("names", lambda d: operation(d).update(operationId="getUser")),
    "a component in lower case": ("names", lambda d: schemas(d).update(thing=schemas(d)["Thing"])),
    "a component with a number": ("names", lambda d: schemas(d).update(Thing2=schemas(d)["Thing"])),
    "a component that is not used": ("used-components", lambda d: schemas(d).update(Other=schemas(d)["Thing"])),
}


def test_a_sound_document_has_no_problems() -> None:
    assert problems(SOUND) == []


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_rule_finds_its_problem(name: str) -> None:
    rule, change = PROBLEMS[name]
    document = deepcopy(SOUND)
    change(document)
    assert rule in {problem.rule for problem in problems(document)}


def test_declared_schemes_mappings_and_replaced_parameters_are_sound() -> None:
    document = deepcopy(SOUND)
    discriminate(document, "Thing")
    document["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"bearer": []}]
    document["paths"]["/users/{user}"]["parameters"] = deepcopy(operation(document)["parameters"])
    operation(document)["parameters"].append({**operation(document)["parameters"][0], "in": "query"})
    assert problems(document) == []


def test_an_invalid_document_gets_no_other_problems() -> None:
    document = deepcopy(SOUND)
    operation(document)["parameters"] = [{"$ref": "#/components/parameters/none"}]
    assert problems(document) == [
        LintProblem(
            "references",
            "the document has a dangling reference, #/components/parameters/none,"
            " at /paths/~1users~1{user}/get/parameters/0",
        )
    ]


def test_our_own_rules_spare_the_document_of_a_vendor() -> None:
    document = deepcopy(SOUND) | {"x-provenance": "vendor"}
    operation(document).update(operationId="read user")
    operation(document).pop("description")
    assert problems(document) == []


def test_a_property_called_example_is_no_example() -> None:
    document = deepcopy(SOUND)
    schemas(document)["Thing"]["properties"] = {"example": {"type": "integer"}, "default": {"type": "string"}}
    assert problems(document) == []


@pytest.mark.parametrize(("version", "api"), [("3.99.0", "ampeco"), ("3.110.0", "ampeco"), ("v1", "spirii")])
def test_the_specifications_of_the_project_have_no_problems(version: str, api: str) -> None:
    assert list(lint(load_specification(version, api))) == []
