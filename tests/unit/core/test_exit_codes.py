"""Every exit code has one meaning, which the help and the documentation repeat."""

from pathlib import Path

import pytest

from ampeco_conformance.cli.main import conform
from ampeco_conformance.core.errors import ExitCode
from tools.exit_codes import PAGES, updated


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_tables_of_the_documentation_are_current(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == updated(text, PAGES[page]), "run .venv/bin/python -m tools.exit_codes"


def test_the_help_lists_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    conform.main(["--help"], standalone_mode=False)
    listed = capsys.readouterr().out.partition("Exit codes:")[2]
    assert all(f"  {int(code)} " in listed for code in ExitCode)
    assert [ExitCode(int(code)) for code in ExitCode] == list(ExitCode)
