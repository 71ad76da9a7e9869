"""The charts of the verdict page."""

from collections.abc import Sequence

from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.pages import Chart, Shape
from ampeco_conformance.reporting.history import PastRun
from ampeco_conformance.reporting.labels import moment

_ROW, _LABEL = 17, 250
_WIDTH = 900
_BAR_HEIGHT = 120
#: The width of a date.
_DATE = 80
_COLOURS = {"go": "good", "no-go": "bad", "partial": "pale"}
#: The decisions of runs whose release wrote only an exit code.
_EARLIER_DECISIONS = {0: "go", 1: "no-go"}


def causes_over_time(runs: Sequence[PastRun]) -> Chart:
    """One bar per run, as high as its findings are many; the colour is its verdict."""
    most = max((run.number_of_causes for run in runs), default=0) or 1
    step = min(40, _WIDTH // max(1, len(runs)))
    shapes = [_text(0, 20, str(most)), _text(0, _BAR_HEIGHT, "0")]
    for number, run in enumerate(runs):
        height = 3 + (_BAR_HEIGHT - 20) * run.number_of_causes // most
        title = f"{moment(run.at)}, {', '.join(run.versions)}: {counted(run.number_of_causes, 'cause')}"
        shapes.append(_bar(_colour(run), 40 + number * step, _BAR_HEIGHT - height, step - 4, height, title))
    shapes += _dates(runs, 40, (len(runs) - 1) * step, _BAR_HEIGHT + 16)
    return Chart(max(2 * _DATE, 40 + len(runs) * step), _BAR_HEIGHT + 20, "Causes in each run", shapes)


def runs_by_version(runs: Sequence[PastRun]) -> Chart:
    """One row per version, one dot per run of it, from the oldest to the newest; the colour is its verdict."""
    versions = sorted({", ".join(run.versions) for run in runs}, reverse=True, key=_version_key)
    step = min(30, (_WIDTH - _LABEL) // max(1, len(runs)))
    shapes: list[Shape] = []
    for number, version in enumerate(versions):
        y = number * _ROW + 10
        rail = {"class": "rail", "x1": 110, "x2": 120 + len(runs) * step, "y1": y, "y2": y}
        shapes += [_text(0, y + 4, version), Shape("line", rail)]
    for number, run in enumerate(runs):
        y = versions.index(", ".join(run.versions)) * _ROW + 10
        dot = {"class": _colour(run), "cx": 120 + number * step, "cy": y, "r": 5}
        shapes.append(Shape("circle", dot, title=f"{moment(run.at)}: {counted(run.number_of_causes, 'cause')}"))
    shapes += _dates(runs, 120, (len(runs) - 1) * step, len(versions) * _ROW + 18)
    return Chart(
        max(120 + 2 * _DATE, 140 + len(runs) * step), len(versions) * _ROW + 22, "Runs of each version", shapes
    )


def _dates(runs: Sequence[PastRun], left: int, width: int, y: int) -> list[Shape]:
    """The days of the first and the last run below a chart; one where they are close."""
    days = [moment(run.at).partition(" ")[0] for run in runs]
    return [_text(left, y, days[0]), *([_text(left + width, y, days[-1])] if width > _DATE else [])]


def _bar(colour: str, x: int, y: int, width: int, height: int, title: str) -> Shape:
    attributes = {"class": colour, "x": x, "y": y, "width": width, "height": height, "rx": 2}
    return Shape("rect", attributes, title=title)


def _text(x: int, y: int, text: str) -> Shape:
    return Shape("text", {"x": x, "y": y}, text)


def _colour(run: PastRun) -> str:
    return _COLOURS.get(run.decision or _EARLIER_DECISIONS.get(run.exit_code, ""), "odd")


def _version_key(version: str) -> list[int]:
    return [int(part) for part in version.partition(",")[0].split(".") if part.isdigit()]
