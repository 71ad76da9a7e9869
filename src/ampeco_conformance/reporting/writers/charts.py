"""Charts as inline SVG, drawn by plain functions; colours are classes, which the page's style sheet defines."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from ampeco_conformance.reporting.history import PastRun
from ampeco_conformance.reporting.labels import count, moment
from ampeco_conformance.reporting.verdict import Coverage, Slowness

_ROW, _CELL, _LABEL = 17, 30, 250
_WIDTH = 900
_BAR_HEIGHT = 120
_DECISIONS = {0: "good", 1: "bad", 5: "bad"}
_NOTHING = Markup("")


def heat_map(coverage: Sequence[Coverage]) -> Markup:
    """Tags by aspects: how many operations were seen succeeding, and how the items of each aspect ended."""
    aspects = sorted({aspect for row in coverage for aspect in row.aspects})
    columns = ["seen succeeding", *aspects]
    top = 8 + max(len(name) for name in columns) * 6
    heads = [
        Markup('<text transform="translate({} {}) rotate(-60)">{}</text>').format(
            _LABEL + number * _CELL + 16, top - 5, name.replace("_", " ")
        )
        for number, name in enumerate(columns)
    ]
    rows = [_heat_row(row, aspects, top + number * _ROW) for number, row in enumerate(coverage)]
    width = _LABEL + len(columns) * _CELL + top // 2
    return _svg(width, top + len(coverage) * _ROW, "Operations by tag and aspect", [*heads, *rows])


def findings_over_time(runs: Sequence[PastRun]) -> Markup:
    """One bar per run, as high as its findings are many; the colour is its verdict."""
    most = max((len(run.findings) for run in runs), default=0) or 1
    step = min(40, _WIDTH // max(1, len(runs)))
    bars = []
    for number, run in enumerate(runs):
        height = 3 + (_BAR_HEIGHT - 20) * len(run.findings) // most
        title = f"{moment(run.at)}, {', '.join(run.versions)}: {count(len(run.findings), 'finding')}"
        bars.append(
            Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"><title>{}</title></rect>').format(
                _colour(run), 40 + number * step, _BAR_HEIGHT - height, step - 4, height, title
            )
        )
    scale = Markup('<text x="0" y="20">{}</text><text x="0" y="{}">0</text>').format(most, _BAR_HEIGHT)
    return _svg(40 + len(runs) * step, _BAR_HEIGHT + 4, "Findings in each run", [scale, *bars])


def life_line(runs: Sequence[PastRun]) -> Markup:
    """One row per version, one dot per run of it, from the oldest to the newest; the colour is its verdict."""
    versions = sorted({", ".join(run.versions) for run in runs}, reverse=True, key=_version_key)
    step = min(30, (_WIDTH - _LABEL) // max(1, len(runs)))
    parts = [
        Markup('<text x="0" y="{}">{}</text><line class="rail" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            number * _ROW + 14, version, 110, 120 + len(runs) * step, number * _ROW + 10, number * _ROW + 10
        )
        for number, version in enumerate(versions)
    ]
    parts += [
        Markup('<circle class="{}" cx="{}" cy="{}" r="5"><title>{}</title></circle>').format(
            _colour(run),
            120 + number * step,
            versions.index(", ".join(run.versions)) * _ROW + 10,
            f"{moment(run.at)}: {count(len(run.findings), 'finding')}",
        )
        for number, run in enumerate(runs)
    ]
    return _svg(140 + len(runs) * step, len(versions) * _ROW + 6, "Runs of each version", parts)


def slowest_operations(slowest: Sequence[Slowness], most: int = 15) -> Markup:
    """Bars from the median to the 95th percentile of the slowest operations, in milliseconds."""
    shown = slowest[:most]
    longest = max((each.p95 for each in shown), default=0) or 1
    label = 470
    room = _WIDTH - label - 80
    parts = []
    for number, each in enumerate(shown):
        y = number * _ROW
        median, p95 = (max(2, room * value / longest) for value in (each.median, each.p95))
        parts.append(
            Markup(
                '<g><title>{}</title><text x="0" y="{}">{}</text>'
                '<rect class="pale" x="{}" y="{}" width="{:.0f}" height="11" rx="2"/>'
                '<rect class="accent" x="{}" y="{}" width="{:.0f}" height="11" rx="2"/>'
                '<text x="{:.0f}" y="{}">{:g} ms</text></g>'
            ).format(
                f"{each.operation}: median {each.median:g} ms, 95 % within {each.p95:g} ms, "
                f"longest {each.longest:g} ms, {count(each.requests, 'request')}",
                *(y + 13, _cut(each.operation, 72)),
                *(label, y + 3, p95),
                *(label, y + 3, median),
                *(label + p95 + 6, y + 13, each.p95),
            )
        )
    return _svg(_WIDTH, len(shown) * _ROW + 4, "Response times of the slowest operations", parts)


def _heat_row(row: Coverage, aspects: Sequence[str], y: int) -> Markup:
    label = Markup('<text x="0" y="{}">{}</text>').format(y + 12, _cut(row.tag, 40))
    reached = {"passed": row.reached, "skipped": row.operations - row.reached}
    said = f"{row.tag}: {row.reached} of {row.operations} operations seen succeeding"
    cells = [_cell(reached, said, 0, y, f"{row.reached}/{row.operations}")]
    for number, aspect in enumerate(aspects, start=1):
        if counts := row.aspects.get(aspect):
            told = ", ".join(f"{many} {status}" for status, many in sorted(counts.items()))
            cells.append(_cell(counts, f"{row.tag}, {aspect.replace('_', ' ')}: {told}", number, y))
    return label + _NOTHING.join(cells)


def _cell(counts: Mapping[str, int], title: str, column: int, y: int, text: str = "") -> Markup:
    """A cell: red where anything failed, else from grey to green with the share that passed."""
    share = counts.get("passed", 0) / sum(counts.values())
    colour = "bad" if counts.get("failed") else "odd" if counts.get("broken") else f"share{round(share * 4)}"
    x = _LABEL + column * _CELL
    rect = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"><title>{}</title></rect>').format(
        colour, x, y, _CELL - 2, _ROW - 2, title
    )
    if not text:
        return rect
    return rect + Markup('<text class="inside" x="{}" y="{}">{}</text>').format(x + _CELL // 2 - 1, y + 12, text)


def _colour(run: PastRun) -> str:
    return _DECISIONS.get(run.exit_code, "odd")


def _version_key(version: str) -> list[int]:
    return [int(part) for part in version.partition(",")[0].split(".") if part.isdigit()]


def _cut(text: str, most: int) -> str:
    """A text that is not too long for its place; the end of a path says more than its beginning."""
    short = text.replace("/public-api/", "/")
    return short if len(short) <= most else f"{short[: most // 3]}…{short[-(most - most // 3 - 1) :]}"


def _svg(width: int, height: int, label: str, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" width="{}" role="img" aria-label="{}">{}</svg>').format(
        width, height, width, label, _NOTHING.join(parts)
    )
