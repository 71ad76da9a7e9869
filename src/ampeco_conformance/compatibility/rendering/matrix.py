"""The matrix as SVG pictures and as one HTML page."""

from collections.abc import Sequence
from pathlib import Path

from ampeco_conformance.apis import without_prefix
from ampeco_conformance.compatibility.matrix import Cell, Matrix, OperationState, OperationTimeline
from ampeco_conformance.core.pages import Chart, Shape, render_page

_PAGE = Path(__file__).with_name("templates") / "matrix.html"
_CELL = 14
_LABEL = 70
_COLOURS = {OperationState.PRESENT: "good", OperationState.DEPRECATED: "odd"}


def heat_map(matrix: Matrix) -> Chart:
    """Rows are the old version, columns the new one."""
    size = _LABEL + _CELL * len(matrix.versions)
    most = max((cell.breaking for row in matrix.cells for cell in row), default=0)
    shapes: list[Shape] = []
    for index, version in enumerate(matrix.versions):
        middle = _LABEL + index * _CELL + _CELL // 2
        shapes += [
            Shape("text", {"class": "small end", "x": _LABEL - 6, "y": middle + 3}, version),
            _upright(middle + 3, version),
        ]
    for row, cells in enumerate(matrix.cells):
        for column, cell in enumerate(cells):
            attributes = {
                **{"x": _LABEL + column * _CELL, "y": _LABEL + row * _CELL, "width": _CELL - 1, "height": _CELL - 1},
                **_colour(cell, most, row == column),
                **{"data-row": row, "data-column": column},
            }
            title = f"{matrix.versions[row]} to {matrix.versions[column]}: {_counts(cell)}"
            shapes.append(Shape("rect", attributes, title=title))
    shapes.append(Shape("path", {"class": "hatch", "d": _hatching(matrix)}))
    label = "Breaking changes from each version (row) to each other (column); hatched: fields of a version not known"
    return Chart(size, size, label, shapes)


def timeline_chart(versions: Sequence[str], lines: Sequence[OperationTimeline]) -> Chart:
    """A line for each operation that was added, deprecated or removed."""
    eventful = [line for line in lines if line.eventful]
    left = 560
    shapes = [_upright(left + index * _CELL + _CELL // 2 + 3, version) for index, version in enumerate(versions)]
    for row, line in enumerate(eventful):
        y = _LABEL + row * _CELL
        shapes.append(Shape("text", {"class": "small end", "x": left - 6, "y": y + 10}, _shortened(line.operation)))
        for column, state in enumerate(line.states):
            if state in _COLOURS:
                bar = {"x": left + column * _CELL, "y": y + 3, "width": _CELL, "height": _CELL - 6}
                title = f"{line.operation}: {state} in {versions[column]}"
                shapes.append(Shape("rect", {"class": _COLOURS[state], **bar}, title=title))
    label = "Operations through the versions: green present, orange deprecated"
    return Chart(left + _CELL * len(versions), _LABEL + _CELL * len(eventful), label, shapes)


def matrix_page(matrix: Matrix, versions: Sequence[str], lines: Sequence[OperationTimeline]) -> str:
    """One page: the heat map, which lists the changes of a pair on click, and the timelines through all `versions`."""
    texts = {text: number for number, text in enumerate(dict.fromkeys(_all_texts(matrix)))}
    return render_page(
        _PAGE,
        title="Compatibility of all versions",
        versions=len(matrix.versions),
        heat_map=heat_map(matrix),
        timelines=timeline_chart(versions, lines),
        data={
            "versions": matrix.versions,
            "texts": list(texts),
            "lists": [[[texts[text] for text in cell.messages] for cell in row] for row in matrix.cells],
        },
    )


def _hatching(matrix: Matrix) -> str:
    """A stroke over every pair of which a version's fields are not known."""
    size = len(matrix.versions)
    pairs = ((row, column) for row in range(size) for column in range(size) if row != column)
    return "".join(
        f"M{_LABEL + column * _CELL} {_LABEL + row * _CELL + _CELL - 1}l{_CELL - 1} {1 - _CELL}"
        for row, column in pairs
        if not (matrix.known[row] and matrix.known[column])
    )


def _all_texts(matrix: Matrix) -> list[str]:
    return [text for row in matrix.cells for cell in row for text in cell.messages]


def _upright(x: int, text: str) -> Shape:
    return Shape("text", {"class": "small", "transform": f"translate({x} {_LABEL - 6}) rotate(-90)"}, text)


def _colour(cell: Cell, most: int, same: bool) -> dict[str, str]:
    """Grey on the diagonal, green when nothing breaks, yellow for doubts, red for breaking: the darker the more."""
    if same:
        return {"class": "none"}
    if cell.breaking:
        return {"fill": f"hsl(4 70% {75 - 40 * cell.breaking / most:.0f}%)"}
    return {"fill": "#ffd54f"} if cell.maybe else {"class": "share2" if cell.safe else "share1"}


def _counts(cell: Cell) -> str:
    return f"{cell.breaking} breaking, {cell.maybe} maybe, {cell.safe} safe changes"


def _shortened(label: str) -> str:
    label = without_prefix(label)
    return label if len(label) <= 100 else f"{label[:99]}…"
