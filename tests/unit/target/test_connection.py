"""What is shown of how a target is connected to."""

import pytest

from ampeco_conformance.target.connection import without_header_values


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["run", "--header", "X-Key: status", "--seed", "1"], ["run", "--header", "X-Key: ***", "--seed", "1"]),
        (["--header=X-Key: status"], ["--header=X-Key: ***"]),
        (["--header", "--header", "X-Key: a"], ["--header", "--header: ***", "X-Key: a"]),
        (["--conform-header", "X-Key:status", "status"], ["--conform-header", "X-Key: ***", "status"]),
        (["--operation", "GET /x?a=b"], ["--operation", "GET /x?a=b"]),
    ],
)
def test_a_command_line_is_shown_without_the_values_of_headers(words: list[str], shown: list[str]) -> None:
    assert list(without_header_values(words)) == shown
