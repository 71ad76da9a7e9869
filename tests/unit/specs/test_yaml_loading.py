"""YAML is read by the core schema of YAML 1.2, as other tools read it."""

from typing import Any

import pytest
import yaml

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs.parsed import parse_cached
from ampeco_conformance.specs.reading import parse_document
from ampeco_conformance.specs.yaml_loading import YamlLimits, load_yaml

LIMITS = YamlLimits(depth=20, nodes=100)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 0o17", {"a": 15}),
        ("a: 010", {"a": 10}),
        ("a: 0x1F", {"a": 31}),
        ("a: -.5e3", {"a": -500.0}),
        ("a: 99999999999999999999", {"a": 1e20}),
        ("a: 2020-01-01", {"a": "2020-01-01"}),
        ("a: yes", {"a": "yes"}),
        ("a: '1'", {"a": "1"}),
        ("a: !!str 1", {"a": "1"}),
        ("a: !!int '7'", {"a": 7}),
        ("a: !Special {b: 1}", {"a": {"b": 1}}),
        ("a: ~\nb:", {"a": None, "b": None}),
        ("1: a\n~: b", {1: "a", None: "b"}),
        ("one: &x 1\ntwo: &x 2\nthree: *x", {"one": 1, "two": 2, "three": 2}),
        ("x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}", {"x": {"a": 1, "b": 2}, "y": {"a": 1, "b": 3}}),
        ("x: &x {a: 1}\ny: &y {a: 2}\nz: {<<: [*x, *y]}", {"x": {"a": 1}, "y": {"a": 2}, "z": {"a": 1}}),
        ("a: '<<'\n'<<': 1", {"a": "<<", "<<": 1}),
        ("", None),
    ],
)
def test_scalars_anchors_and_merges(text: str, expected: Any) -> None:
    found = load_yaml(text.encode(), LIMITS)
    assert found == expected
    assert repr(found) == repr(expected)


@pytest.mark.parametrize("text", ["--- 1\n--- 2", "? [a]\n: b", "<<: 1", "a: [1", "a: b: c"])
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        load_yaml(text.encode(), LIMITS)


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: *b", "[" * 30 + "]" * 30, "x: &x [1, 2]\ny: [" + "*x," * 60 + "]"])
def test_the_limits_hold_before_anything_grows(text: str) -> None:
    with pytest.raises(ValueError, match=r"contains itself or is unknown|nested deeper than 20|grows beyond 100 nodes"):
        load_yaml(text.encode(), LIMITS)


def test_a_large_text_is_parsed_once_and_read_alike_after(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr("ampeco_conformance.specs.parsed.cache_folders", lambda *_: [tmp_path])
    text = b"info: &i {version: 1}\ncopies:\n" + b"  - *i\n" * 20_000
    first = parse_cached(text, "api.yaml")
    monkeypatch.setattr("ampeco_conformance.specs.parsed.parse_document", lambda *_: pytest.fail("parsed again"))
    assert parse_cached(text, "api.yaml") == first == parse_document(text, "api.yaml")


def test_a_damaged_entry_of_the_cache_is_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr("ampeco_conformance.specs.parsed.cache_folders", lambda *_: [tmp_path])
    text = b"copies:\n" + b"  - 1\n" * 20_000
    first = parse_cached(text, "api.yaml")
    (kept,) = tmp_path.glob("*.json")
    kept.write_bytes(kept.read_bytes()[:100])
    assert parse_cached(text, "api.yaml") == first
    with pytest.raises(ConfigurationError):
        parse_cached(text + b"  - [\n", "api.yaml")
