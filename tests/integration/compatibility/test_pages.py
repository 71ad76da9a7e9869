"""The HTML pages of comparisons, opened from the file system in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.compatibility.inputs import load_contract
from ampeco_conformance.compatibility.matrix import compare_all, operation_timelines
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.rendering.matrix import matrix_page
from ampeco_conformance.core.errors import ExitCode
from tests.support import browser

_VERSIONS = ("3.66.0", "3.96.4", "3.110.0")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Page]:
    yield from browser.tab_or_skip(tmp_path_factory)


def test_a_cell_of_the_matrix_opens_the_list_of_its_pair(page: browser.Page, tmp_path: Path) -> None:
    contracts = [load_contract(version, "ampeco") for version in _VERSIONS]
    file = tmp_path / "matrix.html"
    matrix = compare_all(_VERSIONS, contracts, load_policy())
    file.write_text(matrix_page(matrix, _VERSIONS, operation_timelines(contracts)))
    page.open(file.as_uri())
    page.wait_for("3 versions, 9 pairs")
    page.wait_for("3.96.4 to 3.110.0:")
    page.click_at('rect[data-row="0"][data-column="2"]')
    page.wait_for("3.66.0 to 3.110.0:")
    page.click_at('rect[data-row="1"][data-column="2"]')
    page.wait_for("3.96.4 to 3.110.0:")
    assert "ocpiTokenId" in page.text()
    page.click_at('rect[data-row="0"][data-column="0"]')
    page.wait_for("3.66.0 to 3.66.0: 0 changes to review")
    page.choose("#new", "1")
    page.wait_for("3.66.0 to 3.96.4:")


def test_a_comparison_is_filtered_by_words_and_severity(page: browser.Page, tmp_path: Path) -> None:
    file = tmp_path / "comparison.html"
    assert main(["diff", "3.96.4", "3.110.0", "--format", "html", "--output", str(file)]) == ExitCode.CONFORM
    page.open(file.as_uri())
    page.wait_for(" shown")
    page.type_into("nav input[type=search]", "ocpiTokenId bookings")
    page.wait_for("2 of ")
    assert "A value went from" not in page.text()
    page.click_at('nav input[value="breaking"]')
    page.wait_for("0 of ")


def test_the_command_writes_the_page_and_both_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["matrix", "--api", "spirii", "--output", str(tmp_path)]) == ExitCode.CONFORM
    assert "1 version, 1 pair, 0 with breaking changes" in capsys.readouterr().out
    for picture in ("matrix.svg", "operations.svg"):
        assert (tmp_path / picture).read_text().startswith("<svg")
