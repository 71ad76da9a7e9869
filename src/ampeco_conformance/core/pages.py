"""Renders HTML pages and SVG charts with Jinja2.

All pages extend `templates/base.html`. Whatever is filled in is escaped, and a page loads nothing from elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ampeco_conformance.core.counting import counted

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Shape:
    """One SVG element; `title` is its tooltip, `text` its content."""

    element: str
    attributes: Mapping[str, object]
    text: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """An SVG picture; its shapes have the classes and colours of `templates/chart.css`. Sizes are pixels."""

    width: float
    height: float
    label: str
    shapes: Sequence[Shape] = field(default=())


def render_page(template: Path, **values: object) -> str:
    """The page that a template makes of the values. The template may extend and import those of this package."""
    return _environment(template.parent).get_template(template.name).render(**values)


def render_picture(chart: Chart) -> str:
    """A chart as an SVG file of its own."""
    return _environment(_TEMPLATES).get_template("picture.svg").render(chart=chart)


@cache
def _environment(folder: Path) -> "Environment":
    # Imported here because the test processes, which import the writers, render nothing.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([folder, _TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["counted"] = counted
    return environment
