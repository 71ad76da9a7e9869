"""Results of running the scenarios against variants of the emulator: nothing may fail, and each skip has its reason."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.table import Table
from rich.text import Text

from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.core.json_values import write_json

VARIANTS_FILE, VARIANTS_PAGE = "variants.json", "variants.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantResult:
    """The scenarios with one variant: how many passed, what failed with its message, how many each reason skipped.

    Of the reasons, those that skip the same scenario without a variant are left out. `is_complete` says whether all
    scenarios ended.
    """

    variant: str
    area: str
    meaning: str
    passed: int
    failed: Mapping[str, str] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    requests: int
    is_complete: bool

    @property
    def is_expected(self) -> bool:
        """Whether nothing failed, and nothing was left out."""
        return self.is_complete and not self.failed


def variant_result(
    variant: str, area: str, meaning: str, results: Sequence[ItemResult], control: Collection[ItemResult]
) -> VariantResult:
    """The result of a variant, from the results of its scenarios and of those without a variant."""
    known = {(result.node_id, result.reason) for result in control if result.status == "skipped"}
    skipped = Counter(
        (result.reason or "").strip()
        for result in results
        if result.status == "skipped" and (result.node_id, result.reason) not in known
    )
    return VariantResult(
        variant=variant,
        area=area,
        meaning=meaning,
        passed=sum(result.status == "passed" for result in results),
        failed={result.node_id: result.message or "" for result in results if result.is_failure},
        skipped=dict(skipped.most_common()),
        requests=sum(result.requests for result in results),
        is_complete=0 < len(control) <= len(results),
    )


def variants_table(results: Iterable[VariantResult]) -> Table:
    """The table for a terminal."""
    table = Table("Variant", "What it does", box=None, header_style="bold")
    for column in ("Passed", "Skipped", "Failed", "Requests"):
        table.add_column(column, justify="right")
    for result in results:
        counts = (result.passed, sum(result.skipped.values()), len(result.failed), result.requests)
        cells = (result.variant, result.meaning, *map(str, counts))
        table.add_row(*map(Text, cells), style=None if result.is_expected else "bold red")
    return table


def variants_markdown(results: Sequence[VariantResult]) -> str:
    """The table for a document, then each reason for which scenarios were skipped, and what failed."""
    lines = [
        "| Variant | Class | What it does | Passed | Skipped | Failed | Requests |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for result in results:
        counts = (result.passed, sum(result.skipped.values()), len(result.failed), result.requests)
        cells = (f"`{result.variant}`", result.area, result.meaning, *counts)
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    for result in results:
        if result.skipped or result.failed:
            lines += ["", f"### {result.variant}", ""]
            lines += [f"- {number} skipped: {reason}" for reason, number in result.skipped.items()]
            lines += [f"- **failed**: `{test}`: {message}" for test, message in result.failed.items()]
    return "\n".join(lines) + "\n"


def write_variants(results: Sequence[VariantResult], head: str, reports: Path) -> None:
    """Write `variants.json` and `variants.md`."""
    content = [
        {
            "variant": result.variant,
            "class": result.area,
            "meaning": result.meaning,
            "passed": result.passed,
            "failed": dict(result.failed),
            "skipped": dict(result.skipped),
            "requests": result.requests,
            "complete": result.is_complete,
        }
        for result in results
    ]
    (reports / VARIANTS_FILE).write_bytes(write_json(content, indent=True))
    (reports / VARIANTS_PAGE).write_text(f"{head}\n\n{variants_markdown(results)}", encoding="utf-8")
