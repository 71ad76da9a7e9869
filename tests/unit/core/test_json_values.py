"""JSON of any target is read as `json` reads it, by whichever library."""

import pytest

from ampeco_conformance.core.json_values import DEEPEST, read_json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, -0.5, true, null, {}]", [1, -0.5, True, None, {}]),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ("123456789012345678901", 123456789012345678901),
        ("[-9223372036854775809]", [-9223372036854775809]),
        ('"1234567890123456789012"', "1234567890123456789012"),
        ("1e400", 1.7976931348623157e308),
        ("9" * 400, 1.7976931348623157e308),
        ("-" + "9" * 400, -1.7976931348623157e308),
        ("[NaN]", [None]),
        ('["\\ud800"]', ["\ufffd"]),
        ("\ufeff7", 7),
        (b"\xed\xa0\x80".join([b'"', b'"']), "\ufffd"),
    ],
)
def test_values_are_read_exactly_or_replaced(text: str | bytes, value: object) -> None:
    read = read_json(text)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize("text", ["", "[1,]", "01", b'"\xff"', '"\x01"', "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)])
def test_what_is_no_json_or_too_deep_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        read_json(text)
