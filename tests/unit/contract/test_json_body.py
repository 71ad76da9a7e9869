import pytest

from ampeco_conformance.contract.json_body import json_trouble


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        (b'{"data": [1, 2.5, null, "\xc3\xa9"]}', None),
        (b"", "is empty"),
        (b"\n ", "is empty"),
        (b"<!DOCTYPE html><p>Error", "is a web page"),
        (b'{"data": {"id"', "breaks off after 14 bytes"),
        (b'{"data": "half a te', "breaks off after 19 bytes"),
        (b'{"data": NaN}', "is not JSON: NaN is not a number that parsers read alike"),
        (b'{"data": -Infinity}', "is not JSON: -Infinity is not a number that parsers read alike"),
        (b'{"data": -1e400}', "is not JSON: -1e400 is not a number that parsers read alike"),
        (b'{"data": "\\ud800"}', "has half of a surrogate pair, which is no character"),
        (b'{"a\\udc00": 1}', "has half of a surrogate pair, which is no character"),
        (b'{"data": "\\ud83d\\ude00"}', None),
        (b"[" * 200 + b"]" * 200, None),
        (b"[" * 201 + b"]" * 201, "is nested deeper than 200 levels"),
        (b"[" * 100_000, "is nested deeper than 200 levels"),
        (b'{"data": null, "data": {}}', "has the name data twice in one object"),
        (b'{"data": [{"id": 1, "id": 1}]}', "has the name id twice in one object"),
        (b"{'data': 1}", "is not JSON: Expecting property name enclosed in double quotes at character 1"),
        (b'{"data": "\xe9"}', "is not UTF-8: byte 10 is 0xe9"),
    ],
)
def test_what_is_wrong_with_a_body_is_said_in_words(body: bytes, trouble: str | None) -> None:
    assert json_trouble(body) == trouble
