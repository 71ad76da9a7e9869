"""The results of mutations: what found each, and the score by operator and by resource."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from rich.table import Table
from rich.text import Text

from ampeco_conformance.emulator_client.mutations import DrawnMutation
from ampeco_conformance.reporting.selftest import DefectResult

MUTATIONS_FILE, MUTATIONS_PAGE = "mutations.json", "mutations.md"
FOUND, UNREACHED, UNKNOWABLE, MISSED = "found", "never reached", "cannot be known", "not found"


@dataclass(frozen=True, slots=True)
class MutationResult:
    """What became of a mutation; `reason` says why it cannot be known."""

    mutation: DrawnMutation
    tried: DefectResult
    reason: str | None = None

    @property
    def outcome(self) -> str:
        """One of the four outcomes."""
        if self.tried.test is not None:
            return FOUND
        if not self.tried.changed:
            return UNREACHED
        return MISSED if self.reason is None else UNKNOWABLE

    @property
    def explanation(self) -> str:
        """What found it, or why nothing could."""
        if self.outcome == FOUND:
            return self.tried.outcome
        return self.tried.unusable or (self.reason if self.outcome == UNKNOWABLE and self.reason else self.outcome)


def mutation_results(
    mutations: Iterable[DrawnMutation],
    tried: Iterable[DefectResult],
    why_unknowable: Callable[[DrawnMutation], str | None],
) -> list[MutationResult]:
    """The results of the mutations that were tried, in the order in which they were drawn."""
    by_name = {result.defect: result for result in tried}
    return [
        MutationResult(mutation, by_name[mutation.name], why_unknowable(mutation))
        for mutation in mutations
        if mutation.name in by_name
    ]


def score(results: Iterable[MutationResult]) -> str:
    """How many of the mutations that can be known were found: `57 of 60 (95 %)`."""
    counted = [result.outcome for result in results if result.outcome in (FOUND, MISSED)]
    found = counted.count(FOUND)
    return f"{found} of {len(counted)} ({100 * found / len(counted):.0f} %)" if counted else "none"


def summary(results: Sequence[MutationResult]) -> list[str]:
    """One line for the mutations that leave the schema, and one for those that keep it."""
    lines = []
    for keeps, name in ((False, "leave"), (True, "keep")):
        group = [result for result in results if result.mutation.keeps_schema == keeps]
        others = [result.outcome for result in group]
        rest = f"{others.count(UNREACHED)} never reached, {others.count(UNKNOWABLE)} cannot be known"
        lines.append(f"{len(group)} mutations {name} the schema: {score(group)} found; {rest}")
    return lines


def write_mutations(results: Sequence[MutationResult], head: str, reports: Path) -> None:
    """Write `mutations.json` and `mutations.md`."""
    rows = [
        asdict(result.mutation)
        | {"outcome": result.outcome, "explanation": result.explanation, "tried": asdict(result.tried)}
        for result in results
    ]
    (reports / MUTATIONS_FILE).write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
    (reports / MUTATIONS_PAGE).write_text(f"{head}\n\n{mutations_markdown(results)}", encoding="utf-8")


def mutations_table(results: Iterable[MutationResult]) -> Table:
    """The table for a terminal."""
    table = Table("Mutation", "Operation", "Place", "Found by", box=None, header_style="bold")
    for column in ("Requests", "Seconds"):
        table.add_column(column, justify="right")
    for result in results:
        mutation, tried = result.mutation, result.tried
        cells = (mutation.operator, mutation.operation, mutation.place, result.explanation)
        style = "bold red" if result.outcome == MISSED else None if result.outcome == FOUND else "dim"
        table.add_row(*map(Text, (*cells, str(tried.requests), f"{tried.seconds:.1f}")), style=style)
    return table


def mutations_markdown(results: Sequence[MutationResult]) -> str:
    """The scores, then all mutations that were not found, then those that were, for a document."""
    by_outcome = {
        outcome: [result for result in results if result.outcome == outcome]
        for outcome in (MISSED, UNKNOWABLE, UNREACHED, FOUND)
    }
    parts = ["\n".join(f"- {line}." for line in summary(results))]
    parts += [_scores("Operator", results, lambda result: result.mutation.operator)]
    parts += [_scores("Resource", results, lambda result: result.mutation.resource)]
    for outcome, group in by_outcome.items():
        if group:
            parts.append(f"## {outcome.capitalize()}\n\n{_rows(group)}")
    return "\n\n".join(parts) + "\n"


def _scores(title: str, results: Iterable[MutationResult], key: Callable[[MutationResult], str]) -> str:
    groups: dict[str, list[MutationResult]] = {}
    for result in results:
        groups.setdefault(key(result), []).append(result)
    lines = [f"| {title} | Tried | Found of those that can be known | Never reached | Cannot be known |"]
    lines.append("| --- | ---: | ---: | ---: | ---: |")
    for name, group in sorted(groups.items()):
        outcomes = [result.outcome for result in group]
        cells = (name, len(group), score(group), outcomes.count(UNREACHED), outcomes.count(UNKNOWABLE))
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def _rows(results: Iterable[MutationResult]) -> str:
    lines = [
        "| Mutation | Operation | Place | By, or why | Requests | Seconds |",
        "| --- " * 4 + "| ---: | ---: |",
    ]
    for result in results:
        mutation, tried = result.mutation, result.tried
        cells = (mutation.operator, f"`{mutation.operation}`", f"`{mutation.place}`", result.explanation)
        lines.append("| " + " | ".join(map(str, (*cells, tried.requests, tried.seconds))) + " |")
    return "\n".join(lines)
