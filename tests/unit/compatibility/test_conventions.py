"""Two authors write the same contract: what only they write differently is set aside, what changed is not."""

import copy
from typing import Any

import pytest

from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.conventions import brought_together
from ampeco_conformance.compatibility.inputs import load_contract
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.report import ComparisonReport, compare
from ampeco_conformance.compatibility.rules import ChangeSeverity
from ampeco_conformance.specs.walking import walk

CALLBACK = "{$request.body#/callbackUrl}"


@pytest.fixture(scope="module")
def own() -> dict[str, Any]:
    document = load_contract("3.110.0").document
    parts = ("/taxes/", "/parking-spaces/", "/notifications/v2.0")
    return {**document, "paths": {path: item for path, item in document["paths"].items() if path_has(path, parts)}}


def path_has(path: str, parts: tuple[str, ...]) -> bool:
    return any(part in path for part in parts)


@pytest.fixture(scope="module")
def other(own: dict[str, Any]) -> dict[str, Any]:
    """The same contract in another hand: the envelope is required, headers and names are written otherwise."""
    document = copy.deepcopy(own)
    document["x-provenance"] = "vendor"
    for pointer, node in list(walk(document)):
        if pointer[:1] == ("paths",) and len(pointer) == 3:
            node["servers"] = [{"url": "https://files.example.com"}]
        if pointer[-2:-1] == ("responses",) and "headers" in node:
            node["headers"] = {name: value for name, value in node["headers"].items() if "Rate" not in name}
        if pointer[-2:-1] == ("callbacks",) and len(node) == 1:
            node[CALLBACK] = node.popitem()[1]
        if node.get("in") == "query" and str(node.get("name", "")).endswith("[]"):
            node.update(name=node["name"].removesuffix("[]"), style="deepObject")
        if node.get("in") == "query" and node.get("style") == "deepObject":
            node.pop("explode", None)
        if node.get("in") == "header" and "callbacks" in pointer:
            node["required"] = True
        if pointer[:2] == ("components", "schemas") and len(pointer) == 3 and pointer[2].startswith("Error"):
            node["required"] = ["message"]
        if "content" in pointer and pointer[-1] == "schema" and "data" in node.get("properties", {}):
            node["required"] = ["data"]
    return document


def together(old: dict[str, Any], new: dict[str, Any], *, raw: bool = False) -> ComparisonReport:
    sides = ContractDocument("old", old), ContractDocument("new", new)
    before, after = sides if raw else brought_together("ampeco", *sides)
    return compare(before, after, load_policy(None, "ampeco"))


def test_another_hand_is_no_change(own: dict[str, Any], other: dict[str, Any]) -> None:
    for old, new in ((own, other), (other, own)):
        report = together(old, new)
        assert (report.counts[ChangeSeverity.BREAKING], report.counts[ChangeSeverity.MAYBE]) == (0, 0)
        assert any("headers of the rate limit, at " in line for line in report.set_aside)


def test_texts_of_refusals_that_one_author_lists_are_no_change(own: dict[str, Any], other: dict[str, Any]) -> None:
    document = copy.deepcopy(other)
    for pointer, node in list(walk(document)):
        if pointer[:2] == ("components", "schemas") and len(pointer) == 3 and pointer[2].startswith("Error"):
            node["properties"]["message"] = {"type": "string", "enum": ["Too late", "Too early"]}
    assert together(document, own, raw=True).counts[ChangeSeverity.BREAKING] > 0
    for old, new in ((own, document), (document, own)):
        report = together(old, new)
        assert (report.counts[ChangeSeverity.BREAKING], report.counts[ChangeSeverity.MAYBE]) == (0, 0)
        assert any("the texts of messages in refusals, at " in line for line in report.set_aside)


def test_texts_of_other_answers_stay_a_change(own: dict[str, Any], other: dict[str, Any]) -> None:
    document = copy.deepcopy(other)
    success = document["paths"]["/public-api/resources/taxes/v2.0"]["get"]["responses"]["200"]
    success["content"]["application/json"]["schema"] = {
        "type": "object",
        "properties": {"message": {"type": "string", "enum": ["Done"]}},
    }
    relaxed = copy.deepcopy(document)
    schema = relaxed["paths"]["/public-api/resources/taxes/v2.0"]["get"]["responses"]["200"]["content"]
    del schema["application/json"]["schema"]["properties"]["message"]["enum"]
    relaxed["x-provenance"] = own["x-provenance"]
    assert together(document, relaxed).counts[ChangeSeverity.BREAKING] == 1


def test_raw_shows_all(own: dict[str, Any], other: dict[str, Any]) -> None:
    report = together(other, own, raw=True)
    assert report.counts[ChangeSeverity.BREAKING] > 0
    assert report.set_aside == ()


def test_a_change_is_found_all_the_same(own: dict[str, Any], other: dict[str, Any]) -> None:
    document = copy.deepcopy(other)
    del document["paths"]["/public-api/resources/taxes/v2.0"]["get"]
    assert together(own, document).counts[ChangeSeverity.BREAKING] == 1


def test_one_author_is_compared_as_it_stands(own: dict[str, Any], other: dict[str, Any]) -> None:
    same_author = {**other, "x-provenance": own["x-provenance"]}
    report = together(same_author, own)
    assert report.counts[ChangeSeverity.BREAKING] > 0
    assert report.set_aside == ()


def test_documents_of_another_api_are_compared_as_they_stand(own: dict[str, Any], other: dict[str, Any]) -> None:
    documents = [{**document, "paths": {"/v1/users": {}, **document["paths"]}} for document in (own, other)]
    assert together(*documents).set_aside == ()
