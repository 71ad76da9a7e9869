"""Writes the tables of exit codes in the documentation: `.venv/bin/python -m tools.exit_codes`."""

import re

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.core.project import PROJECT

#: The pages with a table of exit codes, and its columns.
PAGES = {
    PROJECT / "README.md": ("code", "meaning"),
    PROJECT / "docs" / "guide" / "ci.md": ("code", "meaning", "advice"),
}


def updated(text: str, columns: tuple[str, ...]) -> str:
    """The text of a page with a current table."""
    rows = [{"code": str(int(code)), "meaning": code.meaning, "advice": code.advice} for code in ExitCode]
    lines = [columns, ("---",) * len(columns), *([row[column] for column in columns] for row in rows)]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    new, count = re.subn(r"^\| (exit )?code \| meaning \|.*\n(\|.*\n)+", lambda _: table, text, flags=re.MULTILINE)
    assert count == 1, f"{count} tables of exit codes"
    return new


if __name__ == "__main__":
    for page, columns in PAGES.items():
        page.write_text(updated(page.read_text(encoding="utf-8"), columns), encoding="utf-8")
