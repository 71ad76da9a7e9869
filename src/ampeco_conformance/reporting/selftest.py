"""Results of running the suite against defects: one row per defect, as a table and as `selftest.json`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from rich.table import Table
from rich.text import Text

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.core.project import COMMAND

SELFTEST_FILE = "selftest.json"
#: The control: no defect, and nothing to be found.
HEALTHY = "healthy"
#: The classes with which nothing is to be found.
CONTROL, VARIANT = "control", "variant"
#: The file, in the folder of a mutation, that holds how many responses were changed.
CHANGED_FILE = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectResult:
    """The suite against one defect. `test`, `check` and `message` are of the first finding; None when there is none.

    `requests` and `items` are counted up to the first finding. `unusable` says why the target could not be used.
    `changed` counts the responses that a mutation has changed.
    """

    defect: str
    area: str
    meaning: str
    test: str | None
    check: str | None
    message: str | None
    unusable: str | None
    items: int
    requests: int
    seconds: float
    changed: int | None = None

    @property
    def is_expected(self) -> bool:
        """Whether the defect was found; for the control and for variants, whether nothing was."""
        return (self.test is None and self.unusable is None) if self._is_correct else self.test is not None

    @property
    def _is_correct(self) -> bool:
        return self.area in (CONTROL, VARIANT)

    @property
    def outcome(self) -> str:
        """The outcome in a few words."""
        if self.test is not None:
            return f"{self.test.partition('[')[0]} [{self.check or 'assertion'}]"
        if self.unusable is not None:
            return f"NOT FOUND: {self.unusable}"
        return "no finding" if self._is_correct else "NOT FOUND"


def folder_of(reports: Path, name: str) -> Path:
    """The reports folder for a defect or a variant."""
    return reports / "selftest" / re.sub(r"[^\w.-]+", "_", name)


def defect_result(
    defect: str, area: str, meaning: str, results: Iterable[ItemResult], seconds: float, changed: int | None = None
) -> DefectResult:
    """The result of a defect, from the results of its items in the order in which they ended."""
    items = requests = 0
    failed: ItemResult | None = None
    unusable: str | None = None
    for result in results:
        items += 1
        requests += result.requests
        unusable = unusable or (result.message if result.status == "broken" else None)
        if result.status == "failed":
            failed = result
            break
    return DefectResult(
        defect=defect,
        area=area,
        meaning=meaning,
        test=failed.node_id if failed else None,
        check=failed.findings[0].check if failed and failed.findings else None,
        message=failed.message if failed else None,
        unusable=unusable,
        items=items,
        requests=requests,
        seconds=round(seconds, 1),
        changed=changed,
    )


def write_selftest(results: Sequence[DefectResult], reports: Path) -> None:
    """Write `selftest.json`; a reader never sees half a file."""
    unfinished = reports / f"{SELFTEST_FILE}.new"
    unfinished.write_bytes(write_json([asdict(result) for result in results], indent=True))
    unfinished.replace(reports / SELFTEST_FILE)


def read_selftest(reports: Path) -> list[DefectResult]:
    """The results of a selftest, also of an interrupted one. Raises ConfigurationError when there are none."""
    path = reports / SELFTEST_FILE
    try:
        return [DefectResult(**content) for content in orjson.loads(path.read_bytes())]
    except (OSError, ValueError, TypeError):
        raise ConfigurationError(f"{path} is not the result of a selftest; run {COMMAND} selftest") from None


def selftest_table(results: Iterable[DefectResult]) -> Table:
    """The table for a terminal."""
    table = Table("Defect", "Class", "Found by", box=None, header_style="bold")
    for column in ("Requests", "Seconds"):
        table.add_column(column, justify="right")
    for result in results:
        style = None if result.is_expected else "bold red"
        cells = (result.defect, result.area, result.outcome, str(result.requests), f"{result.seconds:.1f}")
        table.add_row(*map(Text, cells), style=style)
    return table


def selftest_markdown(results: Iterable[DefectResult]) -> str:
    """The table for a document."""
    lines = [
        "| Defect | Class | What it does | Found by | Check | Requests | Seconds |",
        "| --- " * 5 + "| ---: | ---: |",
    ]
    for result in results:
        test = (result.test or result.outcome).partition("[")[0]
        cells = (
            result.defect,
            result.area,
            result.meaning,
            f"`{test}`",
            result.check or "",
            result.requests,
            result.seconds,
        )
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
