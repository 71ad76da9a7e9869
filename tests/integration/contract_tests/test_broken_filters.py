"""The tool that breaks the emulator's filters one at a time: each is found, and none is accused as it is."""

import pytest

from tools import break_filters


def test_the_filters_of_a_listing_are_found_when_they_are_broken(capsys: pytest.CaptureFixture[str]) -> None:
    assert break_filters.main(["--listing", "/user-groups/"]) == 0
    *missed, total = capsys.readouterr().out.splitlines()
    assert missed == []
    assert total.startswith("12 of 12 broken filters found")
