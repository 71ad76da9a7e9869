"""The matrix as SVG pictures and as one HTML page."""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from ampeco_conformance.compatibility.matrix import Cell, Matrix, OperationState, OperationTimeline
from ampeco_conformance.compatibility.rendering.html import fill

_PAGE = Path(__file__).with_name("matrix.html")
_CELL = 14
_LABEL = 70
_COLOURS = {OperationState.PRESENT: "#2e7d32", OperationState.DEPRECATED: "#ef8f00"}
_STYLE = "<style>text{font:10px system-ui,sans-serif;fill:#555}</style>"


def heat_map(matrix: Matrix) -> str:
    """An SVG: rows are the version one comes from, columns the version one goes to."""
    size = _LABEL + _CELL * len(matrix.versions)
    most = max((cell.breaking for row in matrix.cells for cell in row), default=0)
    parts = [_open(size, size, "Breaking changes from each version (row) to each other (column)")]
    for index, version in enumerate(matrix.versions):
        middle = _LABEL + index * _CELL + _CELL / 2
        parts.append(f'<text x="{_LABEL - 6}" y="{middle + 3}" text-anchor="end">{escape(version)}</text>')
        parts.append(f'<text transform="translate({middle + 3} {_LABEL - 6}) rotate(-90)">{escape(version)}</text>')
    for row, cells in enumerate(matrix.cells):
        for column, cell in enumerate(cells):
            x, y = _LABEL + column * _CELL, _LABEL + row * _CELL
            title = f"{matrix.versions[row]} to {matrix.versions[column]}: {_told(cell)}"
            colour = _colour(cell, most, row == column)
            parts.append(
                f'<rect x="{x}" y="{y}" width="{_CELL - 1}" height="{_CELL - 1}" fill="{colour}"'
                f' data-row="{row}" data-column="{column}"><title>{escape(title)}</title></rect>'
            )
    return "".join([*parts, "</svg>"])


def timeline_chart(versions: Sequence[str], lines: Sequence[OperationTimeline]) -> str:
    """An SVG with a line for each operation to which something happened."""
    eventful = [line for line in lines if line.eventful]
    left = 560
    width, height = left + _CELL * len(versions), _LABEL + _CELL * len(eventful)
    parts = [_open(width, height, "Operations through the versions: green present, orange deprecated")]
    for index, version in enumerate(versions):
        x = left + index * _CELL + _CELL / 2 + 3
        parts.append(f'<text transform="translate({x} {_LABEL - 6}) rotate(-90)">{escape(version)}</text>')
    for row, line in enumerate(eventful):
        y = _LABEL + row * _CELL
        parts.append(f'<text x="{left - 6}" y="{y + 10}" text-anchor="end">{escape(_shortened(line.operation))}</text>')
        for column, life in enumerate(line.states):
            if life in _COLOURS:
                title = f"{line.operation}: {life} in {versions[column]}"
                parts.append(
                    f'<rect x="{left + column * _CELL}" y="{y + 3}" width="{_CELL}" height="{_CELL - 6}"'
                    f' fill="{_COLOURS[life]}"><title>{escape(title)}</title></rect>'
                )
    return "".join([*parts, "</svg>"])


def matrix_page(matrix: Matrix, lines: Sequence[OperationTimeline]) -> str:
    """A self-contained page: the heat map, with the list of a pair on click, and the life lines."""
    texts = {text: number for number, text in enumerate(dict.fromkeys(_all_texts(matrix)))}
    lists = [[[texts[text] for text in cell.told] for cell in row] for row in matrix.cells]
    data = json.dumps({"versions": matrix.versions, "texts": list(texts), "lists": lists}, separators=(",", ":"))
    return fill(
        _PAGE,
        {
            "SUMMARY": f"{len(matrix.versions)} versions, {len(matrix.versions) ** 2} pairs",
            "MAP": heat_map(matrix),
            "LIVES": timeline_chart(matrix.versions, lines),
            "DATA": data.replace("</", "<\\/"),
        },
    )


def _all_texts(matrix: Matrix) -> list[str]:
    return [text for row in matrix.cells for cell in row for text in cell.told]


def _open(width: float, height: float, title: str) -> str:
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img"><title>{escape(title)}</title>{_STYLE}'


def _colour(cell: Cell, most: int, same: bool) -> str:
    """Grey on the diagonal, green for nothing, yellow for doubts, red for breaking: the darker the more."""
    if same:
        return "#bbb"
    if cell.breaking:
        return f"hsl(4 70% {75 - 40 * cell.breaking / most:.0f}%)"
    return "#ffd54f" if cell.maybe else "#a5d6a7" if cell.safe else "#c8e6c9"


def _told(cell: Cell) -> str:
    return f"{cell.breaking} breaking, {cell.maybe} maybe, {cell.safe} safe changes"


def _shortened(label: str) -> str:
    label = label.replace("/public-api/", "/")
    return label if len(label) <= 100 else f"{label[:99]}…"
