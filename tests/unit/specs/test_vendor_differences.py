"""What an export says in another way than the vendor's document is explained; anything else is listed."""

import copy
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.specs import load_specification
from ampeco_conformance.specs.walking import walk
from ampeco_conformance.specs.writing import to_json
from tests.support.facts import load
from tools.vendor_differences import differences, explanation

_KEPT = ("/public-api/resources/charge-points/v2.0", "/public-api/notifications/v2.0")


def _part(change: Any = None) -> dict[str, Any]:
    """A part of 3.110.0, changed by a function."""
    document = copy.deepcopy(load_specification("3.110.0").document)
    document["paths"] = {path: document["paths"][path] for path in _KEPT}
    if change is not None:
        change(document)
    return document


def _as_the_vendor_writes(document: dict[str, Any]) -> None:
    for _, node in walk(document):
        if node.get("in") == "query" and node["name"] in ("filter", "include[]"):
            node.pop("explode", None)
            node |= {"style": "deepObject", "name": node["name"].removesuffix("[]")}
        node.pop("operationId", None)
    document["components"]["responses"]["TooManyRequests"].pop("headers")
    document["components"]["schemas"]["Error"]["properties"]["message"]["default"] = "Not allowed."
    callbacks = document["paths"]["/public-api/notifications/v2.0"]["post"]["callbacks"]
    for callback in callbacks.values():
        (item,) = callback.values()
        callback.clear()
        callback["{$request.body#/callbackUrl}"] = item


def _unexplained(tmp_path: Path, ours: dict[str, Any], vendors: dict[str, Any]) -> list[str]:
    files = [tmp_path / "ours.json", tmp_path / "vendors.json"]
    for file, document in zip(files, (ours, vendors), strict=True):
        file.write_text(to_json(document))
    found = differences(*map(str, files))
    return [
        f"{change.rule} {change.location}" for change in found if explanation(change, load("corrections.yaml")) is None
    ]


def test_the_spelling_of_the_vendor_is_explained(tmp_path: Path) -> None:
    assert _unexplained(tmp_path, _part(), _part(_as_the_vendor_writes)) == []


def _without_a_limit(document: dict[str, Any]) -> None:
    document["components"]["parameters"]["perPage"]["schema"].pop("maximum")


def _with_a_required_envelope(document: dict[str, Any]) -> None:
    responses = document["paths"][_KEPT[0]]["get"]["responses"]
    responses["200"]["content"]["application/json"]["schema"]["required"] = ["data"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (_without_a_limit, "request-maximum-set query.per_page"),
        (_with_a_required_envelope, "response-property-became-optional 200 body.data"),
    ],
)
def test_a_difference_that_matters_is_not(tmp_path: Path, change: Any, rule: str) -> None:
    assert set(_unexplained(tmp_path, _part(change), _part())) == {rule}


def test_every_explanation_has_a_reason() -> None:
    assert all(entry["why"] and entry["rule"] for entry in load("corrections.yaml")["vendor-document"])
