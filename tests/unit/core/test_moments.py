"""Moments in the notations that RFC 3339 has."""

import pytest

from ampeco_conformance.core.moments import read_moment, utc_moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-01T12:00:00Z", "2026-01-01T12:00:00+00:00"),
        ("2026-01-01t12:00:00z", "2026-01-01T12:00:00+00:00"),
        ("2026-01-01T12:00:00.5+02:00", "2026-01-01T12:00:00.500000+02:00"),
        ("2026-01-01 12:00:00", "2026-01-01T12:00:00+00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59+00:00"),
        ("2016-12-31t23:59:60.25z", "2016-12-31T23:59:59.250000+00:00"),
        ("2017-01-01T05:29:60+05:30", "2017-01-01T05:29:59+05:30"),
    ],
)
def test_a_moment_is_read(text: str, expected: str) -> None:
    at = utc_moment(text)
    assert at is not None
    assert at.isoformat() == expected


@pytest.mark.parametrize("text", ["2026-01-01T12:60:00Z", "2026-01-01T12:00:61Z", "2026-01-01T60:00:60Z", "60", ""])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert read_moment(text) is None
